import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { it } from "node:test";
import * as fc from "fast-check";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { createDigest, DIGEST_BYTES, digest, sha256 } from "./digest.ts";

const ALGORITHMS = ["sha256", "sha384", "sha512"] as const;

/** FIPS 180-4 examples (NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values"): the message "abc". */
const ABC = {
  sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  sha384: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
  sha512:
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
} as const;

for (const algorithm of ALGORITHMS) {
  it(`${algorithm}: the example of the standard`, () => {
    assert.equal(hexEncode(digest(algorithm, utf8Encode("abc"))), ABC[algorithm]);
    assert.equal(digest(algorithm, new Uint8Array(0)).length, DIGEST_BYTES[algorithm]);
  });

  it(`${algorithm}: as Node's, at once and in any parts`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (parts) => {
        const expected = new Uint8Array(createHash(algorithm).update(Buffer.concat(parts)).digest());
        const streamed = createDigest(algorithm);
        for (const part of parts) streamed.update(part);
        assert.deepEqual(streamed.digest(), expected);
        assert.deepEqual(digest(algorithm, new Uint8Array(Buffer.concat(parts))), expected);
      }),
    );
  });
}

it("a digest is a plain Uint8Array with a buffer of its own", () => {
  for (const bytes of [sha256(new Uint8Array(65)), createDigest("sha512").digest()]) {
    assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    assert.equal(bytes.buffer.byteLength, bytes.length);
  }
});

it("a slice of a larger buffer is digested alone", () => {
  const buffer = utf8Encode("xabcx");
  assert.equal(hexEncode(sha256(buffer.subarray(1, 4))), ABC.sha256);
  assert.equal(hexEncode(createDigest("sha256").update(buffer.subarray(1, 4)).digest()), ABC.sha256);
});
