/**
 * Which digests of the artifact a verification will ask for, so that a caller can stream a large file once.
 */
import { compatibleAlgorithms } from "../crypto/algorithms.ts";
import type { HashAlgorithmName } from "../crypto/digest.ts";
import { importPublicKey } from "../crypto/keys.ts";
import { isSigstoreError } from "../errors.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { parseStatement } from "../formats/in-toto.ts";
import { parseEntryBody } from "../formats/rekor/entry-body.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import type { ManagedKey } from "./managed-key.ts";

/** What to compute over the artifact. */
export interface DigestsNeeded {
  readonly algorithms: readonly HashAlgorithmName[];
  /** True when a key may demand the bytes themselves (pure Ed25519): then give them, if the file is not too large. */
  readonly wholeMessage: boolean;
}

/**
 * The digests that verifying `bundle` takes. Never throws: of a bundle that cannot be understood the answer is SHA-256,
 * and the verification will say what is wrong with it.
 * @example
 * ```ts
 * import { digestsNeeded, parseBundle } from "sigstore-ts";
 * const bundle = parseBundle(`{
 *   "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
 *   "verificationMaterial": { "publicKey": { "hint": "mine" } },
 *   "messageSignature": { "signature": "AAAA" }
 * }`);
 * console.log(digestsNeeded(bundle).algorithms); // [ "sha256" ]
 * ```
 */
export function digestsNeeded(bundle: Bundle, key?: ManagedKey): DigestsNeeded {
  const needs: Needs = { algorithms: new Set(["sha256"]), wholeMessage: false };
  try {
    if (bundle.content.kind === "dsseEnvelope") addStatementDigests(bundle.content.envelope.payload, needs);
    else addMessageDigests(bundle, key, needs);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
  }
  return { algorithms: [...needs.algorithms], wholeMessage: needs.wholeMessage };
}

interface Needs {
  readonly algorithms: Set<HashAlgorithmName>;
  wholeMessage: boolean;
}

function addStatementDigests(payload: Uint8Array, needs: Needs): void {
  for (const { digests } of parseStatement(payload).subjects) {
    for (const algorithm of ["sha384", "sha512"] as const) if (digests.has(algorithm)) needs.algorithms.add(algorithm);
  }
}

function addMessageDigests(bundle: Bundle, key: ManagedKey | undefined, needs: Needs): void {
  if (bundle.content.kind === "messageSignature" && bundle.content.messageDigest !== undefined) {
    needs.algorithms.add(bundle.content.messageDigest.algorithm);
  }
  addKeyDigests(bundle, key, needs);
  for (const { canonicalizedBody } of bundle.material.tlogEntries) {
    const body = parseEntryBody(canonicalizedBody);
    if (body.form === "hashedrekord-0.0.1" || body.form === "hashedrekord-0.0.2")
      needs.algorithms.add(body.digestAlgorithm);
  }
}

function addKeyDigests(bundle: Bundle, key: ManagedKey | undefined, needs: Needs): void {
  const material = bundle.material.key;
  const leaf = material.kind === "certificate" ? material.certificates[0] : undefined;
  const spki = leaf === undefined ? key?.spki : parseCertificate(leaf).spki;
  if (spki === undefined) return;
  for (const { hash } of compatibleAlgorithms(importPublicKey(spki), "message")) {
    if (hash === undefined) needs.wholeMessage = true;
    else needs.algorithms.add(hash);
  }
}
