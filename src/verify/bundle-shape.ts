import { equalBytes } from "../encoding/bytes.ts";
/**
 * First step: is the bundle one that may be looked at? (sigstore_bundle.proto, client specification 4.1 and 4.2)
 *
 * Versions, limits, duplicates and certificates that have no business in a bundle. Nothing cryptographic yet.
 */
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import type { Bundle, TlogEntry } from "../formats/bundle/bundle.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { LIMITS } from "../limits.ts";
import type { CheckLog } from "./checks.ts";

/** Checks the shape of a bundle and returns its leaf certificate, where it has one. */
export function checkBundleShape(bundle: Bundle, log: CheckLog): Certificate | undefined {
  checkLimits(bundle);
  checkDuplicateEntries(bundle.material.tlogEntries);
  for (const [position, entry] of bundle.material.tlogEntries.entries()) checkEntryShape(bundle, entry, position);
  const leaf = checkCertificates(bundle);
  log.pass(
    () =>
      `bundle v${bundle.version} with ${countText(bundle.material.tlogEntries.length, "tlog entry", "tlog entries")} and ${countText(bundle.material.timestamps.length, "timestamp", "timestamps")}`,
  );
  return leaf;
}

/** Client specification 4.1: a client SHOULD bound what it is ready to verify. */
function checkLimits(bundle: Bundle): void {
  const { tlogEntries, timestamps } = bundle.material;
  if (tlogEntries.length > LIMITS.tlogEntries) {
    throw new SigstoreError(
      "bundle-too-many-entries",
      `expected at most ${LIMITS.tlogEntries} tlog entries, got ${tlogEntries.length}`,
    );
  }
  if (timestamps.length > LIMITS.timestamps) {
    throw new SigstoreError(
      "bundle-too-many-timestamps",
      `expected at most ${LIMITS.timestamps} timestamps, got ${timestamps.length}`,
    );
  }
}

/** The same entry twice must not count as two. */
function checkDuplicateEntries(entries: readonly TlogEntry[]): void {
  if (entries.length < 2) return;
  const seen = new Set<string>();
  for (const entry of entries) {
    const key = `${hexEncode(entry.logId)}:${entry.logIndex}`;
    if (seen.has(key)) {
      throw new SigstoreError(
        "tlog-entry-duplicate",
        `expected each tlog entry once, got index ${entry.logIndex} of one log twice`,
      );
    }
    seen.add(key);
  }
}

/**
 * sigstore_bundle.proto: v0.1 bundles MUST carry an inclusion promise; from v0.2 on an inclusion proof with a checkpoint
 * MUST be there.
 */
function checkEntryShape(bundle: Bundle, entry: TlogEntry, position: number): void {
  const where = `tlog entry ${position + 1}`;
  if (bundle.version === "0.1") {
    if (entry.inclusionPromise === undefined) {
      throw new SigstoreError(
        "bundle-promise-missing",
        `expected an inclusion promise in ${where} of a v0.1 bundle, got none`,
      );
    }
    return;
  }
  if (entry.inclusionProof === undefined) {
    throw new SigstoreError(
      "bundle-proof-missing",
      `expected an inclusion proof in ${where} of a v${bundle.version} bundle, got none`,
      {
        hint: "sign again with a current client, or ask the signer for a bundle with the inclusion proof",
      },
    );
  }
  if (entry.inclusionProof.checkpoint === undefined || entry.inclusionProof.checkpoint === "") {
    throw new SigstoreError(
      "bundle-checkpoint-missing",
      `expected a checkpoint in the inclusion proof of ${where}, got none`,
    );
  }
}

function checkCertificates(bundle: Bundle): Certificate | undefined {
  const { key } = bundle.material;
  if (key.kind === "publicKey") return undefined;
  // sigstore_bundle.proto: in v0.3 bundles the single leaf certificate MUST be used instead of a chain.
  if (bundle.version === "0.3" && key.form === "x509CertificateChain") {
    throw new SigstoreError(
      "bundle-certificate-chain-forbidden",
      "expected a single certificate in a v0.3 bundle, got x509CertificateChain",
    );
  }
  const [leafDer, ...others] = key.certificates;
  if (leafDer === undefined) {
    throw new SigstoreError(
      "bundle-certificate-missing",
      "expected a signing certificate in the bundle, got an empty chain",
    );
  }
  // Client specification 2.1.8: root certificates SHOULD NOT be in a bundle. Trust never comes from the bundle.
  for (const der of others) refuseRoot(parseCertificate(der));
  return parseCertificate(leafDer);
}

function refuseRoot(certificate: Certificate): void {
  if (!equalBytes(certificate.subject.raw, certificate.issuer.raw)) return;
  throw new SigstoreError(
    "bundle-root-certificate",
    "expected no root certificate in the bundle, got a self-issued one",
    {
      hint: "roots come from the trusted root; the signer's tool must leave them out",
    },
  );
}

function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
