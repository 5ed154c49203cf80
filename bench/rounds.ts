/**
 * Measuring in turn: A B C, A B C, …, so that a machine whose speed changes within seconds changes it for all alike.
 *
 * What counts is the ratio within a round; figures of different rounds are not compared.
 */
import { spreadOf } from "./figure.ts";
import type { Spread } from "./figure.ts";

/** One of those that are measured. */
export interface Contestant {
  readonly name: string;
  /** Runs once in a round and answers what was measured. */
  readonly measure: (round: number) => number;
}

/** The measured values of each contestant by name, one a round. */
export type Measurements = ReadonlyMap<string, readonly number[]>;

/** Lets every contestant run in each of `rounds`, in turn. */
export function runRounds(contestants: readonly Contestant[], rounds: number): Measurements {
  const measurements = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, measure } of contestants) measurements.get(name)?.push(measure(round));
  }
  return measurements;
}

/** The values of one contestant over the rounds. */
export function valuesOf(measurements: Measurements, name: string): readonly number[] {
  const values = measurements.get(name);
  if (values === undefined || values.length === 0) throw new Error(`nothing was measured of ${name}`);
  return values;
}

/** The ratios of `name` to `peer`, each within its round. */
export function ratioOf(measurements: Measurements, name: string, peer: string): Spread {
  const theirs = valuesOf(measurements, peer);
  return spreadOf(valuesOf(measurements, name).map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

/** Runs of `run`, called with the index of each, per second of CPU time; threads of the garbage collector included. */
export function perCpuSecond(first: number, count: number, run: (index: number) => void): number {
  const before = process.cpuUsage();
  for (let index = first; index < first + count; index++) run(index);
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / (user + system);
}
