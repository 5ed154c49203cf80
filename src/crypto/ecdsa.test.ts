import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { describe, it } from "node:test";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import * as fc from "fast-check";
import { hexDecode } from "../encoding/hex.ts";
import { algorithmByName, type SignatureScheme } from "./algorithms.ts";
import { DIGEST_BYTES, digest } from "./digest.ts";
import { parseEcdsaSignature, serializeEcdsaSignature } from "./ecdsa.ts";
import { bytesFromInteger, integerFromBytes, modularInverse } from "./integers.ts";
import { type PublicKey, publicKeyFromBytes } from "./keys.ts";
import { type EcdsaKeyType, NIST_CURVES, type NistCurve } from "./nist-curves.ts";
import { exportPkcs8, privateKeyFromSeed } from "./private-key.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

const ORACLES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;
const OWN_HASHES = { "ecdsa-p256": "sha256", "ecdsa-p384": "sha384", "ecdsa-p521": "sha512" } as const;
const P256 = NIST_CURVES["ecdsa-p256"];

for (const keyType of Object.keys(NIST_CURVES) as EcdsaKeyType[]) {
  const oracle = ORACLES[keyType];
  const curve = NIST_CURVES[keyType];
  const numRuns = keyType === "ecdsa-p256" ? 50 : 10;

  describe(`${keyType}, over a digest`, () => {
    for (const hash of ["sha256", "sha384", "sha512"] as const) {
      const scheme: SignatureScheme = { scheme: "ecdsa", keyType, hash };

      it(`agrees with @noble/curves and with Node on signatures with ${hash}, good and changed`, () => {
        const change = fc.record({ of: fc.constantFrom("digest", "r", "s"), bit: fc.nat(31 * 8) });
        fc.assert(
          fc.property(
            fc.uint8Array({ minLength: 8, maxLength: 8 }),
            fc.uint8Array({ maxLength: 99 }),
            change,
            (seed, message, { of, bit }) => {
              const key = privateKeyFromSeed(keyType, seed);
              const pkcs8 = createPrivateKey({ key: Buffer.from(exportPkcs8(key)), format: "der", type: "pkcs8" });
              const signature = sign(hash, message, pkcs8);
              const messageDigest = digest(hash, message);
              assert.ok(verifyDigestSignature(key.publicKey, scheme, messageDigest, signature));
              assert.ok(verifySignature(key.publicKey, scheme, message, signature));

              const numbers = parseEcdsaSignature(curve, signature);
              assert.ok(numbers !== undefined);
              const mask = 1n << BigInt(bit);
              const compact = compactOf(
                curve,
                of === "r" ? numbers.r ^ mask : numbers.r,
                of === "s" ? numbers.s ^ mask : numbers.s,
              );
              const otherDigest = of === "digest" ? flipBit(messageDigest, bit) : messageDigest;
              const options = { prehash: false, lowS: false } as const;
              assert.equal(oracle.verify(compact, otherDigest, key.publicKey.keyBytes, options), false);
              assert.equal(
                verifyDigestSignature(key.publicKey, scheme, otherDigest, serializeEcdsaSignature(compact)),
                false,
              );
            },
          ),
          { numRuns },
        );
      });
    }

    it("takes s and n - s alike", () => {
      const key = privateKeyFromSeed(keyType, Uint8Array.of(1));
      const messageDigest = digest("sha256", Uint8Array.of(2));
      const compact = oracle.sign(messageDigest, secretOf(key), { prehash: false });
      const [r, s] = [
        integerFromBytes(compact.subarray(0, curve.coordinateBytes)),
        integerFromBytes(compact.subarray(curve.coordinateBytes)),
      ];
      const scheme: SignatureScheme = { scheme: "ecdsa", keyType, hash: "sha256" };
      for (const either of [s, curve.order - s]) {
        assert.ok(
          verifyDigestSignature(
            key.publicKey,
            scheme,
            messageDigest,
            serializeEcdsaSignature(compactOf(curve, r, either)),
          ),
        );
      }
    });

    edgeCases(keyType);

    it("r or s out of range is no signature", () => {
      const { order: n, coordinateBytes } = curve;
      const scheme: SignatureScheme = { scheme: "ecdsa", keyType, hash: "sha256" };
      const key = privateKeyFromSeed(keyType, Uint8Array.of(1)).publicKey;
      const pad = (value: bigint): Uint8Array => bytesFromInteger(value, coordinateBytes + 1);
      for (const [r, s] of [
        [0n, 1n],
        [1n, 0n],
        [n, 1n],
        [1n, n],
        [n + 1n, 1n],
      ] as const) {
        const signature = serializeEcdsaSignature(Uint8Array.of(...pad(r), ...pad(s)));
        assert.equal(parseEcdsaSignature(curve, signature), undefined);
        assert.equal(verifySignature(key, scheme, new Uint8Array(1), signature), false);
        assert.equal(verifyDigestSignature(key, scheme, new Uint8Array(32), signature), false);
      }
    });
  });
}

