import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";
import * as fc from "fast-check";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { hexDecode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { serializeSpki } from "../formats/spki.ts";
import { algorithmByName } from "./algorithms.ts";
import { digest } from "./digest.ts";
import { ED25519PH_DOMAIN, verifyEd25519 } from "./ed25519.ts";
import {
  combineWithBase,
  decodePoint,
  EDWARDS_ORDER,
  type EdwardsPoint,
  encodePoint,
  isSmallOrder,
  negatePoint,
} from "./edwards25519.ts";
import { integerFromLittleEndian, littleEndianFromInteger } from "./integers.ts";
import { publicKeyFromBytes } from "./keys.ts";
import { serializePkcs8 } from "./pkcs8.ts";
import { importPrivateKey, privateKeyFromSeed } from "./private-key.ts";
import { createSigner } from "./signer.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

const PURE = algorithmByName("PKIX_ED25519");
const PREHASHED = algorithmByName("PKIX_ED25519_PH");
const sha512 = (bytes: Uint8Array): Uint8Array => digest("sha512", bytes);

describe("RFC 8032 §7.3, TEST abc of Ed25519ph", () => {
  const secret = hexDecode("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
  const publicKey = hexDecode("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
  const signature = hexDecode(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
  );
  const message = utf8Encode("abc");

  it("verifies over the message and over its digest, and not as pure Ed25519", () => {
    const key = publicKeyFromBytes("ed25519", publicKey);
    assert.ok(verifySignature(key, PREHASHED, message, signature));
    assert.ok(verifyDigestSignature(key, PREHASHED, sha512(message), signature));
    assert.ok(!verifySignature(key, PURE, message, signature));
    assert.ok(!verifySignature(key, PURE, sha512(message), signature));
  });

  it("is signed so, from the message and from its digest", async () => {
    const signer = createSigner(
      importPrivateKey(serializePkcs8({ keyType: "ed25519", secret, publicBytes: undefined })),
      PREHASHED,
    );
    assert.deepEqual(signer.publicKey.keyBytes, publicKey);
    assert.deepEqual(await signer.sign(message), signature);
    assert.deepEqual(await signer.signDigest?.(sha512(message)), signature);
  });
});

it("Ed25519ph agrees with @noble/curves on signatures, good and changed", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 99 }),
      fc.nat(511),
      (secret, message, bit) => {
        const key = publicKeyFromBytes("ed25519", ed25519.getPublicKey(secret));
        const signature = ed25519ph.sign(message, secret);
        assert.ok(verifyDigestSignature(key, PREHASHED, sha512(message), signature));
        signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.ok(!verifyDigestSignature(key, PREHASHED, sha512(message), signature));
        assert.ok(!ed25519ph.verify(signature, message, key.keyBytes));
      },
    ),
    { numRuns: 30 },
  );
});

it("wycheproof ed25519_test.json, by our own equation on every platform", { skip: skipReason }, () => {
  const path = vectorsPath("wycheproof", "ed25519_test.json");
  assert.ok(path !== undefined);
  const file = JSON.parse(readFileSync(path, "utf8")) as {
    testGroups: { publicKey: { pk: string }; tests: { msg: string; sig: string; result: string; tcId: number }[] }[];
  };
  for (const { publicKey, tests } of file.testGroups) {
    for (const { msg, sig, result, tcId } of tests) {
      assert.equal(
        verifyEd25519(sha512, hexDecode(publicKey.pk), hexDecode(msg), hexDecode(sig)),
        result === "valid",
        `#${tcId}`,
      );
    }
  }
});

const { Point } = ed25519;
const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const smallOrder = [
  Point.ZERO.toBytes(),
  ...[1n, 2n, 3n, 4n, 5n, 6n, 7n].map((multiple) => torsion.multiplyUnsafe(multiple).toBytes()),
  // y of p and p + 1, and x = 0 with a sign: octets that RFC 8032 §5.1.3 does not allow, and that stand for such points too.
  ...[2n ** 255n - 19n, 2n ** 255n - 18n, 2n ** 256n - 19n, 1n | (1n << 255n)].map((encoded) =>
    littleEndianFromInteger(encoded, 32),
  ),
];
/** The same of large order: y = 3 + p. */
const notCanonical = littleEndianFromInteger(2n ** 255n - 16n, 32);

