import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { namedDigest, someBytes, verifier002 } from "../../../test/arbitrary-formats.ts";
import { mutateJson } from "../../../test/mutate-json.ts";
import { compareBytes } from "../../encoding/bytes.ts";
import { canonicalizeJson } from "../../encoding/canonical-json.ts";
import { parseJson } from "../../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import {
  parseEntryBody,
  serializeDsse001,
  serializeDsse002,
  serializeHashedRekord001,
  serializeHashedRekord002,
  serializeIntoto002,
} from "./entry-body.ts";
import type { EntryBody } from "./entry-body.ts";

const HEX = "ab".repeat(32);
const DIGEST = Buffer.alloc(32, 7).toString("base64");
const HASH_001 = { algorithm: "sha256", value: HEX };
const HASH_002 = { algorithm: "SHA2_256", digest: DIGEST };
const VERIFIER = { x509Certificate: { rawBytes: "AQID" }, keyDetails: "PKIX_ECDSA_P256_SHA_256" };

/** One sound body of each form. */
const BODIES = {
  "hashedrekord-0.0.1": {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: { data: { hash: HASH_001 }, signature: { content: "AQID", publicKey: { content: "BAUG" } } },
  },
  "hashedrekord-0.0.2": {
    apiVersion: "0.0.2",
    kind: "hashedrekord",
    spec: { hashedRekordV002: { data: HASH_002, signature: { content: "AQID", verifier: VERIFIER } } },
  },
  "dsse-0.0.1": {
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: { envelopeHash: HASH_001, payloadHash: HASH_001, signatures: [{ signature: "AQID", verifier: "BAUG" }] },
  },
  "dsse-0.0.2": {
    apiVersion: "0.0.2",
    kind: "dsse",
    spec: { dsseV002: { payloadHash: HASH_002, signatures: [{ content: "AQID", verifier: VERIFIER }] } },
  },
  "intoto-0.0.1": {
    apiVersion: "0.0.1",
    kind: "intoto",
    spec: { content: { hash: HASH_001, payloadHash: HASH_001 }, publicKey: "BAUG" },
  },
  "intoto-0.0.2": {
    apiVersion: "0.0.2",
    kind: "intoto",
    spec: {
      content: {
        envelope: { payloadType: "t", signatures: [{ sig: "QVFJRA==", publicKey: "BAUG", keyid: "k" }] },
        hash: HASH_001,
        payloadHash: HASH_001,
      },
    },
  },
} as const;

function parse(value: unknown): EntryBody {
  return parseEntryBody(utf8Encode(typeof value === "string" ? value : JSON.stringify(value)));
}

/** The body of a form as text, with the first `from` in it replaced. */
function changed(form: keyof typeof BODIES, from: string, to: string): string {
  const text = JSON.stringify(BODIES[form]);
  assert.ok(text.includes(from), `${form}: ${from}`);
  return text.replace(from, to);
}

function refuses(text: string, message: string | RegExp): void {
  assert.throws(() => parse(text), { name: "SigstoreError", code: "entry-body-invalid", message });
}

/** Checks that bytes are canonical JSON, and returns what is read from them. */
function readCanonical(bytes: Uint8Array): EntryBody {
  assert.equal(utf8Decode(bytes), canonicalizeJson(parseJson(bytes)));
  return parseEntryBody(bytes);
}

function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

