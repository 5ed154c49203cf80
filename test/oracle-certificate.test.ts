/** Real certificates, read by us and by node:crypto and openssl; SCTs in them, checked with the logs' keys. */
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { TAG } from "../src/encoding/der.ts";
import { hexEncode } from "../src/encoding/hex.ts";
import { embeddedScts, precertificateTbs, sctSignatureInput } from "../src/formats/sct.ts";
import { parseSpki, spkiFromPkcs1 } from "../src/formats/spki.ts";
import { type Certificate, nameAttributes, parseCertificate } from "../src/formats/x509/certificate.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  type GeneralName,
  keyUsage,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from "../src/formats/x509/extensions.ts";
import { FULCIO_EXTENSIONS, fulcioExtensions } from "../src/formats/x509/fulcio-extensions.ts";
import { OID } from "../src/formats/x509/oids.ts";
import { readConformanceMaterial } from "./conformance-material.ts";
import { openssl, opensslSkipReason } from "./openssl.ts";
import { skipReason } from "./vectors-path.ts";

const { certificates, ctLogKeys } = readConformanceMaterial();

/** Values of node:crypto's text: a line an attribute, commas escaped; undefined for the empty name. */
function nodeNames(name: string | undefined): string[] {
  if (name === undefined || name === "") return [];
  return name.split("\n").map((line) => line.slice(line.indexOf("=") + 1).replaceAll("\\,", ","));
}

function ourNames(certificate: Certificate, which: "issuer" | "subject"): string[] {
  return nameAttributes(certificate[which]).map(({ value }) => value);
}

function sanText(name: GeneralName): string {
  switch (name.kind) {
    case "email":
      return `email:${name.value}`;
    case "uri":
      return `URI:${name.value}`;
    case "dns":
      return `DNS:${name.value}`;
    default:
      return name.kind;
  }
}

