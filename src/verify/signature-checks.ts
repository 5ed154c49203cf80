/**
 * When signatures are verified: each where it is met, or those of a whole bundle together at the end.
 *
 * Both decide the same and refuse with the same code. Together they take a tenth less of a bundle's time: arithmetic on
 * curves drives all other code and data out of the processor's caches, and so should do it once and not five times.
 * Until its signatures are settled nothing of a bundle counts; whoever makes a `SignatureQueue` settles it.
 */
import type { SignatureScheme } from "../crypto/algorithms.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { verifySignature } from "../crypto/verify.ts";
import type { SigstoreError } from "../errors.ts";
import type { CheckLog, CheckMark } from "./checks.ts";

/** A signature that must hold, and what is thrown where it does not. */
export interface SignatureCheck {
  readonly key: PublicKey;
  readonly algorithm: SignatureScheme;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly refusal: () => SigstoreError;
}

/** Where steps hand in the signatures that must hold. */
export interface SignatureChecks {
  /** Throws the refusal of `check` now, or has it thrown when the bundle's signatures are settled. */
  require(check: SignatureCheck): void;
}

/** Each signature where it is met. */
export const AT_ONCE: SignatureChecks = {
  require(check) {
    if (!holds(check)) throw check.refusal();
  },
};

/** Signatures that wait, in the order in which they were met. */
export class SignatureQueue implements SignatureChecks {
  readonly #log: CheckLog;
  #waiting: { readonly check: SignatureCheck; readonly mark: CheckMark }[] = [];

  /** `log` is the record of the verification, to be taken back to where a signature was met that does not hold. */
  constructor(log: CheckLog) {
    this.#log = log;
  }

  /** Lets `check` wait. */
  require(check: SignatureCheck): void {
    this.#waiting.push({ check, mark: this.#log.mark() });
  }

  /** Verifies all that wait; throws the refusal of the first that does not hold. */
  settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { check, mark } of waiting) {
      if (holds(check)) continue;
      this.#log.rewind(mark);
      throw check.refusal();
    }
  }
}

function holds({ key, algorithm, message, signature }: SignatureCheck): boolean {
  return verifySignature(key, algorithm, message, signature);
}
