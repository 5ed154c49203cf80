/** Real timestamps, read by us and by openssl; requests, certificates and responses of ours, judged by openssl. */
import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { describe, test } from "node:test";
import { der } from "../src/encoding/der.ts";
import { hexDecode, hexEncode } from "../src/encoding/hex.ts";
import { serializePem } from "../src/encoding/pem.ts";
import { serializeAttributes, serializeSignedData } from "../src/formats/cms.ts";
import {
  parseSigningCertificate,
  parseSigningCertificateV2,
  parseTimestampRequest,
  parseTimestampResponse,
  serializeSigningCertificateV2,
  serializeTimestampRequest,
  serializeTimestampResponse,
  serializeTstInfo,
  type TimestampToken,
} from "../src/formats/rfc3161.ts";
import {
  type Extension,
  parseCertificate,
  serializeCertificate,
  serializeName,
  serializeTbsCertificate,
} from "../src/formats/x509/certificate.ts";
import {
  serializeAuthorityKeyIdentifier,
  serializeBasicConstraints,
  serializeExtendedKeyUsage,
  serializeKeyUsage,
  serializeSubjectKeyIdentifier,
} from "../src/formats/x509/extensions.ts";
import { OID } from "../src/formats/x509/oids.ts";
import { readConformanceMaterial } from "./conformance-material.ts";
import { openssl, opensslSkipReason } from "./openssl.ts";
import { skipReason } from "./vectors-path.ts";

const { certificates, timestamps } = readConformanceMaterial();
const HASHES: Readonly<Record<string, string>> = {
  [OID.sha256]: "sha256",
  [OID.sha384]: "sha384",
  [OID.sha512]: "sha512",
};
const MESSAGE = new TextEncoder().encode("a signature");

function tokenOf(bytes: Uint8Array): TimestampToken {
  const { token } = parseTimestampResponse(bytes);
  assert.ok(token !== undefined);
  return token;
}

