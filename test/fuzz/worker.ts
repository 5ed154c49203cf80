/**
 * The thread in which inputs are tried. It tells where it is before each one, so that its supervisor knows which input it
 * hangs or dies in.
 */
import { parentPort, workerData } from "node:worker_threads";
import { runTarget, tryInput } from "./campaign.ts";
import type { TargetReport } from "./campaign.ts";
import type { FuzzOptions } from "./options.ts";
import { planTargets } from "./plan.ts";
import type { PlannedTarget } from "./plan.ts";
import { SELF_CHECK, selfCheckTargets } from "./self-check.ts";
import { allCases, makeTargets } from "./targets.ts";
import type { AllTargets } from "./targets.ts";

/** What the worker is started with. `places` is shared: number of the target, number of the input, ticks. */
export interface WorkerTask {
  readonly options: FuzzOptions;
  /** Where to begin: after a hang, the input that hung or the one after it. */
  readonly resume: { readonly target: number; readonly index: number } | undefined;
  readonly places: Int32Array<SharedArrayBuffer>;
}

/** What the worker says. */
export type WorkerMessage =
  | { readonly kind: "planned"; readonly targets: readonly { readonly name: string; readonly inputs: number }[] }
  | { readonly kind: "report"; readonly report: TargetReport };

const { options, resume, places } = workerData as WorkerTask;
const post = (message: WorkerMessage): void => parentPort?.postMessage(message);

const plan = planTargets(await targetsFor(options), options);
post({ kind: "planned", targets: plan.map(({ target, from, to }) => ({ name: target.name, inputs: to - from })) });
if (options.input === undefined) {
  for (const [position, planned] of plan.entries()) {
    if (resume === undefined || position >= resume.target) await runPlanned(position, planned);
  }
} else {
  await repeatInput(plan, options.input);
}

async function targetsFor({ only }: FuzzOptions): Promise<AllTargets> {
  if (only.startsWith(SELF_CHECK)) return { parsers: selfCheckTargets(), verifications: [] };
  return makeTargets(await allCases());
}

async function runPlanned(position: number, { target, from, to }: PlannedTarget): Promise<void> {
  const begin = resume?.target === position ? Math.max(from, resume.index) : from;
  const tick = (index: number): void => {
    Atomics.store(places, 0, position);
    Atomics.store(places, 1, index);
    Atomics.add(places, 2, 1);
  };
  post({ kind: "report", report: await runTarget(target, options.seed, begin, to, tick) });
}

async function repeatInput([planned, ...others]: readonly PlannedTarget[], encoded: string): Promise<void> {
  if (planned === undefined || others.length > 0) throw new TypeError("expected --only to name one target");
  const { outcome, reason, milliseconds } = await tryInput(planned.target.decode(encoded));
  const failures = reason === undefined ? [] : [{ index: 0, reason, encoded }];
  post({
    kind: "report",
    report: {
      name: planned.target.name,
      inputs: 1,
      milliseconds,
      outcomes: new Map([[outcome, 1]]),
      failures,
      slowestMs: milliseconds,
      slowestIndex: 0,
    },
  });
}
