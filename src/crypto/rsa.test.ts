import assert from "node:assert/strict";
import { constants, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { hexDecode } from "../encoding/hex.ts";
import { algorithmByName, type DigestScheme, type SignatureScheme } from "./algorithms.ts";
import { digest } from "./digest.ts";
import { bytesFromInteger, integerFromBytes } from "./integers.ts";
import { importPublicKey, type PublicKey } from "./keys.ts";
import { isPssBlock, pkcs1v15Block, pssBlock } from "./rsa.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

const HASHES = ["sha256", "sha384", "sha512"] as const;
const MESSAGE = Uint8Array.of(1, 2, 3);

/** Sizes of the registry, and sizes whose encoding ends elsewhere in its first octet or begins one octet later. */
const keys = [2048, 2049, 2055, 3072].map((modulusLength) => {
  const pair = generateKeyPairSync("rsa", { modulusLength });
  return {
    modulusLength,
    privateKey: pair.privateKey,
    publicKey: importPublicKey(pair.publicKey.export({ format: "der", type: "spki" })),
  };
});

for (const { modulusLength, privateKey, publicKey } of keys) {
  describe(`RSA ${modulusLength}`, () => {
    const length = Math.ceil(modulusLength / 8);

    for (const hash of HASHES) {
      it(`PKCS #1 v1.5 with ${hash}: Node's signatures hold, changed ones do not`, () => {
        const scheme = { scheme: "rsa-pkcs1v15", keyType: "rsa", hash } as const;
        changesAreSeen(publicKey, scheme, sign(hash, MESSAGE, privateKey));
      });

      it(`PSS with ${hash}: salts of any length hold, changed signatures do not`, () => {
        const scheme = { scheme: "rsa-pss", keyType: "rsa", hash } as const;
        const hashBytes = digest(hash, MESSAGE).length;
        const longest = Math.ceil((modulusLength - 1) / 8) - hashBytes - 2;
        for (const saltLength of [0, 1, 20, hashBytes, longest]) {
          const signature = sign(hash, MESSAGE, {
            key: privateKey,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength,
          });
          changesAreSeen(publicKey, scheme, signature);
          assert.ok(verifySignature(publicKey, { ...scheme, saltBytes: saltLength }, MESSAGE, signature));
          assert.ok(!verifySignature(publicKey, { ...scheme, saltBytes: saltLength + 1 }, MESSAGE, signature));
        }
      });
    }

    it("PSS blocks that we make are those that we read, with every salt that fits", () => {
      const messageDigest = digest("sha256", MESSAGE);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 190 }), (salt) => {
          const block = pssBlock("sha256", messageDigest, salt, modulusLength);
          assert.equal(block.length, length);
          assert.ok(isPssBlock("sha256", messageDigest, block, modulusLength, salt.length));
          assert.ok(!isPssBlock("sha384", messageDigest, block, modulusLength, undefined));
        }),
      );
    });

    it("PSS blocks with anything else in the padding are refused", () => {
      const messageDigest = digest("sha256", MESSAGE);
      const block = pssBlock("sha256", messageDigest, MESSAGE, modulusLength);
      for (const [index, octet] of block.entries()) {
        assert.ok(
          !isPssBlock("sha256", messageDigest, block.with(index, octet ^ 0x01), modulusLength, undefined),
          `octet ${index}`,
        );
      }
      const first = block.length - Math.ceil((modulusLength - 1) / 8);
      const withUnusedBit = block.with(first, (block[first] ?? 0) ^ 0x80);
      assert.ok(!isPssBlock("sha256", messageDigest, withUnusedBit, modulusLength, undefined));
    });

    it("a signature with n added, an octet less or an octet more is refused", () => {
      for (const scheme of [
        { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha256" },
        { scheme: "rsa-pss", keyType: "rsa", hash: "sha256" },
      ] as const) {
        const [short, larger] = awkwardSignatures(publicKey, privateKey, scheme);
        for (const signature of [
          short.subarray(1),
          Uint8Array.of(0, ...short),
          Uint8Array.of(...short, 0),
          larger,
          new Uint8Array(0),
        ]) {
          assert.equal(verifySignature(publicKey, scheme, MESSAGE, signature), false);
        }
        assert.equal(verifySignature(publicKey, scheme, MESSAGE, short), true);
      }
    });
  });
}

