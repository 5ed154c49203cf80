/** ML-DSA: RFC 9881's three forms of a private key, and @noble/post-quantum as a second opinion of the platform (or the other way round). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { platform } from "#platform";
import { concatBytes } from "../encoding/bytes.ts";
import { der, DerReader } from "../encoding/der.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { readAlgorithmIdentifier } from "../formats/algorithm-identifier.ts";
import { ML_DSA_OIDS, serializeSpki } from "../formats/spki.ts";
import { algorithmByName, compatibleAlgorithms, defaultAlgorithm } from "./algorithms.ts";
import { importPublicKey } from "./keys.ts";
import { exportPkcs8, generatePrivateKey, importPrivateKey } from "./private-key.ts";
import { createSigner } from "./signer.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";
import { serializePrivateJwk } from "./write-keys.ts";
import { algorithmFromX509Oid } from "./x509-algorithms.ts";
import { signatureAlgorithmIdentifier } from "./x509-identifiers.ts";

const message = utf8Encode("signed for a time after this one\n");
const seed = new Uint8Array(32).map((_, index) => index);

const SETS = [
  ["ml-dsa-44", "ML_DSA_44", ml_dsa44],
  ["ml-dsa-65", "ML_DSA_65", ml_dsa65],
  ["ml-dsa-87", "ML_DSA_87", ml_dsa87],
] as const;

function refused(code: ErrorCode, pkcs8: Uint8Array): void {
  assert.throws(
    () => importPrivateKey(pkcs8),
    (error) => isSigstoreError(error, code),
  );
}

for (const [keyType, name, other] of SETS) {
  const algorithm = algorithmByName(name);
  const pair = other.keygen(seed);
  const pkcs8 = (inner: Uint8Array): Uint8Array =>
    der.sequence(der.integer(0), der.sequence(der.oid(ML_DSA_OIDS[keyType])), der.octetString(inner));
  const forms = {
    seed: pkcs8(der.implicit(0, seed, false)),
    expanded: pkcs8(der.octetString(pair.secretKey)),
    both: pkcs8(der.sequence(der.octetString(seed), der.octetString(pair.secretKey))),
  };

  describe(keyType, () => {
    it("the other makes the same key of a seed, and each verifies the other's signatures", async () => {
      const key = importPrivateKey(forms.seed);
      assert.deepEqual(key.publicKey.keyBytes, pair.publicKey);
      const signature = await createSigner(key).sign(message);
      assert.equal(other.verify(signature, message, pair.publicKey), true);
      assert.equal(verifySignature(key.publicKey, algorithm, message, other.sign(message, pair.secretKey)), true);
      assert.equal(verifySignature(key.publicKey, algorithm, message.subarray(1), signature), false);
    });

    it("a signature with a context, or over a digest (HashML-DSA), is none", () => {
      const { publicKey } = importPrivateKey(forms.seed);
      const inContext = other.sign(message, pair.secretKey, { context: utf8Encode("x") });
      assert.equal(verifySignature(publicKey, algorithm, message, inContext), false);
      assert.throws(
        () => verifyDigestSignature(publicKey, algorithm, new Uint8Array(64), inContext),
        (error) => isSigstoreError(error, "artifact-bytes-required"),
      );
    });

    it("each form of RFC 9881 §6 is the same key; the seed is written where it is known", () => {
      for (const form of [forms.seed, forms.both]) {
        assert.deepEqual(importPrivateKey(form).publicKey.keyBytes, pair.publicKey);
        assert.deepEqual(exportPkcs8(importPrivateKey(form)), forms.seed);
      }
    });

    it("without its seed it is a key on Node alone", () => {
      if (platform.name === "browser") {
        refused("algorithm-unsupported", forms.expanded);
        return;
      }
      assert.deepEqual(importPrivateKey(forms.expanded).publicKey.keyBytes, pair.publicKey);
      assert.deepEqual(exportPkcs8(importPrivateKey(forms.expanded)), forms.expanded);
      assert.throws(
        () => serializePrivateJwk(importPrivateKey(forms.expanded)),
        (error) => isSigstoreError(error, "key-unsupported") && /PKCS #8/.test(error.hint ?? ""),
      );
    });

    it("an expanded key that is not the seed's, or does not hold together, is refused", () => {
      const swapped = pair.secretKey.with(pair.secretKey.length - 1, (pair.secretKey.at(-1) ?? 0) ^ 1);
      const wrong: Readonly<Record<string, Uint8Array>> = {
        "both of two": pkcs8(der.sequence(der.octetString(seed.toReversed()), der.octetString(pair.secretKey))),
        "both, one octet another": pkcs8(der.sequence(der.octetString(seed), der.octetString(swapped))),
        "a short seed": pkcs8(der.implicit(0, seed.subarray(1), false)),
        "a short expanded key": pkcs8(der.octetString(pair.secretKey.subarray(1))),
        "octets behind": pkcs8(concatBytes(der.implicit(0, seed, false), der.null())),
      };
      for (const bytes of Object.values(wrong)) refused("key-invalid", bytes);
      if (platform.name === "browser") return;
      refused("key-invalid", pkcs8(der.octetString(swapped)));
      refused("key-invalid", pkcs8(der.octetString(pair.secretKey.with(64, (pair.secretKey[64] ?? 0) ^ 1))));
    });

    it("its one algorithm signs messages alone, and X.509 names it by the key's identifier (RFC 9881 §3)", () => {
      const { publicKey } = generatePrivateKey(keyType);
      assert.equal(defaultAlgorithm(publicKey), algorithm);
      for (const use of ["message", "dsse"] as const)
        assert.deepEqual(compatibleAlgorithms(publicKey, use), [algorithm]);
      assert.equal("signDigest" in createSigner(generatePrivateKey(keyType)), false);
      const identifier = readAlgorithmIdentifier(new DerReader(signatureAlgorithmIdentifier(algorithm)));
      assert.deepEqual(algorithmFromX509Oid(identifier, publicKey), { scheme: "ml-dsa", keyType, hash: undefined });
      assert.equal(algorithmFromX509Oid({ ...identifier, parameters: der.null() }, publicKey), undefined);
      const foreign = generatePrivateKey("ed25519").publicKey;
      assert.equal(algorithmFromX509Oid(identifier, foreign), undefined);
    });

    it("a public key of any octets answers", () => {
      const size = pair.publicKey.length;
      for (const octet of [0x00, 0xff]) {
        const key = importPublicKey(serializeSpki({ keyType, keyBytes: new Uint8Array(size).fill(octet) }));
        assert.equal(verifySignature(key, algorithm, message, new Uint8Array(other.lengths.signature ?? 0)), false);
        assert.equal(verifySignature(key, algorithm, message, new Uint8Array(0)), false);
      }
    });
  });
}