describe("every timestamp of the conformance cases", () => {
  test(
    "there are enough, of two authorities at least, with both forms of the signing certificate attribute",
    { skip: skipReason },
    () => {
      assert.ok(timestamps.length >= 15, `${timestamps.length} timestamps`);
      const tokens = timestamps.map(tokenOf);
      assert.ok(new Set(tokens.map(({ tstInfo }) => tstInfo.policy)).size >= 2);
      assert.ok(tokens.some(({ signedData }) => signedData.certificates.length > 0));
      assert.ok(
        tokens.some(({ tstInfo }) => tstInfo.serialNumber < 0n),
        "one with a negative serial number",
      );
      const attributes = tokens.map(({ signedData }) => signedData.signerInfos[0]?.signedAttributes?.values);
      assert.ok(attributes.some((values) => values?.has(OID.signingCertificate) === true));
      assert.ok(attributes.some((values) => values?.has(OID.signingCertificateV2) === true));
    },
  );
  test("its attributes speak of its content, and name its certificate by hash", { skip: skipReason }, () => {
    for (const bytes of timestamps) {
      const { signedData, tstInfo } = tokenOf(bytes);
      const [signer] = signedData.signerInfos;
      const values = signer?.signedAttributes?.values;
      const hash = HASHES[signer?.digestAlgorithm ?? ""] ?? "sha256";
      assert.deepEqual(values?.get(OID.messageDigest), der.octetString(createHash(hash).update(tstInfo.raw).digest()));
      const version1 = values?.get(OID.signingCertificate);
      const version2 = values?.get(OID.signingCertificateV2);
      const ids = [
        ...(version1 === undefined ? [] : parseSigningCertificate(version1)),
        ...(version2 === undefined ? [] : parseSigningCertificateV2(version2)),
      ];
      assert.ok(ids.length > 0);
      for (const leaf of signedData.certificates.map(parseCertificate)) {
        const names = ids.map(
          (id) =>
            hexEncode(id.hash) ===
            createHash(id.hashAlgorithm === OID.sha1 ? "sha1" : (HASHES[id.hashAlgorithm] ?? "sha256"))
              .update(leaf.raw)
              .digest("hex"),
        );
        if (
          signer?.signerId.kind === "issuerAndSerialNumber" &&
          hexEncode(leaf.serialNumber) === hexEncode(signer.signerId.serialNumber)
        ) {
          assert.deepEqual(names.slice(0, 1), [true]);
        }
      }
    }
  });
  test("its signature holds over the attributes as we hand them out", { skip: skipReason }, () => {
    const known = certificates.map(parseCertificate);
    let checked = 0;
    for (const bytes of timestamps) {
      const { signedData } = tokenOf(bytes);
      const [signer] = signedData.signerInfos;
      if (signer?.signerId.kind !== "issuerAndSerialNumber" || signer.signedAttributes === undefined) continue;
      const { issuer, serialNumber } = signer.signerId;
      const leaf = [...known, ...signedData.certificates.map(parseCertificate)].find(
        (one) =>
          hexEncode(one.serialNumber) === hexEncode(serialNumber) && hexEncode(one.issuer.raw) === hexEncode(issuer),
      );
      if (leaf === undefined) continue;
      const key = createPublicKey({ key: Buffer.from(leaf.spki), format: "der", type: "spki" });
      assert.ok(verify(HASHES[signer.digestAlgorithm], signer.signedAttributes.raw, key, signer.signature));
      checked += 1;
    }
    assert.ok(checked >= 10, `${checked} signatures`);
  });
  test("as openssl prints it", { skip: skipReason || opensslSkipReason }, () => {
    for (const bytes of timestamps) {
      const { tstInfo } = tokenOf(bytes);
      const text = openssl(["ts", "-reply", "-in", "response.tsr", "-text"], { "response.tsr": bytes });
      // openssl has names of its own for the object identifiers of its example authority.
      const policy = tstInfo.policy === "1.2.3.4.1" ? "tsa_policy1" : tstInfo.policy;
      assert.ok(text.includes(`Policy OID: ${policy}\n`), text);
      const serial = /Serial number: 0x(-?)([0-9A-F]+)/.exec(text);
      assert.equal(tstInfo.serialNumber, BigInt(`0x${serial?.[2] ?? "0"}`) * (serial?.[1] === "-" ? -1n : 1n));
      assert.equal(tstInfo.genTimeMs, Date.parse(/Time stamp: (.*)/.exec(text)?.[1] ?? ""));
      const nonce = /Nonce: 0x([0-9A-F]+)/.exec(text)?.[1];
      assert.equal(tstInfo.nonce, nonce === undefined ? undefined : BigInt(`0x${nonce}`));
      const hex = [...text.matchAll(/^ {4}[0-9a-f]{4} - ((?:[0-9a-f]{2}[- ])+)/gm)]
        .map(([, line = ""]) => line.replaceAll(/[- ]/g, ""))
        .join("");
      assert.equal(hexEncode(tstInfo.messageImprint.digest), hex);
    }
  });
});

interface Issued {
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
  readonly name: Uint8Array;
  readonly spki: Uint8Array;
}

const ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"));
const KEY_ID = Uint8Array.of(1, 2, 3, 4);

function issue(commonName: string, serial: number, extensions: readonly Extension[], issuer?: Issued): Issued {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = serializeName([
    { oid: OID.organizationName, value: "test" },
    { oid: OID.commonName, value: commonName },
  ]);
  const spki = Uint8Array.from(publicKey.export({ type: "spki", format: "der" }));
  const tbs = serializeTbsCertificate({
    serialNumber: Uint8Array.of(serial),
    signatureAlgorithm: ECDSA_SHA256,
    issuer: issuer?.name ?? name,
    subject: name,
    notBeforeMs: Date.UTC(2020, 0, 1),
    notAfterMs: Date.UTC(2060, 0, 1),
    spki,
    extensions,
  });
  const signature = Uint8Array.from(sign("sha256", tbs, issuer?.key ?? privateKey));
  return { certificate: serializeCertificate(tbs, ECDSA_SHA256, signature), key: privateKey, name, spki };
}

