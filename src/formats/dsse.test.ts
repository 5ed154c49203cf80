import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { dsseEnvelope } from "../../test/arbitrary-formats.ts";
import { parseJson } from "../encoding/json.ts";
import type { JsonObject } from "../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { LIMITS } from "../limits.ts";
import { parseDsseEnvelope, preAuthEncoding, serializeDsseEnvelope } from "./dsse.ts";

const ENVELOPE = {
  payload: "aGVsbG8gd29ybGQ=",
  payloadType: "http://example.com/HelloWorld",
  signatures: [{ sig: "AQID" }],
};

function refuses(changes: Record<string, unknown>, message: string | RegExp): void {
  assert.throws(() => parseDsseEnvelope(JSON.stringify({ ...ENVELOPE, ...changes })), {
    code: "dsse-invalid",
    message,
  });
}

describe("DSSE envelopes", () => {
  it("are read back from what was written, as text, bytes and object", () => {
    fc.assert(
      fc.property(dsseEnvelope, (envelope) => {
        const object = serializeDsseEnvelope(envelope);
        const text = JSON.stringify(object);
        assert.deepEqual(parseDsseEnvelope(text), envelope);
        assert.deepEqual(parseDsseEnvelope(utf8Encode(text)), envelope);
        assert.deepEqual(parseDsseEnvelope(parseJson(text) as JsonObject), envelope);
      }),
    );
  });

  it("leave out an empty keyid, and keep one that is there", () => {
    const signatures = [
      { signature: Uint8Array.of(1), keyid: "" },
      { signature: Uint8Array.of(2), keyid: "k" },
    ];
    assert.deepEqual(serializeDsseEnvelope({ payload: new Uint8Array(0), payloadType: "t", signatures }), {
      payload: "",
      payloadType: "t",
      signatures: [{ sig: "AQ==" }, { sig: "Ag==", keyid: "k" }],
    });
  });

  it("may have no signature: the verifier counts them", () => {
    assert.deepEqual(parseDsseEnvelope(JSON.stringify({ ...ENVELOPE, signatures: [] })).signatures, []);
  });

  it("are refused when malformed", () => {
    refuses({ payload: "a" }, "payload: expected canonical base64, got a text of 1 characters");
    refuses({ payloadType: "" }, 'payloadType: expected a string, got ""');
    refuses({ payloadType: 1 }, "payloadType: expected a string, got 1");
    refuses({ signatures: {} }, "signatures: expected an array, got an object");
    refuses({ signatures: [{ keyid: "k" }] }, "signatures[0].sig: expected base64, got nothing");
    refuses({ signatures: [{ sig: "AQID", keyid: 1 }] }, "signatures[0].keyid: expected a string, got 1");
    refuses({ signatures: [{ sig: "AQID", cert: "" }] }, /^signatures\[0\]: .* got unknown field "cert"$/);
    refuses({ x: 1 }, /^DSSE envelope: .* got unknown field "x"$/);
    const signatures = Array.from({ length: LIMITS.dsseSignatures + 1 }, () => ({ sig: "AQID" }));
    refuses({ signatures }, `signatures: expected at most ${LIMITS.dsseSignatures} elements, got ${signatures.length}`);
  });
});

describe("preAuthEncoding", () => {
  it("is that of the DSSE protocol's example", () => {
    const encoded = preAuthEncoding("http://example.com/HelloWorld", utf8Encode("hello world"));
    assert.equal(utf8Decode(encoded), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("counts bytes, not characters", () => {
    assert.equal(utf8Decode(preAuthEncoding("\u00e9", utf8Encode("\u20ac"))), "DSSEv1 2 \u00e9 3 \u20ac");
    assert.equal(utf8Decode(preAuthEncoding("", new Uint8Array(0))), "DSSEv1 0  0 ");
  });

  it("is another for every other type and payload", () => {
    const type = fc.string({ unit: fc.constantFrom("a", " ", "1"), maxLength: 4 });
    fc.assert(
      fc.property(type, type, type, type, (type1, payload1, type2, payload2) => {
        const one = utf8Decode(preAuthEncoding(type1, utf8Encode(payload1)));
        const other = utf8Decode(preAuthEncoding(type2, utf8Encode(payload2)));
        assert.equal(one === other, type1 === type2 && payload1 === payload2);
      }),
    );
  });
});
