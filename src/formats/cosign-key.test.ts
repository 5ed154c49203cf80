/** cosign's key file: to the byte as Go writes it, and everything else refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { keySampleText } from "../../test/key-samples.ts";
import { parsePem } from "../encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { parseCosignKey, serializeCosignKey } from "./cosign-key.ts";

const sample = keySampleText("cosign.key");
const json = utf8Decode(inside(sample));

function inside(pem: string): Uint8Array {
  return parsePem(pem)[0]?.bytes ?? new Uint8Array(0);
}

it("cosign's own file comes back to the byte", () => {
  const key = parseCosignKey(inside(sample));
  assert.deepEqual(key.parameters, { cost: 65536, blockSize: 8, parallelization: 1 });
  assert.deepEqual([key.salt.length, key.nonce.length], [32, 24]);
  assert.equal(serializeCosignKey(key), sample);
});

it("what is written is read again", () => {
  const octets = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const parameters = fc.record(
    { cost: fc.nat(), blockSize: fc.nat(), parallelization: fc.nat() },
    { noNullPrototype: true },
  );
  const key = fc.record({ parameters, salt: octets, nonce: octets, ciphertext: octets }, { noNullPrototype: true });
  fc.assert(fc.property(key, (one) => assert.deepEqual(parseCosignKey(inside(serializeCosignKey(one))), one)));
});

describe("refused", () => {
  const wrong: Readonly<Record<string, readonly [string, ErrorCode]>> = {
    "another derivation": [json.replace("scrypt", "argon2"), "key-encryption-invalid"],
    "another cipher": [json.replace("nacl/secretbox", "aes"), "key-encryption-invalid"],
    "an unknown field": [json.replace("{", '{"x":1,'), "key-encryption-invalid"],
    "a field twice": [json.replace('"N":65536', '"N":1,"N":65536'), "json-invalid"],
    "no salt": [json.replace(/"salt":"[^"]*"/, '"salt":""'), "key-encryption-invalid"],
    "a negative number": [json.replace("65536", "-1"), "key-encryption-invalid"],
    "base64 of others": [json.replace(/"nonce":"./, '"nonce":"_'), "key-encryption-invalid"],
    "no JSON": ["nothing", "json-invalid"],
    nothing: ["", "input-empty"],
  };
  for (const [name, [text, code]] of Object.entries(wrong)) {
    it(name, () => {
      assert.notEqual(text, json);
      assert.throws(
        () => parseCosignKey(utf8Encode(text)),
        (error) => isSigstoreError(error, code),
      );
    });
  }
});
