/**
 * `npm run conformance`: the public sigstore-conformance cases, each by path and by digest.
 *
 * First in process, where a refusal's code is compared with the one that was expected beforehand; then each again through
 * the executable that the public harness drives. Cases come from SIGSTORE_VECTORS, `../shared/vectors`, or the checkout of
 * the suite that `--cases FOLDER` names.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Suite } from "../suite.ts";
import { skipReason, vectorsPath } from "../vectors-path.ts";
import { listCalls } from "./cases.ts";
import type { Call } from "./cases.ts";
import { runClient } from "./client.ts";
import { EXPECTED_REFUSALS } from "./expected.ts";
import { runSigningCases } from "./sign-cases.ts";

const { values } = parseArgs({ options: { cases: { type: "string" }, without: { type: "string", multiple: true } } });
const folder = values.cases ?? vectorsPath("sigstore-conformance", "bundle-verify");
const suite = new Suite("conformance");
if (folder !== undefined) await runCases(folder);
else suite.needs("vectors", false, String(skipReason));
await runSigningCases(suite, runExecutable);
suite.finish();

async function runCases(cases: string): Promise<void> {
  const calls = listCalls(cases);
  for (const call of calls) await suite.case(call.label, () => checkCall(call));
  await runThroughExecutable(calls);
}

/** Returns what to print beside the case; throws when the answer is not the expected one. */
function checkCall({ caseName, argv }: Call): string {
  const answer = runClient(argv);
  if (!caseName.endsWith("_fail")) {
    if (!answer.verified) throw new Error(`expected verified, got ${answer.code ?? "no"}: ${answer.message}`);
    return "verified";
  }
  if (answer.verified) throw new Error("expected a refusal, got verified");
  const expected = EXPECTED_REFUSALS[caseName];
  if (expected === undefined)
    throw new Error(`expected the case to be listed in expected.ts, got ${answer.code}: ${answer.message}`);
  if (answer.code !== expected.code)
    throw new Error(`expected ${expected.code}, got ${answer.code}: ${answer.message}`);
  return `refused: ${answer.code}${expected.note === undefined ? "" : ` (${expected.note})`}`;
}

async function runThroughExecutable(calls: readonly Call[]): Promise<void> {
  const waiting = [...calls];
  const worker = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      const { caseName, label, argv } = call;
      await suite.case(`executable: ${label}`, async () => {
        const exitCode = await runExecutable(argv);
        const expected = caseName.endsWith("_fail") ? 1 : 0;
        if (exitCode !== expected) throw new Error(`expected exit code ${expected}, got ${exitCode}`);
        return `exit ${exitCode}`;
      });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

function runExecutable(argv: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(import.meta.dirname, "client"), argv, { stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", resolve);
  });
}
