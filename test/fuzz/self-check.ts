/**
 * Targets that fail on purpose, to show that the harness sees it: `--only self-check/`. No other run has them.
 */
import { threadCpuUsage } from "node:process";
import { FuzzFailure } from "./target.ts";
import type { FuzzTarget } from "./target.ts";

/** Names of these targets begin so. */
export const SELF_CHECK = "self-check/";

const BYTES = 300 * 1024 * 1024;
const BUSY_MICROSECONDS = 1_050_000;

/** One target of one input for each way to fail, and some that do not. */
export function selfCheckTargets(): readonly FuzzTarget[] {
  return [
    target("sound", () => "fine"),
    target("crash", () => {
      throw new RangeError("Maximum call stack size exceeded");
    }),
    target("wrong", () => {
      throw new FuzzFailure("verified what it should not");
    }),
    target("slow", () => {
      const before = threadCpuUsage();
      let sum = 0;
      while (threadCpuUsage(before).user < BUSY_MICROSECONDS)
        for (let step = 0; step < 1e6; step += 1) sum += Math.sqrt(step);
      return `late: ${sum}`;
    }),
    target("hungry", () => String(new Uint8Array(BYTES).fill(1).length)),
    target("hang", () => {
      for (;;);
    }),
    target("hang-over", () => "fine"),
  ];
}

function target(name: string, attempt: () => string): FuzzTarget {
  const input = { attempt, encode: () => "the input" };
  return { name: `${SELF_CHECK}${name}`, most: 1, make: () => input, decode: () => input };
}
