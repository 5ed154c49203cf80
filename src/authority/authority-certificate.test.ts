/** Certificates of authorities: roots, intermediates and timestamp leaves, of every kind of key. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { openssl, opensslSkipReason } from "../../test/openssl.ts";
import type { SignatureAlgorithmName } from "../crypto/algorithms.ts";
import { serializePem } from "../encoding/pem.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from "../formats/x509/extensions.ts";
import { nameText } from "../formats/x509/name.ts";
import { OID } from "../formats/x509/oids.ts";
import { VirtualKeys } from "../testing/virtual-keys.ts";
import {
  intermediateCertificateFields,
  signRootCertificate,
  timestampCertificateFields,
} from "./authority-certificate.ts";
import { issuingAuthority, signCertificate } from "./issuing-authority.ts";
import { randomSerialNumber } from "./serial-number.ts";

const ALGORITHMS: readonly SignatureAlgorithmName[] = [
  "PKIX_ECDSA_P256_SHA_256",
  "PKIX_ECDSA_P384_SHA_384",
  "PKIX_ECDSA_P384_SHA_256",
  "PKIX_ECDSA_P521_SHA_512",
  "PKIX_RSA_PKCS1V15_4096_SHA256",
  "PKIX_ED25519",
];
const NOW_MS = Date.UTC(2026, 2, 1);
const TIMES = { notBeforeMs: NOW_MS, notAfterMs: Date.UTC(2056, 2, 1) };
const keys = new VirtualKeys("authorities");

interface Chain {
  readonly root: Uint8Array;
  readonly intermediate: Uint8Array;
  readonly timestamping: Uint8Array;
}

async function makeChain(algorithm: SignatureAlgorithmName): Promise<Chain> {
  const [rootSigner, intermediateSigner, leafSigner] = ["root", "intermediate", "leaf"].map((label) =>
    keys.signer(label, algorithm),
  );
  assert.ok(rootSigner !== undefined && intermediateSigner !== undefined && leafSigner !== undefined);
  const named = (name: string): { oid: string; value: string }[] => [
    { oid: OID.organizationName, value: "example.org" },
    { oid: OID.commonName, value: name },
  ];
  const request = (name: string, spki: Uint8Array): Parameters<typeof timestampCertificateFields>[1] => ({
    serialNumber: randomSerialNumber(keys.random),
    spki,
    subject: named(name),
    ...TIMES,
  });
  const root = await signRootCertificate(rootSigner, request("root", rootSigner.publicKey.spki));
  const authority = issuingAuthority(root, rootSigner);
  const intermediate = await signCertificate(
    rootSigner,
    intermediateCertificateFields(authority, request("intermediate", intermediateSigner.publicKey.spki), "codeSigning"),
  );
  const timestamping = await signCertificate(
    rootSigner,
    timestampCertificateFields(authority, request("timestamp", leafSigner.publicKey.spki)),
  );
  return { root, intermediate, timestamping };
}

describe("the chain of an authority", () => {
  for (const algorithm of ALGORITHMS) {
    test(`by ${algorithm}, as node:crypto sees it`, async () => {
      const chain = await makeChain(algorithm);
      const root = new X509Certificate(chain.root);
      for (const der of [chain.root, chain.intermediate, chain.timestamping]) {
        const certificate = new X509Certificate(der);
        assert.ok(certificate.checkIssued(root));
        assert.ok(certificate.verify(root.publicKey));
      }
      assert.deepEqual(
        [root.ca, new X509Certificate(chain.intermediate).ca, new X509Certificate(chain.timestamping).ca],
        [true, true, false],
      );
    });

    test(`by ${algorithm}, as openssl sees it`, { skip: opensslSkipReason }, async () => {
      const chain = await makeChain(algorithm);
      const files = {
        root: serializePem("CERTIFICATE", chain.root),
        intermediate: serializePem("CERTIFICATE", chain.intermediate),
        timestamping: serializePem("CERTIFICATE", chain.timestamping),
      };
      const time = `${NOW_MS / 1000}`;
      assert.match(
        openssl(["verify", "-x509_strict", "-attime", time, "-CAfile", "root", "intermediate"], files),
        /OK/,
      );
      assert.match(
        openssl(
          ["verify", "-x509_strict", "-purpose", "timestampsign", "-attime", time, "-CAfile", "root", "timestamping"],
          files,
        ),
        /OK/,
      );
    });
  }

  test("follows the certificate specification", async () => {
    const chain = await makeChain("PKIX_ECDSA_P256_SHA_256");
    const [root, intermediate, timestamping] = [chain.root, chain.intermediate, chain.timestamping].map(
      parseCertificate,
    );
    assert.ok(root !== undefined && intermediate !== undefined && timestamping !== undefined);
    assert.equal(nameText(root.subject), "O=example.org, CN=root");
    assert.deepEqual(root.issuer.raw, root.subject.raw);
    assert.deepEqual(
      [basicConstraints(root), basicConstraints(intermediate), basicConstraints(timestamping)],
      [{ isCa: true }, { isCa: true, pathLength: 0 }, undefined],
    );
    assert.deepEqual(
      [keyUsage(root)?.keyCertSign, keyUsage(root)?.crlSign, keyUsage(root)?.digitalSignature],
      [true, true, false],
    );
    assert.deepEqual(
      [extendedKeyUsage(root), extendedKeyUsage(intermediate), extendedKeyUsage(timestamping)],
      [undefined, { oids: [OID.codeSigning], critical: false }, { oids: [OID.timeStamping], critical: true }],
    );
    assert.deepEqual(authorityKeyIdentifier(intermediate), subjectKeyIdentifier(root));
    // RFC 5280 4.1.2.5: GeneralizedTime from 2050 on.
    assert.equal(root.notAfterMs, TIMES.notAfterMs);
  });
});

test("an authority takes no other key than that of its certificate", async () => {
  const { root } = await makeChain("PKIX_ECDSA_P256_SHA_256");
  assert.throws(() => issuingAuthority(root, keys.signer("other", "PKIX_ECDSA_P256_SHA_256")), TypeError);
});

test("no authority signs certificates by RSASSA-PSS or Ed25519ph", async () => {
  for (const algorithm of ["PKIX_RSA_PSS_2048_SHA256", "PKIX_ED25519_PH"] as const) {
    const request = { serialNumber: randomSerialNumber(keys.random), subject: [], ...TIMES };
    await assert.rejects(signRootCertificate(keys.signer("root", algorithm), request), TypeError);
  }
});
