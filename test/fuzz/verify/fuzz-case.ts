/**
 * A question to the verifier whose answer is yes: what the mutations of whole verifications begin with.
 */

/** Everything that a verification is given, as it lies in files. */
export interface FuzzCase {
  /** Unique. */
  readonly name: string;
  readonly bundle: string;
  readonly trustedRoot: string;
  readonly artifact: Uint8Array;
  readonly signer:
    | { readonly kind: "identity"; readonly issuer: string; readonly subject: string }
    | { readonly kind: "key"; readonly spki: Uint8Array };
  readonly nowMs: number;
  /** Bundles of the same instance and kind about other artifacts: their evidence is sound, and none of this one's. */
  readonly donors: readonly string[];
}