describe("entry bodies are read back from what was written, canonically", () => {
  const hashed = namedDigest.map(({ algorithm, digest }) => ({ digestAlgorithm: algorithm, digest }));

  it("hashedrekord 0.0.1", () => {
    fc.assert(
      fc.property(hashed, someBytes, someBytes, (hash, signature, verifierPem) => {
        const content = { ...hash, signature, verifierPem };
        const expected = { form: "hashedrekord-0.0.1", kind: "hashedrekord", version: "0.0.1", ...content };
        assert.deepEqual(readCanonical(serializeHashedRekord001(content)), expected);
      }),
    );
  });

  it("hashedrekord 0.0.2", () => {
    fc.assert(
      fc.property(hashed, someBytes, verifier002, (hash, signature, verifier) => {
        const content = { ...hash, signature, verifier };
        const expected = { form: "hashedrekord-0.0.2", kind: "hashedrekord", version: "0.0.2", ...content };
        assert.deepEqual(readCanonical(serializeHashedRekord002(content)), expected);
      }),
    );
  });

  it("dsse 0.0.1, signatures in the order of their base64", () => {
    const signatures = fc.array(record({ signature: someBytes, verifierPem: someBytes }), { maxLength: 4 });
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    fc.assert(
      fc.property(namedDigest, namedDigest, signatures, (envelopeHash, payloadHash, unsorted) => {
        const read = readCanonical(serializeDsse001({ envelopeHash, payloadHash, signatures: unsorted }));
        const sorted = [...unsorted].sort((a, b) => (base64(a.signature) < base64(b.signature) ? -1 : 1));
        assert.ok(read.form === "dsse-0.0.1");
        assert.deepEqual(
          read.signatures.map(({ signature }) => signature),
          sorted.map(({ signature }) => signature),
        );
        assert.deepEqual([read.envelopeHash, read.payloadHash], [envelopeHash, payloadHash]);
        assert.deepEqual(parseEntryBody(serializeDsse001(read)), read);
      }),
    );
  });

  it("dsse 0.0.2, signatures in the order of their bytes", () => {
    const signatures = fc.array(record({ signature: someBytes, verifier: verifier002 }), { maxLength: 4 });
    fc.assert(
      fc.property(namedDigest, signatures, (payloadHash, unsorted) => {
        const read = readCanonical(serializeDsse002({ payloadHash, signatures: unsorted }));
        const sorted = [...unsorted].sort((a, b) => compareBytes(a.signature, b.signature));
        assert.deepEqual(read, { form: "dsse-0.0.2", kind: "dsse", version: "0.0.2", payloadHash, signatures: sorted });
      }),
    );
  });

  it("intoto 0.0.2", () => {
    const content = record({
      payloadType: fc.string({ minLength: 1 }),
      payload: fc.option(someBytes, { nil: undefined }),
      signatures: fc.array(record({ signature: someBytes, verifierPem: someBytes, keyid: fc.string() }), {
        maxLength: 3,
      }),
      envelopeHash: namedDigest,
      payloadHash: namedDigest,
    });
    fc.assert(
      fc.property(content, (value) => {
        const expected = { form: "intoto-0.0.2", kind: "intoto", version: "0.0.2", ...value };
        assert.deepEqual(readCanonical(serializeIntoto002(value)), expected);
      }),
    );
  });
});

