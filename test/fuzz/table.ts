/**
 * What came of many inputs, counted by outcome.
 */
import type { TargetReport } from "./campaign.ts";
import { ALLOWED_DIFFERENCES } from "./meaning/judgement.ts";

/** Counts the outcomes of several targets. */
export class Table {
  readonly #title: string;
  readonly #outcomes = new Map<string, number>();
  #inputs = 0;
  #failures = 0;

  constructor(title: string) {
    this.#title = title;
  }

  /** How many inputs were counted. */
  get inputs(): number {
    return this.#inputs;
  }

  /** Adds what came of one target. */
  add({ inputs, outcomes, failures }: Pick<TargetReport, "inputs" | "outcomes" | "failures">): void {
    this.#inputs += inputs;
    this.#failures += failures.length;
    for (const [outcome, count] of outcomes) this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + count);
  }

  /** The table for people: the most frequent first, and why a changed bundle may still be verified. */
  toText(): string {
    const rows = [...this.#outcomes]
      .toSorted(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `  ${String(count).padStart(8)}  ${outcome}`);
    const verified = [...this.#outcomes.keys()].filter((outcome) => outcome.startsWith("verified: "));
    const named = Object.entries(ALLOWED_DIFFERENCES).filter(([name]) =>
      verified.some((outcome) => outcome.slice("verified: ".length).split(" + ").includes(name)),
    );
    const reasons = named.map(([name, why]) => `  ${name}: ${why}`);
    const legend =
      reasons.length === 0
        ? []
        : ["  still verified, because it means the same:", ...reasons.map((line) => `  ${line}`)];
    return [`${this.#inputs} ${this.#title}, ${this.#failures} failed:`, ...rows, ...legend].join("\n");
  }
}
