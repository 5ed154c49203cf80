/**
 * Runs inputs of one target after another, each within bounds of time and memory, and keeps a table of what came of them.
 *
 * Bounds are far above what any input of ours needs, so that a busy machine does not break them by chance: an input that
 * seems too slow or too hungry is tried three times more, by processor time, before it is called so.
 */
import { threadCpuUsage } from "node:process";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Random } from "./random.ts";
import type { FuzzInput, FuzzTarget } from "./target.ts";
import { FuzzFailure } from "./target.ts";

const SLOW_MS = 1000;
const HUNGRY_BYTES = 256 * 1024 * 1024;
const RETRIES = 3;
/** After so many failures a target has said what it has to say. */
const MOST_FAILURES = 10;

/** An input that failed, and how to try it again. */
export interface FailedInput {
  readonly index: number;
  readonly reason: string;
  readonly encoded: string;
}

/** What came of the inputs of one target. */
export interface TargetReport {
  readonly name: string;
  readonly inputs: number;
  readonly milliseconds: number;
  /** How many inputs ended in each outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failures: readonly FailedInput[];
  /** The longest that one input took, and which. */
  readonly slowestMs: number;
  readonly slowestIndex: number;
}

/** Tries the inputs `from` to below `to` of a target; `tick` hears of each before it is tried. */
export async function runTarget(
  target: FuzzTarget,
  seed: string,
  from: number,
  to: number,
  tick: (index: number) => void,
): Promise<TargetReport> {
  const outcomes = new Map<string, number>();
  const failures: FailedInput[] = [];
  const began = performance.now();
  let slowestMs = 0;
  let slowestIndex = from;
  let index = from;
  for (; index < to && failures.length < MOST_FAILURES; index += 1) {
    tick(index);
    const input = makeInput(target, seed, index);
    const { outcome, reason, milliseconds } = await tryInput(input);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (reason !== undefined) failures.push({ index, reason, encoded: input.encode() });
    if (milliseconds > slowestMs) [slowestMs, slowestIndex] = [milliseconds, index];
  }
  return {
    name: target.name,
    inputs: index - from,
    milliseconds: performance.now() - began,
    outcomes,
    failures,
    slowestMs,
    slowestIndex,
  };
}

/** Input number `index` of a target: it follows from seed, name and number alone. */
function makeInput(target: FuzzTarget, seed: string, index: number): FuzzInput {
  return target.make(makeRandom(target.name, seed, index));
}

/** The choices of input number `index` of the target `name`. */
export function makeRandom(name: string, seed: string, index: number): Random {
  return new Random(`${seed} ${name} ${index}`);
}

/** What came of one input; `reason` where it failed. */
export interface InputReport {
  readonly outcome: string;
  readonly reason?: string;
  readonly milliseconds: number;
}

/** Tries one input within the bounds. */
export async function tryInput(input: FuzzInput): Promise<InputReport> {
  const before = performance.now();
  const bytesBefore = bytesInUse();
  try {
    const attempted = input.attempt();
    // Most inputs answer at once: only the others are waited for.
    const outcome = typeof attempted === "string" ? attempted : await attempted;
    const milliseconds = performance.now() - before;
    if (milliseconds > SLOW_MS && (await isSlow(input)))
      return {
        outcome: "slow",
        reason: `took over ${SLOW_MS} ms of processor time, each of ${RETRIES} times`,
        milliseconds,
      };
    if (bytesInUse() - bytesBefore > HUNGRY_BYTES && (await isHungry(input)))
      return {
        outcome: "hungry",
        reason: `took over ${HUNGRY_BYTES} bytes of memory, each of ${RETRIES} times`,
        milliseconds,
      };
    return { outcome, milliseconds };
  } catch (error) {
    return {
      outcome: error instanceof FuzzFailure ? "wrong" : "crash",
      reason: describe(error),
      milliseconds: performance.now() - before,
    };
  }
}

/** Bytes that this thread holds, buffers included. Rises until the next collection, so only a great leap means something. */
function bytesInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

async function isSlow(input: FuzzInput): Promise<boolean> {
  return everyTime(async () => {
    const before = threadCpuUsage();
    await input.attempt();
    const { user, system } = threadCpuUsage(before);
    return (user + system) / 1000 > SLOW_MS;
  });
}

async function isHungry(input: FuzzInput): Promise<boolean> {
  const collect = garbageCollector();
  return everyTime(async () => {
    collect();
    const before = bytesInUse();
    await input.attempt();
    return bytesInUse() - before > HUNGRY_BYTES;
  });
}

/** V8's collector, which programs do not see unless they ask: what earlier inputs left behind is none of this one's. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

async function everyTime(happens: () => Promise<boolean>): Promise<boolean> {
  for (let time = 0; time < RETRIES; time += 1) if (!(await happens())) return false;
  return true;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  if (error instanceof FuzzFailure) return error.message;
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : "";
  return `${(error.stack ?? error.message).split("\n").slice(0, 8).join("\n")}${cause}`;
}
