import assert from "node:assert/strict";
import { it } from "node:test";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { deriveKeyFromPassword, SCRYPT_PARAMETERS, type ScryptParameters } from "./password.ts";

const derive = async (password: string, salt: string, parameters: ScryptParameters, length: number): Promise<string> =>
  hexEncode(await deriveKeyFromPassword(utf8Encode(password), utf8Encode(salt), parameters, length));

it("RFC 7914 §12: the test vectors", async () => {
  assert.equal(
    await derive("", "", { cost: 16, blockSize: 1, parallelization: 1 }, 64),
    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
  );
  assert.equal(
    await derive("password", "NaCl", { cost: 1024, blockSize: 8, parallelization: 16 }, 64),
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
  );
  assert.equal(
    await derive("pleaseletmein", "SodiumChloride", { cost: 16384, blockSize: 8, parallelization: 1 }, 64),
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
  );
});

it("takes what cosign writes, and twice as much", async () => {
  assert.equal((await derive("hello", "salt", SCRYPT_PARAMETERS, 32)).length, 64);
  await derive("hello", "salt", { cost: 131072, blockSize: 8, parallelization: 1 }, 32);
});

it("refuses parameters that are none, before any work", async () => {
  const refused = async (code: ErrorCode, cost: number, blockSize: number, parallelization: number): Promise<void> =>
    assert.rejects(derive("", "", { cost, blockSize, parallelization }, 32), (error) => isSigstoreError(error, code));
  for (const cost of [0, 1, 3, 1000, -2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
    await refused("key-encryption-invalid", cost, 8, 1);
  for (const factor of [0, -1, 1.5, Number.NaN]) {
    await refused("key-encryption-invalid", 1024, factor, 1);
    await refused("key-encryption-invalid", 1024, 8, factor);
  }
  await refused("key-encryption-invalid", 2 ** 16, 1, 1);
  await refused("input-too-large", 2 ** 19, 8, 1);
  await refused("input-too-large", 2 ** 16, 8, 5);
  await refused("input-too-large", 2, 2 ** 50, 1);
});