describe("every certificate of the conformance cases", () => {
  test("there are some of each kind", { skip: skipReason }, () => {
    assert.ok(certificates.length >= 40, `${certificates.length} certificates`);
    const parsed = certificates.map(parseCertificate);
    assert.ok(parsed.some((one) => embeddedScts(one).length > 0));
    assert.ok(parsed.some((one) => embeddedScts(one).some(({ extensions }) => extensions.length > 0)));
    assert.ok(parsed.some((one) => subjectAlternativeNames(one)[0]?.kind === "email"));
    assert.ok(parsed.some((one) => subjectAlternativeNames(one)[0]?.kind === "uri"));
    assert.ok(parsed.some((one) => extendedKeyUsage(one)?.oids[0] === OID.timeStamping));
  });
  test("as node:crypto reads it", { skip: skipReason }, () => {
    for (const bytes of certificates) {
      const ours = parseCertificate(bytes);
      const theirs = new X509Certificate(bytes);
      assert.equal(hexEncode(ours.serialNumber), theirs.serialNumber.toLowerCase());
      assert.equal(ours.notBeforeMs, theirs.validFromDate.getTime());
      assert.equal(ours.notAfterMs, theirs.validToDate.getTime());
      assert.deepEqual(ourNames(ours, "subject"), nodeNames(theirs.subject));
      assert.deepEqual(ourNames(ours, "issuer"), nodeNames(theirs.issuer));
      assert.equal(basicConstraints(ours)?.isCa ?? false, theirs.ca);
      assert.deepEqual(extendedKeyUsage(ours)?.oids, theirs.keyUsage);
      assert.deepEqual(ours.spki, Uint8Array.from(theirs.publicKey.export({ type: "spki", format: "der" })));
      const names = subjectAlternativeNames(ours).filter(({ kind }) => kind !== "otherName" && kind !== "other");
      if (names.length > 0) assert.equal(names.map(sanText).join(", "), theirs.subjectAltName);
      parseSpki(ours.spki);
      keyUsage(ours);
    }
  });
  test("signed by its issuer over the bytes that we say are signed", { skip: skipReason }, () => {
    const issuers = certificates.map((bytes) => ({ bytes, ours: parseCertificate(bytes) }));
    let checked = 0;
    for (const { ours } of issuers) {
      const keyId = authorityKeyIdentifier(ours);
      for (const issuer of issuers) {
        if (hexEncode(issuer.ours.subject.raw) !== hexEncode(ours.issuer.raw)) continue;
        const issuerKeyId = subjectKeyIdentifier(issuer.ours);
        if (keyId === undefined || issuerKeyId === undefined || hexEncode(keyId) !== hexEncode(issuerKeyId)) continue;
        const key = createPublicKey({ key: Buffer.from(issuer.ours.spki), format: "der", type: "spki" });
        const hash = { "1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384" }[ours.signatureAlgorithm.oid];
        if (hash === undefined) continue;
        assert.ok(verify(hash, ours.tbs, key, ours.signature));
        checked += 1;
      }
    }
    assert.ok(checked >= 20, `${checked} signatures`);
  });
  test("its SCTs hold over the certificate as the log saw it", { skip: skipReason }, () => {
    const issuers = certificates.map(parseCertificate);
    const logs = new Map(ctLogKeys.map((bytes) => [createHash("sha256").update(bytes).digest("hex"), bytes]));
    let checked = 0;
    for (const leaf of issuers) {
      for (const sct of embeddedScts(leaf)) {
        const log = logs.get(hexEncode(sct.logId));
        if (log === undefined) continue;
        // Staging's old log has an RSA key, in PKCS#1: an INTEGER comes first.
        const spki = log[4] === TAG.integer ? spkiFromPkcs1(log) : log;
        const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
        const isOver = issuers
          .filter(({ subject }) => hexEncode(subject.raw) === hexEncode(leaf.issuer.raw))
          .some((issuer) => {
            const issuerKeyHash = Uint8Array.from(createHash("sha256").update(issuer.spki).digest());
            const entry = { type: "precertificate", issuerKeyHash, tbs: precertificateTbs(leaf) } as const;
            return verify(
              "sha256",
              sctSignatureInput({ timestampMs: sct.timestampMs, extensions: sct.extensions, entry }),
              key,
              sct.signature,
            );
          });
        assert.ok(isOver, `SCT of ${hexEncode(leaf.serialNumber)}`);
        checked += 1;
      }
    }
    assert.ok(checked >= 10, `${checked} SCTs`);
  });
  test("its extensions as openssl prints them", { skip: skipReason || opensslSkipReason }, () => {
    for (const bytes of certificates) {
      const ours = parseCertificate(bytes);
      const text = openssl(["x509", "-inform", "DER", "-in", "certificate.der", "-noout", "-text"], {
        "certificate.der": bytes,
      });
      const printed = text.replaceAll(/\s+/g, "");
      const keyId = subjectKeyIdentifier(ours);
      if (keyId !== undefined)
        assert.ok(
          printed.includes(
            hexEncode(keyId)
              .toUpperCase()
              .replaceAll(/(..)(?=.)/g, "$1:"),
          ),
        );
      const usage = keyUsage(ours);
      assert.equal(usage?.digitalSignature ?? false, printed.includes("DigitalSignature"));
      assert.equal(usage?.keyCertSign ?? false, printed.includes("CertificateSign"));
      assert.equal(usage?.crlSign ?? false, printed.includes("CRLSign"));
      const values = fulcioExtensions(ours);
      for (const { oid, name } of FULCIO_EXTENSIONS) {
        const value = values[name];
        if (!ours.extensions.some((extension) => extension.oid === oid) || value === undefined) continue;
        assert.ok(printed.includes(value.replaceAll(/\s+/g, "")), `${oid} ${value}`);
      }
      const pathLength = basicConstraints(ours)?.pathLength;
      if (pathLength !== undefined) assert.ok(printed.includes(`pathlen:${pathLength}`));
    }
  });
});
