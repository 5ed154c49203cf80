/**
 * Which targets are run, and with how many inputs each.
 */
import { PARSER_INPUTS_PER_VERIFICATION } from "./options.ts";
import type { FuzzOptions } from "./options.ts";
import type { FuzzTarget } from "./target.ts";
import type { AllTargets } from "./targets.ts";

/** A target with its share of the inputs: numbers `from` to below `to`. */
export interface PlannedTarget {
  readonly target: FuzzTarget;
  readonly from: number;
  readonly to: number;
}

/** Shares the inputs out evenly: parsers among themselves, whole verifications among themselves. */
export function planTargets({ parsers, verifications }: AllTargets, options: FuzzOptions): readonly PlannedTarget[] {
  const shares = [
    ...share(parsers, options.count, options),
    ...share(verifications, options.count / PARSER_INPUTS_PER_VERIFICATION, options),
  ];
  if (shares.length === 0) throw new TypeError(`expected a target whose name begins with ${options.only}, got none`);
  return shares;
}

function share(targets: readonly FuzzTarget[], count: number, { only, at }: FuzzOptions): PlannedTarget[] {
  const each = Math.ceil(count / targets.length);
  const chosen = targets.filter(({ name }) => name.startsWith(only));
  return chosen.map((target) => {
    const inputs = Math.min(
      only === "" ? each : Math.ceil(count / chosen.length),
      target.most ?? Number.POSITIVE_INFINITY,
    );
    return at === undefined ? { target, from: 0, to: inputs } : { target, from: at, to: at + 1 };
  });
}
