/**
 * The record of a verification: every check that was made, in order, with what was found.
 *
 * A check that does not hold ends the verification by throwing; what is skipped (evidence of a log nobody trusts, a hint
 * that cannot be compared) is recorded and never counts towards a threshold.
 */
import { boundedMessage } from "../errors.ts";
import type { ErrorCode, SigstoreError } from "../errors.ts";

/** The steps of a verification, in the order in which they run. */
export const STEPS = [
  "bundle",
  "timestamp",
  "tlog-entry",
  "time",
  "certificate",
  "sct",
  "key",
  "entry-body",
  "signature",
  "artifact",
  "policy",
] as const;

/** One step of a verification. */
export type Step = (typeof STEPS)[number];

/** One check: what was looked at and what was found; `code` says why it failed or was skipped. */
export interface Check {
  readonly step: Step;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly summary: string;
  readonly code?: ErrorCode;
}

/** A check that held, its words not yet made: most callers never read them. */
interface PassedCheck {
  readonly step: Step;
  readonly summarize: () => string;
}

/** Collects the checks of one verification. */
export class CheckLog {
  readonly #made: (Check | PassedCheck)[] = [];
  #step: Step = "bundle";

  /** The step that is running: where a thrown error is booked. */
  get step(): Step {
    return this.#step;
  }

  /** All checks so far, in order. */
  get checks(): readonly Check[] {
    return this.#made.map(inWords);
  }

  /** Opens a step; the checks that follow belong to it. */
  enter(step: Step): void {
    this.#step = step;
  }

  /** Books a check that holds; `summarize` says what was found, when somebody asks. */
  pass(summarize: () => string): void {
    this.#made.push({ step: this.#step, summarize });
  }

  /** Books evidence that was left out of account. */
  skip(error: SigstoreError): void {
    this.#made.push({ step: this.#step, outcome: "skipped", summary: error.message, code: error.code });
  }

  /** Books the check that ended the verification. */
  fail(error: SigstoreError): void {
    this.#made.push({ step: this.#step, outcome: "failed", summary: error.message, code: error.code });
  }
}

function inWords(check: Check | PassedCheck): Check {
  if (!("summarize" in check)) return check;
  return { step: check.step, outcome: "passed", summary: boundedMessage(check.summarize()) };
}
