/**
 * cosign's encrypted private key, the JSON inside PEM "ENCRYPTED SIGSTORE PRIVATE KEY" (go-securesystemslib, encrypted): what the
 * parameters are, and the sealed PKCS #8.
 *
 * Reads what every release of cosign wrote, also under the old name "ENCRYPTED COSIGN PRIVATE KEY"; writes what today's writes, to the
 * byte. Leaves out sealing and opening (crypto/key-encryption.ts).
 */
import { base64Encode } from "../encoding/base64.ts";
import { serializeJson } from "../encoding/json-writer.ts";
import { parseJson } from "../encoding/json.ts";
import { serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { MessageReader, objectFields } from "./proto-json.ts";

/** A private key as PKCS #8, sealed by NaCl's secretbox with a key that scrypt makes of a password. */
export interface CosignKey {
  readonly parameters: { readonly cost: number; readonly blockSize: number; readonly parallelization: number };
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The label that is written, and the one of before. */
export const COSIGN_KEY_LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";
/** The label of cosign before 2.0. */
export const OLD_COSIGN_KEY_LABEL = "ENCRYPTED COSIGN PRIVATE KEY";

const FIELDS = objectFields("kdf", "cipher", "ciphertext");
const KDF_FIELDS = objectFields("name", "params", "salt");
const PARAMETER_FIELDS = objectFields("N", "r", "p");
const CIPHER_FIELDS = objectFields("name", "nonce");
const MOST_OCTETS = 1024;

/**
 * Parses the JSON inside the PEM block.
 *
 * @throws SigstoreError `json-invalid`, `key-encryption-invalid` when it names other algorithms or is malformed, `input-too-large`
 */
export function parseCosignKey(json: Uint8Array): CosignKey {
  const value = parseJson(json, { maxBytes: LIMITS.smallFileBytes });
  const root = MessageReader.root(value, FIELDS, "key-encryption-invalid", "an encrypted key of cosign");
  const kdf = root.requireMessage("kdf", KDF_FIELDS);
  requireName(kdf, "scrypt");
  const parameters = kdf.requireMessage("params", PARAMETER_FIELDS);
  const cipher = root.requireMessage("cipher", CIPHER_FIELDS);
  requireName(cipher, "nacl/secretbox");
  return {
    parameters: {
      cost: parameters.uint32("N"),
      blockSize: parameters.uint32("r"),
      parallelization: parameters.uint32("p"),
    },
    salt: kdf.requireBytes("salt", MOST_OCTETS),
    nonce: cipher.requireBytes("nonce", MOST_OCTETS),
    ciphertext: root.requireBytes("ciphertext"),
  };
}

function requireName(message: MessageReader, expected: string): void {
  const name = message.requireString("name");
  if (name !== expected) throw message.refuse("name", expected, name);
}

/** The whole file: PEM around JSON, as Go writes both. @throws TypeError for a key that is none */
export function serializeCosignKey({ parameters, salt, nonce, ciphertext }: CosignKey): string {
  if (ciphertext.length > LIMITS.smallFileBytes) throw new SigstoreError("input-too-large", "expected a key, got more");
  const { cost, blockSize, parallelization } = parameters;
  const json = serializeJson({
    kdf: {
      name: "scrypt",
      params: { N: cost, r: blockSize, p: parallelization },
      salt: base64Encode(salt),
    },
    cipher: { name: "nacl/secretbox", nonce: base64Encode(nonce) },
    ciphertext: base64Encode(ciphertext),
  });
  return serializePem(COSIGN_KEY_LABEL, utf8Encode(json));
}