describe("small order", () => {
  it("is seen in every form, and in nothing else", () => {
    assert.ok(smallOrder.every(isSmallOrder));
    assert.ok(!isSmallOrder(notCanonical));
    assert.ok(!isSmallOrder(Point.BASE.toBytes()));
    assert.ok(!isSmallOrder(Point.BASE.add(torsion).toBytes()));
  });

  it("makes no key", () => {
    for (const key of smallOrder) {
      assert.throws(
        () => publicKeyFromBytes("ed25519", key),
        (error) => isSigstoreError(error, "key-invalid"),
      );
    }
  });

  it("makes no R: a signature with the nonce 0 is none, pure or prehashed", () => {
    const secret = 777n;
    const A = Point.BASE.multiply(secret).toBytes();
    const key = publicKeyFromBytes("ed25519", A);
    for (const R of smallOrder) {
      for (const [algorithm, prefix, signed] of [
        [PURE, new Uint8Array(0), utf8Encode("m")],
        [PREHASHED, ED25519PH_DOMAIN, sha512(utf8Encode("m"))],
      ] as const) {
        const k = integerFromLittleEndian(sha512(Uint8Array.of(...prefix, ...R, ...A, ...signed))) % EDWARDS_ORDER;
        const signature = Uint8Array.of(...R, ...littleEndianFromInteger((k * secret) % EDWARDS_ORDER, 32));
        assert.equal(verifySignature(key, algorithm, utf8Encode("m"), signature), false);
      }
    }
  });
});

describe("our own equation answers as OpenSSL does", () => {
  it("for keys of mixed order, where only the cofactored equation would hold", () => {
    const answers = new Set<boolean>();
    for (let index = 1; index < 40; index++) {
      const secret = BigInt(index) * 0x1234567n;
      const A = Point.BASE.multiply(secret).add(torsion).toBytes();
      const nonce = 77n + BigInt(index);
      const R = Point.BASE.multiply(nonce).toBytes();
      const message = utf8Encode(`${index}`);
      const k = integerFromLittleEndian(sha512(Uint8Array.of(...R, ...A, ...message))) % EDWARDS_ORDER;
      const S = (nonce + k * secret) % EDWARDS_ORDER;
      answers.add(agreed(A, message, Uint8Array.of(...R, ...littleEndianFromInteger(S, 32))));
    }
    assert.deepEqual(answers, new Set([true, false]));
  });

  it("for a key in a form that is not canonical", () => {
    for (let index = 0; index < 20; index++)
      agreed(notCanonical, utf8Encode(`${index}`), new Uint8Array(64).fill(index));
  });

  it("for random keys and signatures", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 70 }),
        (key, signature) => {
          agreed(key, utf8Encode("m"), signature);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("S and S + L: only the first is a signature", async () => {
    const signer = createSigner(privateKeyFromSeed("ed25519", Uint8Array.of(1)));
    for (const algorithm of [PURE, PREHASHED]) {
      const message = utf8Encode("m");
      const signature = await createSigner(privateKeyFromSeed("ed25519", Uint8Array.of(1)), algorithm).sign(message);
      const S = integerFromLittleEndian(signature.subarray(32));
      const larger = Uint8Array.of(...signature.subarray(0, 32), ...littleEndianFromInteger(S + EDWARDS_ORDER, 32));
      assert.ok(verifySignature(signer.publicKey, algorithm, message, signature));
      assert.ok(!verifySignature(signer.publicKey, algorithm, message, larger));
    }
  });

  function agreed(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const native = createPublicKey({
      key: Buffer.from(serializeSpki({ keyType: "ed25519", keyBytes: publicKey })),
      format: "der",
      type: "spki",
    });
    const expected = verify(undefined, message, native, signature);
    assert.equal(verifyEd25519(sha512, publicKey, message, signature), expected);
    return expected;
  }
});

describe("edwards25519", () => {
  it("has the base point and order of RFC 8032", () => {
    const base = decodePoint(littleEndianFromInteger(Point.BASE.y, 32));
    assert.ok(base !== undefined);
    assert.deepEqual(encodePoint(combineWithBase(1n, 0n, base)), Point.BASE.toBytes());
    assert.equal(EDWARDS_ORDER, Point.Fn.ORDER);
    assert.deepEqual(encodePoint(combineWithBase(EDWARDS_ORDER, 0n, base)), Point.ZERO.toBytes());
  });

  it("combines points as @noble/curves does", () => {
    const scalar = fc.bigInt({ min: 0n, max: EDWARDS_ORDER - 1n });
    fc.assert(
      fc.property(scalar, scalar, fc.bigInt({ min: 1n, max: EDWARDS_ORDER - 1n }), (first, second, k) => {
        const other = Point.BASE.multiply(k);
        const expected = Point.BASE.multiplyUnsafe(first).add(other.multiplyUnsafe(second));
        assert.deepEqual(encodePoint(combineWithBase(first, second, decoded(other.toBytes()))), expected.toBytes());
        assert.deepEqual(encodePoint(negatePoint(decoded(other.toBytes()))), other.negate().toBytes());
      }),
      { numRuns: 30 },
    );
  });

  it("decodes what is a point, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const canonical = bytes.with(31, (bytes[31] ?? 0) & 0xbf);
        const point = decodePoint(canonical);
        let expected: Uint8Array | undefined;
        try {
          expected = Point.fromBytes(canonical).toBytes();
        } catch {
          expected = undefined;
        }
        assert.deepEqual(point === undefined ? undefined : encodePoint(point), expected);
      }),
    );
  });

  function decoded(bytes: Uint8Array): EdwardsPoint {
    const point = decodePoint(bytes);
    assert.ok(point !== undefined);
    return point;
  }
});
