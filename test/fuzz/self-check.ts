/**
 * Targets that fail on purpose, to show that the harness sees it: `--only self-check/`. No other run has them.
 */
import type { Random } from "./random.ts";
import { FuzzFailure } from "./target.ts";
import type { FuzzTarget } from "./target.ts";

/** Names of these targets begin so. */
export const SELF_CHECK = "self-check/";

const BYTES = 300 * 1024 * 1024;
const BUSY_MS = 1200;

const kept: Uint8Array[] = [];

/** One target for each way to fail; each fails at its input number 1 or, for `sound`, never. */
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
      const until = performance.now() + BUSY_MS;
      while (performance.now() < until);
      return "late";
    }),
    target("hungry", () => {
      kept.splice(0, kept.length);
      kept.push(new Uint8Array(BYTES));
      return "full";
    }),
    target("hang", () => {
      for (;;);
    }),
  ];
}

/** Inputs number themselves in order; number 1 does what is told, the others are fine. */
function target(name: string, act: () => string): FuzzTarget {
  let made = 0;
  const input = (number: number): ReturnType<FuzzTarget["make"]> => ({
    attempt: () => (number === 1 ? act() : "fine"),
    encode: () => String(number),
  });
  return {
    name: `${SELF_CHECK}${name}`,
    most: 3,
    make: (_: Random) => {
      made += 1;
      return input(made - 1);
    },
    decode: (text) => input(Number(text)),
  };
}
