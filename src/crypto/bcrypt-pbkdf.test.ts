/** Blowfish (Eric Young's vectors, as Schneier publishes them) and bcrypt_pbkdf (OpenBSD's regress test). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hexDecode, hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { bcryptPbkdf } from "./bcrypt-pbkdf.ts";
import { Blowfish } from "./blowfish.ts";

describe("Blowfish", () => {
  const vectors = [
    ["0000000000000000", "0000000000000000", "4ef997456198dd78"],
    ["ffffffffffffffff", "ffffffffffffffff", "51866fd5b85ecb8a"],
    ["3000000000000000", "1000000000000001", "7d856f9a613063f2"],
    ["0123456789abcdef", "1111111111111111", "61f9c3802281b096"],
    ["fedcba9876543210", "0123456789abcdef", "0aceab0fc6a0a28d"],
  ] as const;
  const words = (hex: string): Uint32Array => {
    const view = new DataView(hexDecode(hex).slice().buffer);
    return Uint32Array.of(view.getUint32(0), view.getUint32(4));
  };
  for (const [key, plaintext, ciphertext] of vectors) {
    it(`key ${key}`, () => {
      const cipher = new Blowfish();
      cipher.expand(words(key), undefined);
      const block = words(plaintext);
      cipher.encrypt(block);
      assert.deepEqual(block, words(ciphertext));
    });
  }
});

describe("bcrypt_pbkdf", () => {
  const vectors = [
    [4, "password", "salt", "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9"],
    [4, "password", "\0", "c12b566235eee04c212598970a579a67"],
    [4, "\0", "salt", "6051be18c2f4f82cbf0efee5471b4bb9"],
    [
      8,
      "password",
      "salt",
      "e1367ec5151a33faac4cc1c144cd23fa15d5548493ecc99b9b5d9c0d3b27bec76227ea66088b849b20ab7aa478010246e74bba51723fefa9f9474d6508845e8d",
    ],
  ] as const;
  for (const [rounds, password, salt, expected] of vectors) {
    it(`${rounds} rounds, ${JSON.stringify(password)}, ${JSON.stringify(salt)}, ${expected.length / 2} octets`, () => {
      const key = bcryptPbkdf(utf8Encode(password), utf8Encode(salt), rounds, expected.length / 2);
      assert.equal(hexEncode(key), expected);
    });
  }
});
