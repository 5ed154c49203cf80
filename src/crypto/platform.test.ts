/**
 * The two platforms answer alike: each signs, both verify, what is good and what was changed. (The rest of the suite runs once on each,
 * by the condition `browser`.)
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { platform as chosen } from "#platform";
import { utf8Encode } from "../encoding/text.ts";
import { parseSpki, serializeSpki } from "../formats/spki.ts";
import { parseEcdsaSignature } from "./ecdsa.ts";
import type { HashAlgorithmName } from "./hash-algorithm.ts";
import { isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import { platform as browser } from "./platform.browser.ts";
import { platform as node } from "./platform.node.ts";
import type { Platform, PlatformPrivateKey, PlatformPublicKey } from "./platform.ts";

const HASHES: readonly HashAlgorithmName[] = ["sha256", "sha384", "sha512"];

it("the condition `browser` chooses", () => {
  const isBrowser =
    process.execArgv.some((argument) => argument.includes("conditions=browser")) ||
    (process.env["NODE_OPTIONS"] ?? "").includes("conditions=browser");
  assert.equal(chosen.name, isBrowser ? "browser" : "node");
});

it("digests", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...HASHES), (bytes, hash) => {
      assert.deepEqual(browser.digest(hash, bytes), node.digest(hash, bytes));
      assert.deepEqual(
        browser.createDigest(hash).update(bytes).digest(),
        node.createDigest(hash).update(bytes).digest(),
      );
    }),
  );
});

describe("keys and signatures", () => {
  for (const keyType of ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"] as const) {
    for (const [maker, other] of [
      [node, browser],
      [browser, node],
    ] as const) {
      it(`${keyType}, made by ${maker.name}`, () => {
        const info = maker.generatePrivateKey(keyType);
        const key = maker.importPrivateKey(info);
        assert.deepEqual(other.importPrivateKey(info).publicBytes, key.publicBytes);
        const keys = [node, browser].map((platform) => publicKeyOn(platform, keyType, key));
        fc.assert(
          fc.property(
            fc.uint8Array({ maxLength: 50 }),
            fc.nat(),
            fc.constantFrom(...HASHES),
            (message, position, hash) => {
              const signature = key.sign(keyType === "ed25519" ? undefined : hash, message);
              const changed = signature.with(
                position % signature.length,
                (signature[position % signature.length] ?? 0) ^ 1,
              );
              for (const publicKey of keys) {
                assert.equal(verifyBothWays(publicKey, keyType, hash, message, signature), true);
                assert.equal(verifyBothWays(publicKey, keyType, hash, message, changed), false);
              }
            },
          ),
          { numRuns: 8 },
        );
      });
    }
  }

  it("rsa: the public operation", () => {
    const info = node.generatePrivateKey("rsa-2048");
    const key = node.importPrivateKey(info);
    const block = Uint8Array.of(0, ...node.randomBytes(255));
    const signature = key.rsaPrivateOperation(block);
    for (const platform of [node, browser]) {
      assert.deepEqual(new Uint8Array(publicKeyOn(platform, "rsa", key).rsaPublicOperation(signature)), block);
      assert.deepEqual(
        new Uint8Array(publicKeyOn(platform, "rsa", key).rsaPublicOperation(new Uint8Array(256))),
        new Uint8Array(256),
      );
    }
  });
});

describe("passwords and randomness", () => {
  it("scrypt", async () => {
    const parameters = { cost: 64, blockSize: 3, parallelization: 2 };
    const [password, salt] = [utf8Encode("password"), utf8Encode("salt")];
    assert.deepEqual(
      await browser.scrypt(password, salt, parameters, 40),
      await node.scrypt(password, salt, parameters, 40),
    );
  });

  it("random octets", () => {
    for (const platform of [node, browser]) {
      assert.equal(platform.randomBytes(24).length, 24);
      assert.notDeepEqual(platform.randomBytes(24), platform.randomBytes(24));
    }
  });
});

function publicKeyOn(
  platform: Platform,
  keyType: Parameters<typeof serializeSpki>[0]["keyType"],
  key: PlatformPrivateKey,
): PlatformPublicKey {
  return platform.importPublicKey(parseSpki(serializeSpki({ keyType, keyBytes: key.publicBytes })));
}

/** The answer over the message; over the digest it must be the same. */
function verifyBothWays(
  key: PlatformPublicKey,
  keyType: "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "ed25519",
  hash: HashAlgorithmName,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isEcdsaKeyType(keyType)) return key.verify(undefined, message, signature);
  const numbers = parseEcdsaSignature(NIST_CURVES[keyType], signature);
  const overDigest = numbers !== undefined && key.verifyEcdsaDigest(node.digest(hash, message), numbers);
  assert.equal(key.verify(hash, message, signature), overDigest);
  return overDigest;
}