describe("parseEntryBody", () => {
  for (const [form, body] of Object.entries(BODIES)) {
    it(`reads ${form}`, () => {
      const read = parse(body);
      assert.equal(read.form, form);
      assert.equal(`${read.kind}-${read.version}`, form);
    });
  }

  it("reads intoto 0.0.1, with and without the hash of the payload", () => {
    const read = parse(BODIES["intoto-0.0.1"]);
    assert.ok(read.form === "intoto-0.0.1");
    assert.deepEqual(read.verifierPem, Uint8Array.of(4, 5, 6));
    assert.deepEqual(read.payloadHash, { algorithm: "sha256", digest: new Uint8Array(32).fill(0xab) });
    const old = parse(changed("intoto-0.0.1", `,"payloadHash":${JSON.stringify(HASH_001)}`, ""));
    assert.equal(old.form === "intoto-0.0.1" && old.payloadHash, undefined);
  });

  it("reads the signature of intoto 0.0.2 through both layers of base64", () => {
    const read = parse(BODIES["intoto-0.0.2"]);
    assert.ok(read.form === "intoto-0.0.2");
    assert.deepEqual(read.signatures, [
      { signature: Uint8Array.of(1, 2, 3), verifierPem: Uint8Array.of(4, 5, 6), keyid: "k" },
    ]);
  });

  it("names other kinds and versions, and keeps their spec", () => {
    for (const [kind, apiVersion] of [
      ["rekord", "0.0.1"],
      ["hashedrekord", "0.0.3"],
      ["toString", "1"],
    ]) {
      const body = parse({ apiVersion, kind, spec: { any: ["thing"] } });
      assert.deepEqual(JSON.parse(JSON.stringify(body)), {
        form: "unsupported",
        kind,
        version: apiVersion,
        spec: { any: ["thing"] },
      });
    }
  });

  it("does not demand canonical JSON", () => {
    assert.deepEqual(parse(JSON.stringify(BODIES["dsse-0.0.1"], undefined, 2)), parse(BODIES["dsse-0.0.1"]));
  });

  it("refuses what is no JSON, or not strict", () => {
    refuses("", "entry body: expected JSON, got nothing");
    refuses("[]", "entry body: expected an object, got an array");
    refuses("{} {}", /^entry body: line 1, column 4: expected the end/);
    refuses(changed("hashedrekord-0.0.1", '"kind"', '"kind":"dsse","kind"'), /^entry body: .* got "kind" again$/);
    assert.throws(() => parseEntryBody(Uint8Array.of(0xff)), {
      code: "entry-body-invalid",
      message: /^entry body: expected text in UTF-8/,
    });
  });

  it("refuses a body without kind, version or spec", () => {
    refuses('{"apiVersion":"0.0.1","spec":{}}', "kind: expected a string, got nothing");
    refuses('{"kind":"dsse","spec":{}}', "apiVersion: expected a string, got nothing");
    refuses('{"kind":"dsse","apiVersion":"0.0.1"}', "spec: expected an object, got nothing");
    refuses('{"kind":"helm","apiVersion":"0.0.1"}', "spec: expected an object, got nothing");
  });

  it("refuses unknown fields of known kinds", () => {
    refuses('{"kind":"helm","apiVersion":"0.0.1","spec":{},"x":1}', /^entry body: .* got unknown field "x"$/);
    refuses(
      changed("dsse-0.0.1", '"envelopeHash"', '"proposedContent":{},"envelopeHash"'),
      /^spec: .* got unknown field "proposedContent"$/,
    );
    refuses(
      changed("hashedrekord-0.0.1", '"publicKey"', '"public_key"'),
      /^spec\.signature: .* got unknown field "public_key"$/,
    );
    refuses(
      changed("hashedrekord-0.0.2", '"data"', '"artifact":1,"data"'),
      /^spec\.hashedRekordV002: .* got unknown field "artifact"$/,
    );
    refuses(
      changed("hashedrekord-0.0.2", '"hashedRekordV002"', '"dsseV002"'),
      /^spec: .* got unknown field "dsseV002"$/,
    );
  });

  it("refuses hashes of v1 that are not what they say", () => {
    const path = "spec.data.hash";
    refuses(
      changed("hashedrekord-0.0.1", "sha256", "sha1"),
      `${path}.algorithm: expected one of sha256, sha384, sha512, got "sha1"`,
    );
    refuses(changed("hashedrekord-0.0.1", "sha256", "toString"), /^spec\.data\.hash\.algorithm: expected one of/);
    refuses(changed("hashedrekord-0.0.1", "sha256", "sha512"), `${path}.value: expected 64 bytes of sha512, got 32`);
    refuses(changed("hashedrekord-0.0.1", HEX, "abc"), `${path}.value: expected an even number of hex digits, got 3`);
    refuses(changed("hashedrekord-0.0.1", HEX, "xy"), `${path}.value: expected a hex digit at position 0, got "x"`);
    refuses(changed("hashedrekord-0.0.1", `,"value":"${HEX}"`, ""), `${path}.value: expected a string, got nothing`);
    refuses(
      changed("dsse-0.0.1", '"payloadHash"', '"payloadHash":null,"envelopeHash"'),
      /each|payloadHash|envelopeHash/,
    );
  });

  it("refuses hashes and verifiers of v2 that are not what they say", () => {
    const path = "spec.hashedRekordV002";
    refuses(
      changed("hashedrekord-0.0.2", "SHA2_256", "SHA3_256"),
      /^spec\.hashedRekordV002\.data\.algorithm: expected one of SHA2_256, /,
    );
    refuses(
      changed("hashedrekord-0.0.2", "SHA2_256", "sha256"),
      /^spec\.hashedRekordV002\.data\.algorithm: expected one of HASH/,
    );
    refuses(changed("hashedrekord-0.0.2", DIGEST, "AQID"), `${path}.data.digest: expected 32 bytes of SHA2_256, got 3`);
    refuses(
      changed("hashedrekord-0.0.2", "PKIX_ECDSA_P256_SHA_256", "ECDSA"),
      /verifier\.keyDetails: expected one of .*, got "ECDSA"$/,
    );
    const both = '"publicKey":{"rawBytes":"AQID"},"x509Certificate"';
    refuses(
      changed("hashedrekord-0.0.2", '"x509Certificate"', both),
      /verifier: expected only one of publicKey, x509Certificate, got/,
    );
    refuses(
      changed("dsse-0.0.2", '"x509Certificate":{"rawBytes":"AQID"},', ""),
      /verifier: expected one of publicKey, x509Certificate, got none$/,
    );
    refuses(changed("dsse-0.0.2", '"rawBytes":"AQID"', ""), /x509Certificate\.rawBytes: expected base64, got nothing$/);
  });

  it("refuses signatures of intoto 0.0.2 that are base64 once only", () => {
    refuses(changed("intoto-0.0.2", "QVFJRA==", "AQID"), /signatures\[0\]\.sig: expected base64 within base64: /);
    refuses(changed("intoto-0.0.2", "QVFJRA==", ""), /signatures\[0\]\.sig: expected base64, got ""$/);
  });

  it("refuses more signatures than an envelope may have", () => {
    const signatures = Array.from({ length: LIMITS.dsseSignatures + 1 }, () => ({
      signature: "AQID",
      verifier: "BAUG",
    }));
    const spec = { ...BODIES["dsse-0.0.1"].spec, signatures };
    refuses(
      JSON.stringify({ ...BODIES["dsse-0.0.1"], spec }),
      /^spec\.signatures: expected at most 16 elements, got 17$/,
    );
  });

  it("gives nothing but its own SigstoreErrors when a body is changed in any one place", () => {
    for (const body of Object.values(BODIES)) {
      for (const { change, text } of mutateJson(body)) {
        try {
          parse(text);
        } catch (error) {
          assert.ok(isSigstoreError(error, "entry-body-invalid"), `${change}: ${String(error)}`);
        }
      }
    }
  });
});
