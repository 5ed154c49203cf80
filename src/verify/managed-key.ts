/**
 * Bundles signed with a key that its owner keeps: the verifier must be given the key (client specification 4.1).
 */
import { importPublicKey } from "../crypto/keys.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import type { ValidityRange } from "../formats/trusted-root.ts";
import type { CheckLog } from "./checks.ts";
import type { VerifiedTime } from "./time.ts";
import { inRange } from "./trust.ts";

/** A public key that the caller trusts, and the range in which it does. */
export interface ManagedKey {
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly validFor?: ValidityRange;
}

/** The key for a bundle without certificate; throws `key-required` or `key-unexpected` where bundle and caller disagree. */
export function selectManagedKey(bundle: Bundle, key: ManagedKey | undefined): PublicKey | undefined {
  if (bundle.material.key.kind === "certificate") {
    if (key === undefined) return undefined;
    throw new SigstoreError("key-unexpected", "expected a bundle signed with a key, got one with a certificate", {
      hint: "verify it by identity and issuer instead of a key",
    });
  }
  if (key !== undefined) return importPublicKey(key.spki);
  throw new SigstoreError(
    "key-required",
    "expected a public key to verify this bundle with, got none: it was signed with a key, not with a certificate",
    {
      hint: "give the signer's public key",
    },
  );
}

/** The key must be trusted at every proved time, or at `nowMs` where there is none. */
export function checkKeyRange(key: ManagedKey, times: readonly VerifiedTime[], nowMs: number, log: CheckLog): void {
  const range = key.validFor;
  if (range === undefined) return;
  const moments = times.length === 0 ? [nowMs] : times.map(({ timeMs }) => timeMs);
  for (const moment of moments) {
    if (inRange(range, moment)) continue;
    throw new SigstoreError(
      "key-not-valid-then",
      `expected a time in which the key is trusted, got ${momentText(moment)}`,
    );
  }
  log.pass(() => "key is trusted at the time of signing");
}
