/**
 * C2SP Wycheproof, testvectors_v1: every case of every file for the algorithms here, over the message and over its digest alone.
 *
 * "acceptable" occurs once for each size of RSA PKCS #1 v1.5: a DigestInfo without its NULL (flag MissingNull). We refuse it: RFC 8017
 * §8.2.2 builds the one right block and compares, and RFC 8017 A.2.4 wants the NULL. Keys with the exponent 3 (SmallPublicKey) are
 * accepted: the registry sets no floor. The PSS files name a salt of 32 octets, and their cases "s_len changed" hold for any salt.
 *
 * Both platforms run every case over the message. Over the digest Node runs every case; in browsers ECDSA over a message is the very code
 * that runs over a digest, only slower, so there it is every eighth case.
 *
 * ML-DSA: contexts are not of Sigstore, so a valid signature with a context is none here. Keys of another length are refused at import;
 * their cases are all invalid.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { platform } from "#platform";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { hexDecode } from "../encoding/hex.ts";
import { isSigstoreError } from "../errors.ts";
import type { SignatureScheme } from "./algorithms.ts";
import { digest } from "./digest.ts";
import { importPublicKey, type PublicKey } from "./keys.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

interface WycheproofCase {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly ctx?: string;
  readonly msg: string;
  readonly sig: string;
  readonly result: "valid" | "invalid" | "acceptable";
}

interface WycheproofFile {
  readonly numberOfTests: number;
  readonly testGroups: readonly { readonly publicKeyDer: string; readonly tests: readonly WycheproofCase[] }[];
}

/** Whether an acceptable case with these flags is accepted; a flag that is not known here fails the test. */
const ACCEPTABLE: Readonly<Record<string, boolean>> = { MissingNull: false };

const FILES: Readonly<Record<string, SignatureScheme>> = {
  "ecdsa_secp256r1_sha256_test.json": { scheme: "ecdsa", keyType: "ecdsa-p256", hash: "sha256" },
  "ecdsa_secp384r1_sha256_test.json": { scheme: "ecdsa", keyType: "ecdsa-p384", hash: "sha256" },
  "ecdsa_secp384r1_sha384_test.json": { scheme: "ecdsa", keyType: "ecdsa-p384", hash: "sha384" },
  "ecdsa_secp521r1_sha512_test.json": { scheme: "ecdsa", keyType: "ecdsa-p521", hash: "sha512" },
  "ed25519_test.json": { scheme: "ed25519", keyType: "ed25519", hash: undefined },
  "mldsa_44_verify_test.json": { scheme: "ml-dsa", keyType: "ml-dsa-44", hash: undefined },
  "mldsa_65_verify_test.json": { scheme: "ml-dsa", keyType: "ml-dsa-65", hash: undefined },
  "mldsa_87_verify_test.json": { scheme: "ml-dsa", keyType: "ml-dsa-87", hash: undefined },
  "rsa_pss_2048_sha256_mgf1_32_test.json": {
    scheme: "rsa-pss",
    keyType: "rsa",
    hash: "sha256",
    modulusBits: 2048,
    saltBytes: 32,
  },
  "rsa_pss_3072_sha256_mgf1_32_test.json": {
    scheme: "rsa-pss",
    keyType: "rsa",
    hash: "sha256",
    modulusBits: 3072,
    saltBytes: 32,
  },
  "rsa_pss_4096_sha256_mgf1_32_test.json": {
    scheme: "rsa-pss",
    keyType: "rsa",
    hash: "sha256",
    modulusBits: 4096,
    saltBytes: 32,
  },
  "rsa_signature_2048_sha256_test.json": { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha256", modulusBits: 2048 },
  "rsa_signature_3072_sha256_test.json": { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha256", modulusBits: 3072 },
  "rsa_signature_4096_sha256_test.json": { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha256", modulusBits: 4096 },
};

describe("wycheproof", { skip: skipReason }, () => {
  for (const [name, scheme] of Object.entries(FILES)) {
    it(name, () => {
      const file = readVectors(name);
      let count = 0;
      const wrong: string[] = [];
      for (const group of file.testGroups) {
        const key = keyOf(group);
        for (const test of group.tests) {
          count++;
          if (key === undefined) {
            assert.deepEqual([test.result, test.flags], ["invalid", ["IncorrectPublicKeyLength"]]);
            continue;
          }
          const expected = isExpected(test);
          for (const [way, answer] of answers(scheme, key, test)) {
            if (answer === expected) continue;
            wrong.push(`#${test.tcId} ${way}: ${test.comment} [${test.flags.join(", ")}], expected ${expected}`);
          }
        }
      }
      assert.equal(count, file.numberOfTests);
      assert.deepEqual(wrong, []);
    });
  }
});

function readVectors(name: string): WycheproofFile {
  const path = vectorsPath("wycheproof", name);
  assert.ok(path !== undefined, `expected wycheproof/${name} among the vectors`);
  return JSON.parse(readFileSync(path, "utf8")) as WycheproofFile;
}

function keyOf({ publicKeyDer }: WycheproofFile["testGroups"][number]): PublicKey | undefined {
  try {
    return importPublicKey(hexDecode(publicKeyDer));
  } catch (error) {
    if (isSigstoreError(error, "key-invalid")) return undefined;
    throw error;
  }
}

function isExpected({ result, flags, ctx = "" }: WycheproofCase): boolean {
  if (ctx !== "") return false;
  if (result !== "acceptable") return result === "valid";
  assert.ok(
    flags.every((flag) => flag in ACCEPTABLE),
    `expected a decision on ${flags.join(", ")}`,
  );
  return flags.every((flag) => ACCEPTABLE[flag]);
}

/** The answers to one case: over the message, and over its digest where the scheme has one. */
function answers(
  scheme: SignatureScheme,
  key: PublicKey,
  { tcId, msg, sig }: WycheproofCase,
): readonly [string, boolean][] {
  const [message, signature] = [hexDecode(msg), hexDecode(sig)];
  const found: [string, boolean][] = [["over the message", verifySignature(key, scheme, message, signature)]];
  if (scheme.hash !== undefined && (platform.name === "node" || scheme.scheme !== "ecdsa" || tcId % 8 === 0)) {
    found.push(["over the digest", verifyDigestSignature(key, scheme, digest(scheme.hash, message), signature)]);
  }
  return found;
}
