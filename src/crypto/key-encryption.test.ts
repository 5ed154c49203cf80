import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { hexDecode, hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { openWithPassword, type SealedSecret, sealWithPassword } from "./key-encryption.ts";
import { openSecretBox, sealSecretBox } from "./secret-box.ts";

const FAST = { cost: 16, blockSize: 1, parallelization: 1 } as const;
const password = utf8Encode("correct horse");
const secret = utf8Encode("battery staple");

describe("secretbox", () => {
  it("NaCl, tests/secretbox.c: the known answer", async () => {
    const box = {
      nonce: hexDecode("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"),
      ciphertext: hexDecode(
        "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5",
      ),
    };
    const key = hexDecode("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    assert.equal(
      hexEncode((await openSecretBox(key, box)) ?? new Uint8Array(0)),
      "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705",
    );
  });

  it("opens what it sealed, and nothing that was changed or cut", async () => {
    const key = new Uint8Array(32).fill(5);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), async (plaintext, position) => {
        const box = await sealSecretBox(key, plaintext);
        assert.deepEqual(await openSecretBox(key, box), plaintext);
        const index = position % box.ciphertext.length;
        const changed = box.ciphertext.with(index, (box.ciphertext[index] ?? 0) ^ 1);
        assert.equal(await openSecretBox(key, { ...box, ciphertext: changed }), undefined);
        assert.equal(await openSecretBox(key, { ...box, ciphertext: box.ciphertext.subarray(0, index) }), undefined);
        assert.equal(
          await openSecretBox(key, { ...box, nonce: box.nonce.with(0, (box.nonce[0] ?? 0) ^ 1) }),
          undefined,
        );
        assert.equal(await openSecretBox(key, { ...box, nonce: box.nonce.subarray(1) }), undefined);
        assert.equal(await openSecretBox(key.with(0, 6), box), undefined);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a secret under a password", () => {
  it("comes back with the password, the empty one too, and each sealing is another", async () => {
    for (const word of [password, new Uint8Array(0)]) {
      const sealed = await sealWithPassword(secret, word, FAST);
      assert.deepEqual(await openWithPassword(sealed, word), secret);
      const again = await sealWithPassword(secret, word, FAST);
      assert.notDeepEqual(again.salt, sealed.salt);
      assert.notDeepEqual(again.nonce, sealed.nonce);
      assert.deepEqual([again.salt.length, again.nonce.length, again.ciphertext.length], [32, 24, 16 + secret.length]);
    }
  });

  it("is sealed with cosign's parameters when none are given", async () => {
    const sealed = await sealWithPassword(secret, password);
    assert.deepEqual(sealed.parameters, { cost: 65536, blockSize: 8, parallelization: 1 });
    assert.deepEqual(await openWithPassword(sealed, password), secret);
  });

  it("stays closed to another password, salt, nonce, ciphertext or parameters", async () => {
    const sealed = await sealWithPassword(secret, password, FAST);
    await refused("password-wrong", sealed, utf8Encode("Correct horse"));
    await refused("password-wrong", { ...sealed, salt: sealed.salt.toReversed() }, password);
    await refused("password-wrong", { ...sealed, nonce: sealed.nonce.toReversed() }, password);
    await refused("password-wrong", { ...sealed, ciphertext: sealed.ciphertext.toReversed() }, password);
    await refused("password-wrong", { ...sealed, parameters: { ...FAST, cost: 32 } }, password);
  });

  it("is refused in another form, before any work", async () => {
    const sealed = await sealWithPassword(secret, password, FAST);
    await refused("key-encryption-invalid", { ...sealed, nonce: new Uint8Array(12) }, password);
    await refused("key-encryption-invalid", { ...sealed, ciphertext: new Uint8Array(15) }, password);
    await refused("input-too-large", { ...sealed, ciphertext: new Uint8Array(2 << 20) }, password);
    await refused("input-too-large", { ...sealed, parameters: { ...FAST, cost: 2 ** 30, blockSize: 8 } }, password);
  });

  async function refused(code: ErrorCode, sealed: SealedSecret, word: Uint8Array): Promise<void> {
    await assert.rejects(openWithPassword(sealed, word), (error) => isSigstoreError(error, code));
  }
});
