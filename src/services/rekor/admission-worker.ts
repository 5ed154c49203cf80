/** A thread of admission-pool.ts: bodies in, entries or refusals out. */
import { parentPort, workerData } from "node:worker_threads";
import { isSigstoreError } from "../../errors.ts";
import type { AdmissionAnswer, AdmissionTask } from "./admission-pool.ts";
import { admitBody } from "./admission-port.ts";

const allowed = new Set(workerData as readonly string[]);

function answerTo({ id, body }: AdmissionTask): AdmissionAnswer {
  try {
    return { id, entry: admitBody(body, allowed) };
  } catch (error) {
    if (!isSigstoreError(error)) return { id, failure: String(error) };
    const { code, message, hint } = error;
    return { id, refusal: { code, message, hint } };
  }
}

parentPort?.on("message", (task: AdmissionTask) => parentPort?.postMessage(answerTo(task), []));
