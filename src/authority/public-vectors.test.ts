/**
 * What the real services wrote, made again: from what the conformance cases say, our functions must make the same bytes.
 *
 * Signatures cannot be made again; what they sign is, and they verify over it.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { algorithmByName, type SignatureAlgorithmName } from "../crypto/algorithms.ts";
import { importPublicKey } from "../crypto/keys.ts";
import type { Signer } from "../crypto/signer.ts";
import { verifySignature } from "../crypto/verify.ts";
import { base64Decode } from "../encoding/base64.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { parsePem } from "../encoding/pem.ts";
import { utf8Decode } from "../encoding/text.ts";
import { type Bundle, parseBundle, type TlogEntry } from "../formats/bundle/bundle.ts";
import { serializeAttributes } from "../formats/cms.ts";
import type { NamedDigest } from "../formats/hash-algorithm.ts";
import { parseEntryBody, type Verifier002 } from "../formats/rekor/entry-body.ts";
import { parseTimestampResponse } from "../formats/rfc3161.ts";
import { precertificateTbs } from "../formats/sct.ts";
import { type LogInstance, parseTrustedRoot } from "../formats/trusted-root.ts";
import { type Certificate, parseCertificate, serializeTbsCertificate } from "../formats/x509/certificate.ts";
import { authorityKeyIdentifier, subjectAlternativeNames } from "../formats/x509/extensions.ts";
import { fulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { parseCheckpoint } from "../tlog/checkpoint.ts";
import { parseNote } from "../tlog/signed-note.ts";
import { signingCertificateFields } from "./certificate.ts";
import { checkpointText, rekorV1Log, rekorV2Log } from "./checkpoint.ts";
import { dsseV1Entry, hashedRekordV1Entry, hashedRekordV2Entry, type LoggedEntry } from "./entry.ts";
import { promisedBytes } from "./promise.ts";
import { signedAttributes } from "./timestamp.ts";

/** The key of Rekor v1 of the public instance, for cases that bring no trusted root. */
const PUBLIC_REKOR_KEY = base64Decode(
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
);

interface PublicCase {
  readonly name: string;
  readonly bundle: Bundle;
  readonly tlogs: readonly LogInstance[];
  /** Certificates of timestamp authorities. */
  readonly timestampCertificates: readonly Certificate[];
}

/** Made by the mock of sigstore-js, which orders extensions otherwise and logs the payload. */
const NOT_BY_SERVICES = "intoto-with-custom-trust-root";

/** The cases that stock clients accept: all in them is as the services made it. */
function readCases(): readonly PublicCase[] {
  const folder = vectorsPath("sigstore-conformance", "bundle-verify");
  if (folder === undefined) return [];
  const names = readdirSync(folder).filter(
    (name) => (!/_fail$|\./.test(name) || name.startsWith("happy-path-v")) && name !== NOT_BY_SERVICES,
  );
  return names.map((name) => {
    const root = join(folder, name, "trusted_root.json");
    const trusted = existsSync(root) ? parseTrustedRoot(readFileSync(root)) : undefined;
    const timestampCertificates =
      trusted?.timestampAuthorities.flatMap(({ certificates }) => certificates.map(parseCertificate)) ?? [];
    return {
      name,
      bundle: parseBundle(readFileSync(join(folder, name, "bundle.sigstore.json"))),
      tlogs: trusted?.tlogs ?? [],
      timestampCertificates,
    };
  });
}

const cases = readCases();
const entries = cases.flatMap(({ name, bundle, tlogs }) =>
  bundle.material.tlogEntries.map((entry) => ({ name, bundle, tlogs, entry })),
);

function entryLabel({ name, entry }: { readonly name: string; readonly entry: TlogEntry }): string {
  return `${name}: ${entry.kindVersion.kind} ${entry.kindVersion.version}`;
}

function verifierFromPem(pem: Uint8Array | undefined): Verifier002 {
  const [block] = parsePem(utf8Decode(pem ?? new Uint8Array(0)));
  assert.ok(block !== undefined);
  return {
    kind: block.label === "CERTIFICATE" ? "x509Certificate" : "publicKey",
    rawBytes: block.bytes,
    keyDetails: "",
  };
}

