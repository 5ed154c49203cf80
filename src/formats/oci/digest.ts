/**
 * Digests as text (OCI image specification 1.1, descriptor.md, "Digests").
 *
 * The registered algorithms that we compute: SHA-256, SHA-512 and SHA-384. "The encoded portion MUST match /[a-f0-9]{64}/":
 * capital letters are refused, so that one content has one name.
 */
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { DIGEST_LENGTH } from "../hash-algorithm.ts";
import type { HashAlgorithmName } from "../hash-algorithm.ts";

/** A digest that was checked for its form: `sha256:` and 64 lower-case hex digits. */
export type OciDigest = `${HashAlgorithmName}:${string}`;

const HEX = /^[0-9a-f]+$/;

/** True when `text` is a digest of an algorithm that we compute. */
export function isOciDigest(text: string): text is OciDigest {
  const { algorithm, hex } = splitDigest(text);
  const length = Object.hasOwn(DIGEST_LENGTH, algorithm) ? DIGEST_LENGTH[algorithm] : 0;
  return hex.length === 2 * length && HEX.test(hex);
}

/** `text` as a digest. @throws SigstoreError `oci-invalid` */
export function parseOciDigest(text: string): OciDigest {
  if (isOciDigest(text)) return text;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  throw new SigstoreError(
    "oci-invalid",
    `expected a digest such as sha256: and 64 lower-case hex digits, got "${shown}"`,
  );
}

/** The digest as text. */
export function formatOciDigest(algorithm: HashAlgorithmName, digest: Uint8Array): OciDigest {
  return `${algorithm}:${hexEncode(digest)}`;
}

/** The algorithm of a digest. */
export function digestAlgorithm(digest: OciDigest): HashAlgorithmName {
  return splitDigest(digest).algorithm;
}

/** OCI distribution specification 1.1, "Referrers Tag Schema": the tag that stands for the list of referrers of `digest`. */
export function referrersTag(digest: OciDigest): string {
  const { algorithm, hex } = splitDigest(digest);
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

function splitDigest(text: string): { readonly algorithm: HashAlgorithmName; readonly hex: string } {
  const colon = Math.max(0, text.indexOf(":"));
  return { algorithm: text.slice(0, colon) as HashAlgorithmName, hex: text.slice(colon + 1) };
}
