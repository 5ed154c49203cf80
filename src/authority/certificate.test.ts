/** Signing certificates: profile, order, precertificate and SCT; judged by our parser, node:crypto and openssl. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { openssl, opensslSkipReason } from "../../test/openssl.ts";
import { importPublicKey } from "../crypto/keys.ts";
import { verifySignature } from "../crypto/verify.ts";
import { serializePem } from "../encoding/pem.ts";
import { embeddedScts, precertificateTbs, sctSignatureInput } from "../formats/sct.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import { authorityKeyIdentifier, subjectAlternativeNames, subjectKeyIdentifier } from "../formats/x509/extensions.ts";
import { fulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { PERSON, subjectAlternativeName, USER_NAME, WORKFLOW_RUN } from "../testing/identities.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import {
  precertificateEntry,
  signingCertificateFields,
  signPrecertificate,
  signSigningCertificate,
} from "./certificate.ts";
import { type CertificateFields, keyIdentifierOf } from "./issuing-authority.ts";
import { signSct } from "./sct.ts";
import { randomSerialNumber } from "./serial-number.ts";

const sigstore = await createVirtualSigstore({
  seed: "certificates",
  certificateAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_384",
});
const { issuer, chain } = sigstore.current.certificateAuthority;
const leafKey = sigstore.keys.signer("leaf", "PKIX_ECDSA_P256_SHA_256").publicKey;
const ctSigner = sigstore.keys.signer("ct", "PKIX_ECDSA_P256_SHA_256");
const TIMES = { notBeforeMs: sigstore.nowMs, notAfterMs: sigstore.nowMs + 600_000 };

function fieldsFor(identity = WORKFLOW_RUN): CertificateFields {
  return signingCertificateFields(issuer, {
    serialNumber: randomSerialNumber(sigstore.keys.random),
    spki: leafKey.spki,
    subjectAlternativeName: subjectAlternativeName(identity),
    extensions: { ...identity.extensions, issuer: identity.issuer },
    ...TIMES,
  });
}

async function sctFor(fields: CertificateFields): ReturnType<typeof signSct> {
  return signSct(ctSigner, {
    entry: precertificateEntry(issuer, fields),
    timestampMs: BigInt(sigstore.nowMs),
    extensions: new Uint8Array(0),
  });
}

const fields = fieldsFor();
const precertificate = parseCertificate(await signPrecertificate(issuer, fields));
const certificate = parseCertificate(await signSigningCertificate(issuer, fields, [await sctFor(fields)]));

describe("the signing certificate of a workflow", () => {
  test("has the extensions of Fulcio in Fulcio's order, with its critical ones", () => {
    const fulcio = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map(
      (n) => `${OID.fulcio}.${n}`,
    );
    assert.deepEqual(
      certificate.extensions.map(({ oid }) => oid),
      [
        OID.keyUsage,
        OID.extendedKeyUsage,
        OID.subjectKeyIdentifier,
        OID.authorityKeyIdentifier,
        OID.subjectAlternativeName,
        ...fulcio,
        OID.sctList,
      ],
    );
    assert.deepEqual(
      certificate.extensions.filter(({ critical }) => critical).map(({ oid }) => oid),
      [OID.keyUsage, OID.subjectAlternativeName],
    );
  });

  test("has a serial number of 20 bytes, no subject, and the times it was asked for", () => {
    assert.equal(certificate.serialNumber.length, 20);
    assert.deepEqual([...certificate.subject.raw], [0x30, 0x00]);
    assert.deepEqual([certificate.notBeforeMs, certificate.notAfterMs], [TIMES.notBeforeMs, TIMES.notAfterMs]);
  });

  test("names issuer, subject and all that the token said", () => {
    assert.deepEqual(fulcioExtensions(certificate), { ...WORKFLOW_RUN.extensions, issuer: WORKFLOW_RUN.issuer });
    assert.deepEqual(subjectAlternativeNames(certificate), [{ kind: "uri", value: WORKFLOW_RUN.subject }]);
    assert.deepEqual(subjectKeyIdentifier(certificate), keyIdentifierOf(leafKey.spki));
    assert.deepEqual(authorityKeyIdentifier(certificate), issuer.keyIdentifier);
  });

  test("is signed by the issuing authority, as node:crypto sees it", () => {
    const leaf = new X509Certificate(certificate.raw);
    const issuing = new X509Certificate(chain[0] ?? new Uint8Array(0));
    assert.ok(leaf.checkIssued(issuing));
    assert.ok(leaf.verify(issuing.publicKey));
    assert.equal(leaf.subjectAltName, `URI:${WORKFLOW_RUN.subject}`);
  });

  test("leads to the root, as openssl sees it", { skip: opensslSkipReason }, () => {
    const [intermediate, root] = chain.map((der) => serializePem("CERTIFICATE", der));
    const files = {
      leaf: serializePem("CERTIFICATE", certificate.raw),
      intermediate: intermediate ?? "",
      root: root ?? "",
    };
    const time = `${sigstore.nowMs / 1000}`;
    const args = ["verify", "-x509_strict", "-attime", time, "-CAfile", "root", "-untrusted", "intermediate", "leaf"];
    assert.match(openssl(args, files), /leaf: OK/);
  });
});

describe("the precertificate", () => {
  test("is the certificate with the poison in the place of the SCT list", () => {
    const poison = precertificate.extensions.at(-1);
    assert.deepEqual([poison?.oid, poison?.critical, [...(poison?.value ?? [])]], [OID.poison, true, [0x05, 0x00]]);
    assert.deepEqual(precertificateTbs(precertificate), precertificateTbs(certificate));
    assert.deepEqual(precertificateTbs(certificate), precertificateEntry(issuer, fields).tbs);
  });

  test("is signed by the issuing authority itself", () => {
    const issuing = new X509Certificate(chain[0] ?? new Uint8Array(0));
    assert.ok(new X509Certificate(precertificate.raw).verify(issuing.publicKey));
  });

  test("is what the embedded SCT is signed over", () => {
    const [sct] = embeddedScts(certificate);
    assert.ok(sct !== undefined);
    const signed = sctSignatureInput({
      ...sct,
      entry: { type: "precertificate", issuerKeyHash: issuer.keyHash, tbs: precertificateTbs(certificate) },
    });
    assert.ok(verifySignature(ctSigner.publicKey, ctSigner.algorithm, signed, sct.signature));
  });
});

test("without SCTs there is no SCT list", async () => {
  const bare = parseCertificate(await signSigningCertificate(issuer, fields, []));
  assert.ok(bare.extensions.every(({ oid }) => oid !== OID.sctList));
});

test("a person's certificate carries the e-mail address and the issuer twice", async () => {
  const personal = parseCertificate(await signSigningCertificate(issuer, fieldsFor(PERSON), []));
  assert.deepEqual(subjectAlternativeNames(personal), [{ kind: "email", value: PERSON.subject }]);
  assert.deepEqual(
    personal.extensions.slice(5).map(({ oid }) => oid),
    [`${OID.fulcio}.1`, `${OID.fulcio}.8`],
  );
});

test("a user name stands in an otherName", async () => {
  const named = parseCertificate(await signSigningCertificate(issuer, fieldsFor(USER_NAME), []));
  assert.deepEqual(subjectAlternativeNames(named), [
    { kind: "otherName", oid: OID.fulcioUserName, value: USER_NAME.subject },
  ]);
});

test("every kind of key is certified", async () => {
  for (const algorithm of [
    "PKIX_ECDSA_P384_SHA_384",
    "PKIX_ECDSA_P521_SHA_512",
    "PKIX_ED25519",
    "PKIX_RSA_PKCS1V15_2048_SHA256",
  ] as const) {
    const { spki } = sigstore.keys.signer("leaf", algorithm).publicKey;
    const der = await signSigningCertificate(issuer, { ...fieldsFor(), spki }, []);
    assert.deepEqual(importPublicKey(parseCertificate(der).spki).spki, spki);
    assert.equal(new X509Certificate(der).publicKey.export({ format: "der", type: "spki" }).compare(spki), 0);
  }
});
