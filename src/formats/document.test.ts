import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { parseBundle } from "./bundle/bundle.ts";
import { describeDocument, parseDocument, recognizeDocument } from "./document.ts";
import type { DocumentKind } from "./document.ts";
import { parseTrustedRoot } from "./trusted-root.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const pem = (label: string): string => `-----BEGIN ${label}-----\nMIIB\n-----END ${label}-----\n`;
const utf16 = (text: string): Uint8Array =>
  new Uint8Array(Buffer.concat([bytes(0xff, 0xfe), Buffer.from(text, "utf16le")]));

/** What a person may hand over, and what it is. */
const EXAMPLES: readonly (readonly [DocumentKind, string | Uint8Array])[] = [
  ["bundle", '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'],
  ["bundle", '{"verificationMaterial":{}}'],
  ["trusted-root", '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'],
  ["trusted-root", '{"tlogs":[],"certificateAuthorities":[]}'],
  ["signing-config", '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}'],
  ["signing-config", '{"caUrls":[]}'],
  ["signing-config", '{"caUrl":"https://x"}'],
  ["client-trust-config", '{"mediaType":"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"}'],
  ["client-trust-config", '{"trustedRoot":{},"signingConfig":{}}'],
  ["dsse-envelope", '{"payload":"","payloadType":"t","signatures":[]}'],
  ["statement", '{"_type":"https://in-toto.io/Statement/v1","predicateType":"t","subject":[]}'],
  ["cosign-bundle", '{"base64Signature":"","cert":"","rekorBundle":{}}'],
  ["rekor-bundle", '{"SignedEntryTimestamp":"","Payload":{}}'],
  ["cosign-timestamp", '{"SignedRFC3161Timestamp":""}'],
  ["entry-body", '{"apiVersion":"0.0.1","kind":"dsse","spec":{}}'],
  ["tlog-entry", '{"logIndex":"1","logId":{},"canonicalizedBody":""}'],
  ["rekor-response", '{"24296fb24b8ad77a":{"body":"","logID":"","logIndex":1}}'],
  ["tuf-metadata", '{"signed":{},"signatures":[]}'],
  ["oci-manifest", '{"schemaVersion":2,"layers":[]}'],
  ["oci-manifest", '{"mediaType":"application/vnd.oci.image.manifest.v1+json"}'],
  ["json", "{}"],
  ["json", "[]"],
  ["json", '"text"'],
  ["json", '{"verificationMaterial":'],
  ["attestation-response", '{"attestations":[{"predicateType":"t","bundle":{}}]}'],
  ["pypi-attestation", '{"version":1,"verification_material":{},"envelope":{}}'],
  ["pypi-attestation", '{"version":1,"attestation_bundles":[]}'],
  ["json-lines", '{"mediaType":"a"}\n{"mediaType":"b"}\n'],
  ["json-lines", `{"a":"${"x".repeat(10_000)}"}\r\n{"mediaType":"b"}\n`],
  ["certificate", pem("CERTIFICATE")],
  ["certificate", `\n  ${pem("CERTIFICATE")}`],
  ["public-key", pem("PUBLIC KEY")],
  ["public-key", pem("RSA PUBLIC KEY")],
  ["private-key", pem("ENCRYPTED SIGSTORE PRIVATE KEY")],
  ["private-key", pem("EC PRIVATE KEY")],
  ["pem", pem("CERTIFICATE REQUEST")],
  ["checkpoint", "rekor.example\n12\nAQID\n\n\u2014 rekor.example AQID\n"],
  ["base64-text", "MEUCIQDxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\n"],
  ["markup", "<!doctype html><html></html>"],
  ["utf-16", utf16('{"mediaType":1}')],
  ["der", bytes(0x30, 0x82, 0x03, 0x01, 0x30)],
  ["archive", bytes(0x1f, 0x8b, 8, 0)],
  ["archive", bytes(0x50, 0x4b, 3, 4)],
  ["binary", bytes(0x7f, 0x45, 0x4c, 0x46, 0)],
  ["binary", bytes(0x80, 0x81, 0x82)],
  ["text", "hello, world"],
];

describe("recognizeDocument", () => {
  for (const [kind, source] of EXAMPLES) {
    const shown = typeof source === "string" ? JSON.stringify(source.slice(0, 40)) : source.slice(0, 4).join(" ");
    it(`${describeDocument(kind)}: ${shown}`, () => {
      assert.equal(recognizeDocument(source), kind);
      if (typeof source === "string") assert.equal(recognizeDocument(new TextEncoder().encode(source)), kind);
    });
  }

  it("answers for any bytes and any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }), fc.json()), (source) => {
        assert.equal(typeof describeDocument(recognizeDocument(source)), "string");
      }),
    );
  });
});

describe("parseBundle says what a file is when it is no bundle", () => {
  for (const [kind, source] of EXAMPLES) {
    if (kind === "bundle" || kind === "json") continue;
    it(describeDocument(kind), () => {
      assert.throws(() => parseBundle(source), {
        code: "bundle-invalid",
        message: `expected a Sigstore bundle, got ${describeDocument(kind)}`,
      });
    });
  }

  it("an empty file", () => {
    for (const source of ["", " \n", new Uint8Array(0)]) {
      assert.throws(() => parseBundle(source), {
        code: "input-empty",
        message: "expected a Sigstore bundle, got an empty file",
      });
    }
  });

  it("JSON that is no object", () => {
    assert.throws(() => parseBundle("[]"), {
      code: "bundle-invalid",
      message: "expected a Sigstore bundle, got an array as JSON",
    });
  });

  it("some other JSON object", () => {
    assert.throws(() => parseBundle('{"a":1}'), { code: "bundle-invalid", message: /got unknown field "a"$/ });
  });

  it("truncated JSON, with the hint", () => {
    assert.throws(() => parseBundle('{"mediaType":"application/vnd'), {
      code: "json-invalid",
      message:
        "a Sigstore bundle: expected a closing quote for the string that opens at line 1, column 14, got the end of the input",
      hint: "the file may be truncated",
    });
  });

  it("what to do about it", () => {
    assert.throws(() => parseBundle(pem("CERTIFICATE")), { hint: /certificate and the signature together/ });
    assert.throws(() => parseTrustedRoot('{"verificationMaterial":{}}'), {
      code: "trusted-root-invalid",
      message: "expected a trusted root, got a Sigstore bundle",
      hint: /beside the trust files/,
    });
  });
});

describe("parseDocument", () => {
  it("refuses more bytes than its caller takes", () => {
    assert.throws(() => parseDocument('{"a": 1}', "json", "bundle-invalid", 7), {
      code: "input-too-large",
      message: "some other JSON document: expected at most 7 bytes of JSON, got 8",
    });
  });

  it("throws nothing but SigstoreErrors", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }), fc.json()), (source) => {
        try {
          parseDocument(source, "bundle", "bundle-invalid", 1000);
        } catch (error) {
          assert.ok(isSigstoreError(error));
        }
      }),
    );
  });
});