/** Signatures made by hand so that the equation passes its edges; each is judged by @noble/curves too. */
function edgeCases(keyType: EcdsaKeyType): void {
  const oracle = ORACLES[keyType];
  const curve = NIST_CURVES[keyType];
  const { order: n, coordinateBytes } = curve;
  const digestBytes = DIGEST_BYTES[OWN_HASHES[keyType]];
  const scheme: SignatureScheme = { scheme: "ecdsa", keyType, hash: OWN_HASHES[keyType] };
  const judge = (key: PublicKey, z: bigint, r: bigint, s: bigint): boolean => {
    const compact = compactOf(curve, r, s);
    const messageDigest = bytesFromInteger(z, digestBytes);
    const answer = verifyDigestSignature(key, scheme, messageDigest, serializeEcdsaSignature(compact));
    assert.equal(oracle.verify(compact, messageDigest, key.keyBytes, { prehash: false, lowS: false }), answer);
    return answer;
  };
  const d = 0x1234567n;
  const k = 0x89abcdefn;
  const key = publicKeyFromBytes(keyType, oracle.Point.BASE.multiply(d).toBytes(false));
  const r = oracle.Point.BASE.multiply(k).x % n;
  const over = (numerator: bigint, denominator: bigint): bigint => (numerator * modularInverse(denominator, n)) % n;

  it("z = 0: the point w·G is the neutral one", () => {
    assert.equal(judge(key, 0n, r, over(r * d, k)), true);
    assert.equal(judge(key, 0n, r, over(r * d, k) ^ 1n), false);
  });

  it("w·G = Q: the sum is a doubling", () => {
    const { z, signature } = keyWithMultiplier(1n);
    assert.equal(judge(signature.key, z, signature.r, over(2n * z, k)), true);
    assert.equal(judge(signature.key, z, signature.r, over(z, k)), false);
  });

  it("w·G = -Q: the sum is the point at infinity, and the signature is none", () => {
    const { z, signature } = keyWithMultiplier(n - 1n);
    for (const s of [1n, z, n - 1n]) assert.equal(judge(signature.key, z, signature.r, s), false);
  });

  /** A key and r with z = d·r·factor for a z that fits a digest: the key is chosen last, as an adversary could. */
  function keyWithMultiplier(factor: bigint): { z: bigint; signature: { key: PublicKey; r: bigint } } {
    const z = 0xfedcba98n;
    const secret = over(z, r * factor);
    return { z, signature: { r, key: publicKeyFromBytes(keyType, oracle.Point.BASE.multiply(secret).toBytes(false)) } };
  }

  it("x(R) of n and above: r is x modulo n", () => {
    // The first point whose x is above n (an r of 0 is none); Q is chosen so that it is the R of this signature.
    let x = n + 1n;
    let R = pointWithX(x);
    while (R === undefined) R = pointWithX(++x);
    const [z, s] = [5n, 7n];
    const small = x - n;
    assert.ok(x < curve.prime);
    const Q = R.multiply(over(s, small)).subtract(oracle.Point.BASE.multiply(over(z, small)));
    const keyOfR = publicKeyFromBytes(keyType, Q.toBytes(false));
    assert.equal(judge(keyOfR, z, small, s), true);
    assert.equal(judge(keyOfR, z, small + 1n, s), false);
  });

  function pointWithX(x: bigint): InstanceType<typeof oracle.Point> | undefined {
    try {
      return oracle.Point.fromBytes(Uint8Array.of(2, ...bytesFromInteger(x, coordinateBytes)));
    } catch {
      return undefined;
    }
  }

  it("a digest of n and above counts modulo n", () => {
    const z = 2n ** BigInt(8 * digestBytes) - 1n;
    assert.equal(judge(key, z, r, over((z % n) + r * d, k)), true);
  });
}

describe("the DER form of a signature", () => {
  const good = "3006020101020102";
  const cases: Readonly<Record<string, string>> = {
    nothing: "",
    "trailing octets": `${good}00`,
    "octets after s": "300802010102010205 00".replaceAll(" ", ""),
    "a length in long form": "308106020101020102",
    "an indefinite length": "30800201010201020000",
    "a padded integer": "300702020001020102",
    "a negative r": "30060201ff020102",
    "a negative s": "3006020101020182",
    "r alone": "3003020101",
    "an empty integer": "30050200020102",
    "a SET": "3106020101020102",
    "an octet string as s": "3006020101040102",
    "a truncated s": "30060201010202ff",
  };

  it("is read", () => {
    assert.deepEqual(parseEcdsaSignature(P256, hexDecode(good)), { r: 1n, s: 2n });
  });

  for (const [name, hex] of Object.entries(cases)) {
    it(`refuses ${name}, over message and digest`, () => {
      const key = privateKeyFromSeed("ecdsa-p256", Uint8Array.of(1)).publicKey;
      const algorithm = algorithmByName("PKIX_ECDSA_P256_SHA_256");
      assert.equal(parseEcdsaSignature(P256, hexDecode(hex)), undefined);
      assert.equal(verifySignature(key, algorithm, new Uint8Array(3), hexDecode(hex)), false);
      assert.equal(verifyDigestSignature(key, algorithm, new Uint8Array(32), hexDecode(hex)), false);
    });
  }

  it("does not read a huge one", () => {
    const huge = new Uint8Array(1 << 20);
    assert.equal(parseEcdsaSignature(P256, huge), undefined);
  });
});

function compactOf({ coordinateBytes }: NistCurve, r: bigint, s: bigint): Uint8Array {
  return Uint8Array.of(...bytesFromInteger(r, coordinateBytes), ...bytesFromInteger(s, coordinateBytes));
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  const index = Math.floor(bit / 8) % bytes.length;
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

function secretOf(key: Parameters<typeof exportPkcs8>[0]): Uint8Array {
  const { d = "" } = createPrivateKey({ key: Buffer.from(exportPkcs8(key)), format: "der", type: "pkcs8" }).export({
    format: "jwk",
  });
  return Buffer.from(d, "base64url");
}
