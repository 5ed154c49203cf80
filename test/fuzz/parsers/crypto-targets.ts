/**
 * Keys and signatures as hostile bytes: importing refuses, verifying says no.
 */
import { algorithmFromX509Oid, compatibleAlgorithms, defaultAlgorithm } from "../../../src/crypto/algorithms.ts";
import { digest } from "../../../src/crypto/digest.ts";
import { importPublicKey } from "../../../src/crypto/keys.ts";
import type { PublicKey } from "../../../src/crypto/keys.ts";
import { exportPkcs8, importPrivateKey, privateKeyFromSeed } from "../../../src/crypto/private-key.ts";
import { verifyDigestSignature, verifySignature } from "../../../src/crypto/verify.ts";
import { DerReader } from "../../../src/encoding/der.ts";
import { readAlgorithmIdentifier } from "../../../src/formats/algorithm-identifier.ts";
import { isSameSignature } from "../meaning/tlv.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzTarget } from "../target.ts";
import { DeterministicKeys } from "../verify/deterministic-keys.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, tryAll } from "./parser-target.ts";

const MESSAGE = new TextEncoder().encode("what is signed");
const ALGORITHMS = [
  "PKIX_ECDSA_P256_SHA_256",
  "PKIX_ECDSA_P384_SHA_384",
  "PKIX_ECDSA_P521_SHA_512",
  "PKIX_ED25519",
  "PKIX_ED25519_PH",
  "ML_DSA_44",
  "ML_DSA_65",
  "ML_DSA_87",
  "PKIX_RSA_PKCS1V15_2048_SHA256",
] as const;
/** RSASSA-PSS with SHA-256, MGF1 and a salt of 32: an AlgorithmIdentifier with parameters of its own. */
const PSS =
  "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120";

/** All targets of crypto/. */
export async function cryptoTargets(corpus: Corpus): Promise<readonly FuzzTarget[]> {
  const keys = corpus.publicKeys.map(importPublicKey);
  const signatures = await signatureTargets();
  const privateKeys = (["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "ml-dsa-44"] as const).map((type) =>
    exportPkcs8(privateKeyFromSeed(type, MESSAGE)),
  );
  return [
    ...signatures,
    bytesTarget("der", {
      name: "crypto/public-key",
      corpus: corpus.publicKeys,
      read: (bytes) => useKey(importPublicKey(bytes), corpus.signatures),
    }),
    bytesTarget("der", {
      name: "crypto/private-key",
      corpus: privateKeys,
      read: importPrivateKey,
      again: (key) => [exportPkcs8(key), exportPkcs8(importPrivateKey(exportPkcs8(key)))],
    }),
    bytesTarget("der", {
      name: "crypto/x509-algorithm",
      corpus: [Uint8Array.from(Buffer.from(PSS, "hex")), ...corpus.certificates.map(algorithmOf)],
      read: readAlgorithm(keys),
    }),
  ];
}

/** One target for each algorithm: changes to a sound signature; only its twin may verify. */
async function signatureTargets(): Promise<readonly FuzzTarget[]> {
  const targets: FuzzTarget[] = [];
  for (const name of ALGORITHMS) {
    const signer = new DeterministicKeys("fuzz signatures").signer("signer", name);
    const { publicKey, algorithm } = signer;
    const sound = await signer.sign(MESSAGE);
    const read = (signature: Uint8Array): boolean => {
      const verified = verifySignature(publicKey, algorithm, MESSAGE, signature);
      if (
        algorithm.hash !== undefined &&
        verifyDigestSignature(publicKey, algorithm, digest(algorithm.hash, MESSAGE), signature) !== verified
      ) {
        throw new FuzzFailure("expected the same answer from message and digest, got two");
      }
      if (verified && !isSameSignature(hex(signature), hex(sound)))
        throw new FuzzFailure("expected only the sound signature and its twin to verify, got another");
      return verified;
    };
    targets.push(bytesTarget("der", { name: `crypto/signature-${name}`, corpus: [sound], read }));
  }
  return targets;
}

/** Whatever key was read, verifying with it answers. */
function useKey(key: PublicKey, signatures: readonly Uint8Array[]): string {
  const [signature = MESSAGE] = signatures;
  for (const algorithm of [defaultAlgorithm(key), ...compatibleAlgorithms(key, "message")]) {
    if (verifySignature(key, algorithm, MESSAGE, signature))
      throw new FuzzFailure("expected no foreign signature to verify, got one");
  }
  return key.keyType;
}

function algorithmOf(certificate: Uint8Array): Uint8Array {
  const fields = new DerReader(certificate).sequence();
  fields.skip();
  return fields.peekRaw();
}

function readAlgorithm(keys: readonly PublicKey[]): (bytes: Uint8Array) => number {
  return (bytes) => {
    const identifier = readAlgorithmIdentifier(new DerReader(bytes));
    let found = 0;
    tryAll(keys, (all) => {
      for (const key of all) if (algorithmFromX509Oid(identifier, key, "sha256") !== undefined) found += 1;
    });
    return found;
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
