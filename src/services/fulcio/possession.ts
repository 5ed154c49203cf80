/**
 * Does the client hold the key that it wants certified? (fulcio, pkg/server/grpc_server.go and pkg/challenges.)
 *
 * Either it signs a claim of its token with the key, or a certification request. The original wants one certain claim signed, and some
 * clients sign the other: here `sub` and `email` both do, since both prove the same. Keys and hashes that are not permitted are refused.
 */
import {
  type SignatureAlgorithm,
  algorithmFromX509Oid,
  defaultAlgorithm,
  SIGNATURE_ALGORITHMS,
} from "../../crypto/algorithms.ts";
import type { HashAlgorithmName } from "../../crypto/digest.ts";
import { importPublicKey, type KeyType, type PublicKey } from "../../crypto/keys.ts";
import { verifySignatureInBackground } from "../../crypto/verify.ts";
import { parsePem } from "../../encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { spkiFromPkcs1 } from "../../formats/spki.ts";
import { type CertificationRequest, parseCertificationRequestPem } from "../../formats/x509/certification-request.ts";
import { orRefuse, TEXT } from "./refusal.ts";

/** How the client shows that it holds the key. `publicKey` is PEM or DER, `certificationRequest` PEM. */
export type KeyProof =
  | { readonly kind: "possession"; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  | { readonly kind: "certificationRequest"; readonly pem: Uint8Array };

/** The original's default for `--client-signing-algorithms`. */
export const DEFAULT_CLIENT_ALGORITHMS: readonly string[] = [
  "ecdsa-sha2-256-nistp256",
  "ecdsa-sha2-384-nistp384",
  "ecdsa-sha2-512-nistp521",
  "rsa-sign-pkcs1-2048-sha256",
  "rsa-sign-pkcs1-3072-sha256",
  "rsa-sign-pkcs1-4096-sha256",
  "ed25519",
];

/** The key that was proved. `names` are the texts of which the client may have signed any. @throws SigstoreError `certificate-refused` */
export async function provedKey(
  proof: KeyProof,
  names: readonly string[],
  permitted: readonly SignatureAlgorithm[],
): Promise<PublicKey> {
  const { key, hash } = proof.kind === "possession" ? await bySignature(proof, names) : await byRequest(proof.pem);
  await orRefuse("INVALID_ARGUMENT", notPermitted(key, hash), "ALGORITHM_NOT_PERMITTED", () => {
    if (permitted.some((one) => isPermitted(one, key, hash))) return;
    const known = permitted.map(({ cliName }) => cliName).join(", ");
    throw new SigstoreError("algorithm-unsupported", `expected ${known}, got ${key.keyType} with ${hash ?? "no hash"}`);
  });
  return key;
}

/** The algorithms of these names in `--client-signing-algorithms`. @throws SigstoreError `config-invalid` */
export function clientAlgorithms(names: readonly string[]): readonly SignatureAlgorithm[] {
  return names.map((name) => {
    const algorithm = SIGNATURE_ALGORITHMS.find(({ cliName }) => cliName === name);
    if (algorithm !== undefined) return algorithm;
    throw new SigstoreError("config-invalid", `expected a client signing algorithm, got ${JSON.stringify(name)}`);
  });
}

interface ProvedKey {
  readonly key: PublicKey;
  readonly hash: HashAlgorithmName | undefined;
}

async function bySignature(
  { publicKey, signature }: Extract<KeyProof, { kind: "possession" }>,
  names: readonly string[],
): Promise<ProvedKey> {
  const spki = await orRefuse("INVALID_ARGUMENT", TEXT.publicKey, "PUBLIC_KEY_INVALID", () => readPublicKey(publicKey));
  const key = await secureKey(spki, TEXT.publicKey);
  const algorithm = defaultAlgorithm(key);
  await orRefuse("INVALID_ARGUMENT", TEXT.signature, "PROOF_INVALID", async () => {
    for (const name of names)
      if (await verifySignatureInBackground(key, algorithm, utf8Encode(name), signature)) return;
    throw new SigstoreError(
      "signature-invalid",
      `expected a proof of possession: a signature by ${algorithm.name} over ${names.map((name) => JSON.stringify(name)).join(" or ")}, got one that does not verify`,
      { hint: "sign the claim sub or email of the token with the key, or send a certification request instead" },
    );
  });
  return { key, hash: algorithm.hash };
}

async function byRequest(pem: Uint8Array): Promise<ProvedKey> {
  const request = await orRefuse("INVALID_ARGUMENT", TEXT.certificateRequest, "CERTIFICATE_REQUEST_INVALID", () =>
    parseCertificationRequestPem(utf8Decode(pem)),
  );
  const key = await secureKey(request.spki, TEXT.certificateRequest);
  return { key, hash: await requestHash(request, key) };
}

async function requestHash(request: CertificationRequest, key: PublicKey): Promise<HashAlgorithmName | undefined> {
  const scheme = algorithmFromX509Oid(request.signatureAlgorithm, key);
  await orRefuse("INVALID_ARGUMENT", TEXT.signature, "CERTIFICATE_REQUEST_SIGNATURE_INVALID", async () => {
    const { info, signature } = request;
    if (scheme !== undefined && (await verifySignatureInBackground(key, scheme, info, signature))) return;
    const got =
      scheme === undefined ? `algorithm ${request.signatureAlgorithm.oid}` : "a signature that does not verify";
    throw new SigstoreError(
      "signature-invalid",
      `expected a certification request signed with its own key, got ${got}`,
    );
  });
  if (scheme?.scheme !== "rsa-pss") return scheme?.hash;
  const text = `unrecognized signature algorithm: ${scheme.hash.toUpperCase()}-RSAPSS`;
  return orRefuse("INVALID_ARGUMENT", text, "ALGORITHM_NOT_PERMITTED", () => {
    throw new SigstoreError("algorithm-unsupported", "expected RSA PKCS #1 v1.5, ECDSA or Ed25519, got RSASSA-PSS");
  });
}

/** PEM of a PUBLIC KEY or RSA PUBLIC KEY, or else DER: the SubjectPublicKeyInfo. */
function readPublicKey(content: Uint8Array): Uint8Array {
  if (content.length === 0) throw new SigstoreError("key-invalid", "expected a public key, got none");
  // RFC 7468: text before the block is allowed; DER begins with the tag of a SEQUENCE.
  if (content[0] === 0x30) return content;
  const [block, ...others] = parsePem(utf8Decode(content));
  if (block?.label === "PUBLIC KEY" && others.length === 0) return block.bytes;
  if (block?.label === "RSA PUBLIC KEY" && others.length === 0) return spkiFromPkcs1(block.bytes);
  throw new SigstoreError("key-invalid", `expected one PEM block PUBLIC KEY, got ${block?.label ?? "none"}`);
}

const RSA_BITS: readonly number[] = [2048, 3072, 4096];
const RSA_EXPONENT = 65_537n;

/** A key that is worth certifying: fulcio-spec §6.1 names the RSA sizes and "E = 65537"; curves are those that we can read at all. */
async function secureKey(spki: Uint8Array, unreadable: string): Promise<PublicKey> {
  return orRefuse("INVALID_ARGUMENT", TEXT.insecureKey, "PUBLIC_KEY_INSECURE", async () => {
    const key = await orRefuseUnreadable(spki, unreadable);
    if (key.rsa === undefined) return key;
    if (!RSA_BITS.includes(key.rsa.modulusBits))
      throw new SigstoreError(
        "key-unsupported",
        `expected an RSA key of 2048, 3072 or 4096 bits, got ${key.rsa.modulusBits}`,
      );
    if (key.rsa.publicExponent !== RSA_EXPONENT)
      throw new SigstoreError("key-unsupported", `expected the RSA exponent 65537, got ${key.rsa.publicExponent}`);
    return key;
  });
}

/** Malformed keys cannot be parsed; well-formed ones of another kind or size are insecure. */
async function orRefuseUnreadable(spki: Uint8Array, unreadable: string): Promise<PublicKey> {
  try {
    return importPublicKey(spki);
  } catch (error) {
    if (error instanceof SigstoreError && error.code !== "key-unsupported")
      return orRefuse("INVALID_ARGUMENT", unreadable, "PUBLIC_KEY_INVALID", () => {
        throw error;
      });
    throw error;
  }
}

function isPermitted(algorithm: SignatureAlgorithm, key: PublicKey, hash: HashAlgorithmName | undefined): boolean {
  if (algorithm.keyType !== key.keyType || algorithm.hash !== hash) return false;
  return algorithm.modulusBits === undefined || algorithm.modulusBits === key.modulusBits;
}

const GO_KEY_TYPE: Readonly<Record<KeyType, string>> = {
  "ecdsa-p256": "*ecdsa.PublicKey",
  "ecdsa-p384": "*ecdsa.PublicKey",
  "ecdsa-p521": "*ecdsa.PublicKey",
  rsa: "*rsa.PublicKey",
  ed25519: "ed25519.PublicKey",
  "ml-dsa-44": "*mldsa.PublicKey",
  "ml-dsa-65": "*mldsa.PublicKey",
  "ml-dsa-87": "*mldsa.PublicKey",
};

/** The original's words, Go's names of types and hashes in them. */
function notPermitted({ keyType }: PublicKey, hash: HashAlgorithmName | undefined): string {
  const name = hash === undefined ? "unknown hash value 0" : `SHA-${hash.slice(3)}`;
  return `signing algorithm not permitted: ${GO_KEY_TYPE[keyType]}, ${name}`;
}
