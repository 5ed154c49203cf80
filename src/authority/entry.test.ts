/** Entry bodies: what they record, read back by formats/. Bodies of the real logs are in public-vectors.test.ts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sha256 } from "../crypto/digest.ts";
import { parsePem, serializePem } from "../encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { type DsseEnvelope, preAuthEncoding } from "../formats/dsse.ts";
import { IN_TOTO_PAYLOAD_TYPE } from "../formats/in-toto.ts";
import { parseEntryBody, type Verifier002 } from "../formats/rekor/entry-body.ts";
import {
  dsseV1Entry,
  dsseV2Entry,
  hashedRekordV1Entry,
  hashedRekordV2Entry,
  intotoV1Entry,
  type LoggedEntry,
  signedDigestOfEnvelope,
} from "./entry.ts";

const CERTIFICATE: Verifier002 = {
  kind: "x509Certificate",
  rawBytes: utf8Encode("certificate"),
  keyDetails: "PKIX_ECDSA_P256_SHA_256",
};
const KEY: Verifier002 = { kind: "publicKey", rawBytes: utf8Encode("key"), keyDetails: "PKIX_ED25519_PH" };
const SIGNED = {
  algorithm: "sha256",
  digest: sha256(utf8Encode("artifact")),
  signature: utf8Encode("signature"),
} as const;
const ENVELOPE: DsseEnvelope = {
  payloadType: IN_TOTO_PAYLOAD_TYPE,
  payload: utf8Encode("{}"),
  signatures: [{ signature: utf8Encode("signature"), keyid: "" }],
};

const CASES: readonly (readonly [string, (verifier: Verifier002) => LoggedEntry])[] = [
  ["hashedrekord-0.0.1", (verifier) => hashedRekordV1Entry(SIGNED, verifier)],
  ["hashedrekord-0.0.2", (verifier) => hashedRekordV2Entry(SIGNED, verifier)],
  ["dsse-0.0.1", (verifier) => dsseV1Entry(ENVELOPE, verifier)],
  ["dsse-0.0.2", (verifier) => dsseV2Entry(ENVELOPE, verifier)],
  ["intoto-0.0.2", (verifier) => intotoV1Entry(ENVELOPE, verifier)],
];

describe("an entry", () => {
  for (const [form, make] of CASES) {
    test(`of form ${form} says in its body what it is`, () => {
      for (const verifier of [CERTIFICATE, KEY]) {
        const { body, kindVersion } = make(verifier);
        const parsed = parseEntryBody(body);
        assert.equal(parsed.form, form);
        assert.deepEqual({ kind: parsed.kind, version: parsed.version }, kindVersion);
      }
    });
  }

  test("of Rekor v1 holds key or certificate as PEM", () => {
    for (const [verifier, label] of [
      [CERTIFICATE, "CERTIFICATE"],
      [KEY, "PUBLIC KEY"],
    ] as const) {
      const parsed = parseEntryBody(hashedRekordV1Entry(SIGNED, verifier).body);
      assert.ok(parsed.form === "hashedrekord-0.0.1");
      assert.equal(utf8Decode(parsed.verifierPem), serializePem(label, verifier.rawBytes));
      assert.deepEqual(parsePem(utf8Decode(parsed.verifierPem))[0]?.bytes, verifier.rawBytes);
    }
  });

  test("of Rekor v2 holds key or certificate as DER, and the algorithm", () => {
    const parsed = parseEntryBody(hashedRekordV2Entry(SIGNED, KEY).body);
    assert.ok(parsed.form === "hashedrekord-0.0.2");
    assert.deepEqual(parsed.verifier, KEY);
    assert.deepEqual([parsed.digest, parsed.signature], [SIGNED.digest, SIGNED.signature]);
  });

  test("records the hash of the envelope's text as it was submitted", () => {
    const submitted = utf8Encode('{ "payload": "e30=" }');
    for (const entry of [dsseV1Entry(ENVELOPE, KEY, submitted), intotoV1Entry(ENVELOPE, KEY, submitted)]) {
      const parsed = parseEntryBody(entry.body);
      assert.ok(parsed.form === "dsse-0.0.1" || parsed.form === "intoto-0.0.2");
      assert.deepEqual(parsed.envelopeHash.digest, sha256(submitted));
      assert.deepEqual(parsed.payloadHash.digest, sha256(ENVELOPE.payload));
    }
  });
});

describe("an envelope in Rekor v2", () => {
  test("is logged by the digest of its pre-authentication encoding", () => {
    const signed = signedDigestOfEnvelope(ENVELOPE, "sha256");
    assert.deepEqual(signed.digest, sha256(preAuthEncoding(ENVELOPE.payloadType, ENVELOPE.payload)));
    assert.deepEqual(signed.signature, utf8Encode("signature"));
  });

  test("has exactly one signature", () => {
    const twice = [...ENVELOPE.signatures, ...ENVELOPE.signatures];
    assert.throws(() => signedDigestOfEnvelope({ ...ENVELOPE, signatures: [] }, "sha256"), TypeError);
    assert.throws(() => signedDigestOfEnvelope({ ...ENVELOPE, signatures: twice }, "sha256"), TypeError);
  });
});