/** The text of a body; in the place of the hash of our envelope text it has that of the submitter's, whose text is lost. */
function bodyText({ body }: LoggedEntry, submitted?: NamedDigest): string {
  const text = utf8Decode(body);
  return submitted === undefined
    ? text
    : text.replace(/("envelopeHash":\{"algorithm":"sha256","value":")[0-9a-f]*/, `$1${hexEncode(submitted.digest)}`);
}

/** The body that our functions make of what the log's body says. */
function madeAgain({ content }: Bundle, bytes: Uint8Array): string {
  const body = parseEntryBody(bytes);
  if (body.form === "hashedrekord-0.0.1")
    return bodyText(
      hashedRekordV1Entry({ ...body, algorithm: body.digestAlgorithm }, verifierFromPem(body.verifierPem)),
    );
  if (body.form === "hashedrekord-0.0.2")
    return bodyText(hashedRekordV2Entry({ ...body, algorithm: body.digestAlgorithm }, body.verifier));
  assert.ok(content.kind === "dsseEnvelope");
  assert.ok(body.form === "dsse-0.0.1");
  return bodyText(dsseV1Entry(content.envelope, verifierFromPem(body.signatures[0]?.verifierPem)), body.envelopeHash);
}

describe("entry bodies, byte for byte", { skip: skipReason }, () => {
  test("there are enough, of three kinds", () => {
    assert.ok(entries.length >= 20, `${entries.length} entries`);
    assert.equal(new Set(entries.map(({ entry }) => Object.values(entry.kindVersion).join(" "))).size, 3);
  });
  for (const one of entries) {
    test(entryLabel(one), () => {
      assert.equal(madeAgain(one.bundle, one.entry.canonicalizedBody), utf8Decode(one.entry.canonicalizedBody));
    });
  }
});

/** A signer that knows its key and cannot sign. */
function keyOnly(spki: Uint8Array, algorithm: SignatureAlgorithmName): Signer {
  return {
    publicKey: importPublicKey(spki),
    algorithm: algorithmByName(algorithm),
    sign: () => Promise.reject(new TypeError("expected never to sign")),
  };
}

function logSigner({ tlogs, entry }: { readonly tlogs: readonly LogInstance[]; readonly entry: TlogEntry }): Signer {
  const known = tlogs.find(({ logId }) => equalBytes(logId, entry.logId));
  return known === undefined
    ? keyOnly(PUBLIC_REKOR_KEY, "PKIX_ECDSA_P256_SHA_256")
    : keyOnly(known.publicKey, algorithmByName(known.keyDetails).name);
}

describe("promises: the log's signature is over the bytes that we would sign", { skip: skipReason }, () => {
  for (const one of entries.filter(({ entry }) => entry.inclusionPromise !== undefined)) {
    test(entryLabel(one), () => {
      const { entry } = one;
      const { publicKey, algorithm } = logSigner(one);
      const promised = {
        body: entry.canonicalizedBody,
        integratedTimeSeconds: entry.integratedTimeSeconds,
        logId: entry.logId,
        logIndex: entry.logIndex,
      };
      assert.ok(
        verifySignature(publicKey, algorithm, promisedBytes(promised), entry.inclusionPromise ?? new Uint8Array(0)),
      );
    });
  }
});

describe("checkpoints: origin, log ID and text are those that we would sign", { skip: skipReason }, () => {
  for (const one of entries.filter(({ entry }) => entry.inclusionProof?.checkpoint !== undefined)) {
    test(entryLabel(one), () => {
      const note = parseNote(one.entry.inclusionProof?.checkpoint ?? "");
      const checkpoint = parseCheckpoint(note.text);
      const [, host, treeId] = /^(\S+) - (\d+)$/.exec(checkpoint.origin) ?? [];
      const signer = logSigner(one);
      const log =
        host === undefined ? rekorV2Log(checkpoint.origin, signer) : rekorV1Log(host, BigInt(treeId ?? 0), signer);
      assert.equal(checkpointText(log, checkpoint), note.text);
      assert.deepEqual(log.logId, one.entry.logId);
      assert.ok(
        note.signatures.some(({ name, keyId }) => name === log.name && equalBytes(keyId, log.logId.subarray(0, 4))),
      );
    });
  }
});

/** The TBS that our authority would make of what the certificate says, with the key identifier that Fulcio made by SHA-1. */
function tbsMadeAgain(certificate: Certificate): Uint8Array {
  const [subjectAlternativeName] = subjectAlternativeNames(certificate);
  assert.ok(subjectAlternativeName !== undefined);
  const { serialNumber, spki, notBeforeMs, notAfterMs, issuer } = certificate;
  const authority = { name: issuer.raw, keyIdentifier: authorityKeyIdentifier(certificate) ?? new Uint8Array(0) };
  const request = {
    serialNumber,
    spki,
    subjectAlternativeName,
    extensions: fulcioExtensions(certificate),
    notBeforeMs,
    notAfterMs,
  };
  const fields = signingCertificateFields(authority, request);
  const theirs = certificate.extensions.find(({ oid }) => oid === OID.subjectKeyIdentifier);
  const extensions = fields.extensions.map((extension) =>
    extension.oid === OID.subjectKeyIdentifier ? (theirs ?? extension) : extension,
  );
  return serializeTbsCertificate({ ...fields, extensions, signatureAlgorithm: certificate.signatureAlgorithm.raw });
}

describe("signing certificates: the TBS that the CT log saw, byte for byte", { skip: skipReason }, () => {
  for (const { name, bundle } of cases) {
    const { key } = bundle.material;
    if (key.kind === "publicKey") continue;
    test(name, () => {
      const certificate = parseCertificate(key.certificates[0] ?? new Uint8Array(0));
      assert.equal(hexEncode(tbsMadeAgain(certificate)), hexEncode(precertificateTbs(certificate)));
    });
  }
});

describe("timestamps: what the authority signed, byte for byte", { skip: skipReason }, () => {
  const stamped = cases.filter(
    ({ bundle, timestampCertificates }) => bundle.material.timestamps.length > 0 && timestampCertificates.length > 0,
  );
  test("there are enough", () => {
    assert.ok(stamped.length >= 8, `${stamped.length} bundles with timestamps of authorities that come along`);
  });
  for (const { name, bundle, timestampCertificates } of stamped) {
    test(name, () => {
      for (const response of bundle.material.timestamps) {
        const { token } = parseTimestampResponse(response);
        const signer = token?.signedData.signerInfos[0];
        assert.ok(token !== undefined && signer?.signerId.kind === "issuerAndSerialNumber");
        const { serialNumber } = signer.signerId;
        const certificate = timestampCertificates.find((one) => equalBytes(one.serialNumber, serialNumber));
        assert.ok(certificate !== undefined);
        const hash = signer.digestAlgorithm === OID.sha256 ? "PKIX_ECDSA_P256_SHA_256" : "PKIX_ECDSA_P384_SHA_384";
        const authority = { certificate, signer: { ...keyOnly(certificate.spki, hash) }, chain: [] };
        const again = serializeAttributes(
          signedAttributes(authority, token.tstInfo.raw, token.tstInfo.genTimeMs, "sha256"),
        );
        assert.equal(hexEncode(again), hexEncode(signer.signedAttributes?.raw ?? new Uint8Array(0)));
      }
    });
  }
});
