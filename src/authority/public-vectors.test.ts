/**
 * What the real services wrote, made again: from what the conformance cases say, our functions must make the same bytes.
 *
 * Signatures cannot be made again; what they sign is, and they verify over it.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { algorithmByName } from "../crypto/algorithms.ts";
import { importPublicKey } from "../crypto/keys.ts";
import type { Signer } from "../crypto/signer.ts";
import { verifySignature } from "../crypto/verify.ts";
import { hexEncode } from "../encoding/hex.ts";
import { parsePem } from "../encoding/pem.ts";
import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { type Bundle, parseBundle, type TlogEntry } from "../formats/bundle/bundle.ts";
import { parseEntryBody } from "../formats/rekor/entry-body.ts";
import { embeddedScts } from "../formats/sct.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import { type Certificate, parseCertificate } from "../formats/x509/certificate.ts";
import { authorityKeyIdentifier, subjectAlternativeNames } from "../formats/x509/extensions.ts";
import { fulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { parseCheckpoint } from "../tlog/checkpoint.ts";
import { parseNote } from "../tlog/signed-note.ts";
import { signingCertificateFields, signSigningCertificate } from "./certificate.ts";
import { checkpointText, rekorV1Log, rekorV2Log } from "./checkpoint.ts";
import { dsseV1Entry, dsseV2Entry, hashedRekordV1Entry, hashedRekordV2Entry, intotoV1Entry } from "./entry.ts";
import type { IssuingAuthority } from "./issuing-authority.ts";
import { promisedBytes } from "./promise.ts";

/** Cases whose bundles can be read, and whose entries are as the log made them. */
function readBundles(): readonly (readonly [string, Bundle])[] {
  const folder = vectorsPath("sigstore-conformance", "bundle-verify");
  const names = folder === undefined ? [] : readdirSync(folder).filter((name) => !/_fail$|\./.test(name));
  return names.map((name) => [name, parseBundle(readFileSync(join(folder ?? "", name, "bundle.sigstore.json")))] as const);
}

const bundles = readBundles();
const entries: readonly (readonly [string, Bundle, TlogEntry])[] = bundles.flatMap(([name, bundle]) => bundle.material.tlogEntries.map((entry) => [name, bundle, entry] as const));

/** A signer that knows its key and algorithm, and cannot sign. */
function keyOnly(spki: Uint8Array, algorithm: Parameters<typeof algorithmByName>[0]): Signer {
  return { publicKey: importPublicKey(spki), algorithm: algorithmByName(algorithm), sign: () => Promise.reject(new TypeError("expected never to sign")) };
}

/** The body that our functions make from what the log's body says. */
function madeAgain(bundle: Bundle, body: Uint8Array): Uint8Array | undefined {
  const parsed = parseEntryBody(body);
  const envelope = bundle.content.kind === "dsseEnvelope" ? bundle.content.envelope : undefined;
  const fromPem = (pem: Uint8Array): { kind: "publicKey" | "x509Certificate"; rawBytes: Uint8Array; keyDetails: string } => {
    const [block] = parsePem(utf8Decode(pem));
    return { kind: block?.label === "CERTIFICATE" ? "x509Certificate" : "publicKey", rawBytes: block?.bytes ?? new Uint8Array(0), keyDetails: "" };
  };
  switch (parsed.form) {
    case "hashedrekord-0.0.1":
      return hashedRekordV1Entry({ ...parsed, algorithm: parsed.digestAlgorithm }, fromPem(parsed.verifierPem)).body;
    case "hashedrekord-0.0.2":
      return hashedRekordV2Entry({ ...parsed, algorithm: parsed.digestAlgorithm }, parsed.verifier).body;
    case "dsse-0.0.1":
      return envelope && dsseV1Entry(envelope, fromPem(parsed.signatures[0]?.verifierPem ?? new Uint8Array(0)), undefined);
    default:
      return undefined;
  }
}

describe("entries", { skip: skipReason }, () => {
  test("there are enough", () => {
    assert.ok(entries.length >= 15, `${entries.length} entries`);
  });
  for (const [name, bundle, entry] of entries) {
    test(`${name}: ${entry.kindVersion.kind} ${entry.kindVersion.version}`, () => {
      const again = madeAgain(bundle, entry.canonicalizedBody);
      assert.equal(utf8Decode(again ?? new Uint8Array(0)), utf8Decode(entry.canonicalizedBody));
    });
  }
});
