import assert from "node:assert/strict";
import { test } from "node:test";
import { algorithmFromX509Oid } from "../../crypto/algorithms.ts";
import { sha256 } from "../../crypto/digest.ts";
import { importPublicKey } from "../../crypto/keys.ts";
import { verifySignature } from "../../crypto/verify.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { parseSigningConfig } from "../../formats/signing-config.ts";
import { parseTrustedRoot } from "../../formats/trusted-root.ts";
import type { AuthorityInstance } from "../../formats/trusted-root.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import type { Certificate } from "../../formats/x509/certificate.ts";
import { GITHUB_CERTIFICATE_AUTHORITIES } from "./github.ts";
import { findInstance, instances } from "./instances.ts";

/** True when `issuer` signed `child` and is named by it. */
function isIssuedBy(child: Certificate, issuer: Certificate): boolean {
  const key = importPublicKey(issuer.spki);
  const algorithm = algorithmFromX509Oid(child.signatureAlgorithm, key);
  if (algorithm === undefined || !equalBytes(child.issuer.raw, issuer.subject.raw)) return false;
  return verifySignature(key, algorithm, child.tbs, child.signature);
}

/** Asserts that each certificate of a chain is signed by the next, the last by itself, and believed within its validity. */
function assertChainHolds({ certificates, validFor, uri }: AuthorityInstance): void {
  const chain = certificates.map((certificate) => parseCertificate(certificate));
  for (const [index, certificate] of chain.entries()) {
    assert.ok(isIssuedBy(certificate, chain[index + 1] ?? certificate), `${uri}: certificate ${index}`);
    assert.ok(certificate.notAfterMs >= (validFor.endMs ?? 0), `${uri}: certificate ${index} ends before the range`);
  }
}

test("every instance has the files whose hash it names, and they can be read", () => {
  assert.deepEqual(
    instances.map(({ instance }) => instance),
    ["public", "staging", "github"],
  );
  for (const instance of instances) {
    assert.equal(hexEncode(sha256(utf8Encode(instance.trustedRoot))), instance.trustedRootSha256);
    parseTrustedRoot(instance.trustedRoot);
    if (instance.signingConfig !== undefined) parseSigningConfig(instance.signingConfig);
    assert.match(instance.takenOn, /^2026-\d{2}-\d{2}T00:00:00Z$/u);
    assert.equal(findInstance(instance.instance), instance);
  }
  assert.throws(() => findInstance("unknown" as "public"), TypeError);
});

test("every chain of every instance holds together", () => {
  for (const { trustedRoot } of instances) {
    const { certificateAuthorities, timestampAuthorities } = parseTrustedRoot(trustedRoot);
    assert.ok(certificateAuthorities.length > 0);
    for (const authority of [...certificateAuthorities, ...timestampAuthorities]) assertChainHolds(authority);
  }
});

test("every log id is the hash of the log's key, or known to be another", () => {
  for (const { trustedRoot } of instances) {
    const { tlogs, ctlogs } = parseTrustedRoot(trustedRoot);
    for (const log of [...tlogs, ...ctlogs]) {
      // Rekor v2 names its logs by the signed-note key id of origin and key.
      const isHash = equalBytes(sha256(log.publicKey), log.logId);
      assert.ok(isHash || log.keyDetails === "PKIX_ED25519" || log.keyDetails === "PKCS1_RSA_PKCS1V5", log.baseUrl);
    }
  }
});

test("GitHub's instance has no logs, and its profile is bound to its certificate authorities", () => {
  const root = parseTrustedRoot(findInstance("github").trustedRoot);
  assert.deepEqual([root.tlogs.length, root.ctlogs.length, root.timestampAuthorities.length], [0, 0, 6]);
  const fingerprints = root.certificateAuthorities.flatMap(({ certificates }) => {
    return certificates.map((certificate) => hexEncode(sha256(certificate)));
  });
  assert.deepEqual(new Set(GITHUB_CERTIFICATE_AUTHORITIES), new Set(fingerprints));
});