/** A good signature, and the same representative plus n, or where that needs an octet more, n itself. */
function awkwardSignatures(
  publicKey: PublicKey,
  privateKey: KeyObject,
  scheme: SignatureScheme,
): [Uint8Array, Uint8Array] {
  const modulus = integerFromBytes(publicKey.rsa?.modulus ?? new Uint8Array(0));
  const length = publicKey.rsa?.modulus.length ?? 0;
  const padding = scheme.scheme === "rsa-pss" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const signature = sign("sha256", MESSAGE, { key: privateKey, padding });
  const sum = integerFromBytes(signature) + modulus;
  return [
    signature,
    sum < 2n ** BigInt(8 * length) ? bytesFromInteger(sum, length) : bytesFromInteger(modulus, length),
  ];
}

/** The signature holds over message and digest; no other message, and no change of one bit, does. */
function changesAreSeen(key: PublicKey, scheme: DigestScheme, signature: Uint8Array): void {
  const messageDigest = digest(scheme.hash, MESSAGE);
  assert.equal(verifySignature(key, scheme, MESSAGE, signature), true);
  assert.equal(verifyDigestSignature(key, scheme, messageDigest, signature), true);
  assert.equal(verifySignature(key, scheme, Uint8Array.of(1, 2), signature), false);
  for (const bit of [0, 7, 9, 1000, 8 * signature.length - 1]) {
    const changed = new Uint8Array(signature);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(verifyDigestSignature(key, scheme, messageDigest, changed), false);
  }
}

describe("PKCS #1 v1.5 blocks", () => {
  const [{ privateKey, publicKey }] = keys as [(typeof keys)[number]];
  const algorithm = algorithmByName("PKIX_RSA_PKCS1V15_2048_SHA256");
  const messageDigest = digest("sha256", MESSAGE);
  const good = pkcs1v15Block("sha256", messageDigest, 256);
  const signed = (block: Uint8Array): Uint8Array =>
    privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);
  const info = good.subarray(good.length - 51);
  const block = (padding: readonly number[], end: Uint8Array): Uint8Array => Uint8Array.of(...padding, ...end);
  const filled = (length: number): number[] => Array.from({ length }, () => 0xff);

  it("is RFC 8017's", () => {
    assert.deepEqual(info.subarray(0, 19), hexDecode("3031300d060960864801650304020105000420"));
    assert.deepEqual(verifySignature(publicKey, algorithm, MESSAGE, signed(good)), true);
  });

  const wrong: Readonly<Record<string, Uint8Array>> = {
    "of block type 2": good.with(1, 2),
    "of block type 0": good.with(1, 0),
    "with a first octet": good.with(0, 1).with(1, 0),
    "with another padding octet": good.with(9, 0xfe),
    "with a short padding and octets after the digest": block(
      [0, 1, ...filled(8), 0],
      Uint8Array.of(...info, ...new Uint8Array(256 - 11 - 51)),
    ),
    "with the digest alone": block([0, 1, ...filled(256 - 3 - 32), 0], messageDigest),
    "with no NULL": block(
      [0, 1, ...filled(256 - 3 - 49), 0],
      Uint8Array.of(0x30, 0x2f, 0x30, 0x0b, ...info.subarray(4, 15), 0x04, 0x20, ...messageDigest),
    ),
    "of another hash": good.with(good.length - 33 - 4, 0x02),
  };
  for (const [name, octets] of Object.entries(wrong)) {
    it(`${name} is refused`, () => {
      assert.equal(octets.length, 256);
      assert.equal(verifySignature(publicKey, algorithm, MESSAGE, signed(octets)), false);
      assert.equal(verifyDigestSignature(publicKey, algorithm, messageDigest, signed(octets)), false);
    });
  }
});