/** A granted response over `messageImprint`, signed by `tsa`. */
function respond(tsa: Issued, request: ReturnType<typeof parseTimestampRequest>): Uint8Array {
  const { serialNumber } = parseCertificate(tsa.certificate);
  const issuer = parseCertificate(tsa.certificate).issuer.raw;
  const content = serializeTstInfo({
    policy: OID.sigstoreTimestampPolicy,
    messageImprint: request.messageImprint,
    serialNumber: Uint8Array.of(0x90, 1),
    genTimeMs: Date.UTC(2024, 0, 1, 0, 0, 0),
    accuracyMs: 1000,
    nonce: request.nonce,
    tsaName: der.explicit(4, tsa.name),
  });
  const hash = createHash("sha256").update(tsa.certificate).digest();
  const signedAttributes = serializeAttributes([
    { oid: OID.contentType, value: der.oid(OID.tstInfo) },
    { oid: OID.signingTime, value: der.time(Date.UTC(2024, 0, 1)) },
    { oid: OID.messageDigest, value: der.octetString(createHash("sha256").update(content).digest()) },
    {
      oid: OID.signingCertificateV2,
      value: serializeSigningCertificateV2({ hashAlgorithm: OID.sha256, hash, issuerSerial: { issuer, serialNumber } }),
    },
  ]);
  const signer = {
    signerId: { kind: "issuerAndSerialNumber", issuer, serialNumber },
    digestAlgorithm: der.sequence(der.oid(OID.sha256)),
    signedAttributes,
    signatureAlgorithm: ECDSA_SHA256,
    signature: Uint8Array.from(sign("sha256", signedAttributes, tsa.key)),
  } as const;
  const token = serializeSignedData({
    contentType: OID.tstInfo,
    content,
    certificates: [tsa.certificate],
    signerInfos: [signer],
  });
  return serializeTimestampResponse({ status: 0, token });
}

describe("what we write, judged by openssl", () => {
  const root = issue("root", 1, [
    serializeBasicConstraints({ isCa: true }),
    serializeKeyUsage({ keyCertSign: true, crlSign: true }),
    serializeSubjectKeyIdentifier(KEY_ID),
  ]);
  const tsa = issue(
    "tsa",
    2,
    [
      serializeKeyUsage({ digitalSignature: true }),
      serializeExtendedKeyUsage({ oids: [OID.timeStamping], critical: true }),
      serializeAuthorityKeyIdentifier(KEY_ID),
    ],
    root,
  );
  const pems = {
    "root.pem": serializePem("CERTIFICATE", root.certificate),
    "tsa.pem": serializePem("CERTIFICATE", tsa.certificate),
  };

  test("certificates make a path", { skip: opensslSkipReason }, () => {
    assert.match(
      openssl(["verify", "-x509_strict", "-purpose", "timestampsign", "-CAfile", "root.pem", "tsa.pem"], pems),
      /tsa\.pem: OK/,
    );
  });
  test("openssl's request is read, ours is printed", { skip: opensslSkipReason }, () => {
    const digest = createHash("sha256").update(MESSAGE).digest("hex");
    const ours = serializeTimestampRequest({
      messageImprint: { hashAlgorithm: OID.sha256, digest: hexDecode(digest) },
      policy: "1.2.3",
      nonce: 0x1234_5678n,
      certificatesWanted: true,
    });
    const text = openssl(["ts", "-query", "-in", "request.tsq", "-text"], { "request.tsq": ours });
    assert.match(text, /Policy OID: 1\.2\.3/);
    assert.match(text, /Nonce: 0x12345678/);
    assert.match(text, /Certificate required: yes/);
    const theirs = Buffer.from(
      openssl(["ts", "-query", "-digest", digest, "-sha256", "-cert", "-no_nonce"], {}, "latin1"),
      "latin1",
    );
    assert.deepEqual(parseTimestampRequest(Uint8Array.from(theirs)).certificatesWanted, true);
  });
  test("our response verifies, and another message's does not", { skip: opensslSkipReason }, () => {
    const request = parseTimestampRequest(
      serializeTimestampRequest({
        messageImprint: { hashAlgorithm: OID.sha256, digest: createHash("sha256").update(MESSAGE).digest() },
        nonce: 99n,
        certificatesWanted: true,
      }),
    );
    const files = { ...pems, "response.tsr": respond(tsa, request), message: MESSAGE, other: Uint8Array.of(1) };
    const verifyWith = (message: string): string =>
      openssl(["ts", "-verify", "-data", message, "-in", "response.tsr", "-CAfile", "root.pem"], files);
    assert.match(verifyWith("message"), /Verification: OK/);
    assert.throws(() => verifyWith("other"), /message imprint mismatch/);
    assert.doesNotThrow(() => openssl(["asn1parse", "-inform", "DER", "-in", "response.tsr"], files));
  });
});
