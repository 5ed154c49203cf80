/**
 * minisign and signify public keys: a comment line, then base64 of "Ed", eight octets of a key ID, and the Ed25519 key.
 *
 * The key alone; what minisign signs with it (a BLAKE2b digest of the file, as algorithm "ED", or the file as "Ed") and its signature
 * files are no matter of Sigstore. Leaves out secret keys, which hold a form of their own encryption.
 */
import { base64Decode } from "../encoding/base64.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import { serializeSpki } from "./spki.ts";

/** The key and the name that minisign gives it. */
export interface MinisignPublicKey {
  readonly spki: Uint8Array;
  /** Eight octets, as minisign prints them: the other way round, in hex. */
  readonly keyId: string;
  readonly comment: string;
}

const COMMENT = "untrusted comment:";
const KEY_BYTES = 42;
const ALGORITHM = [0x45, 0x64];

/** True when a text begins as minisign's files do. */
export function isMinisignText(text: string): boolean {
  return text.startsWith(COMMENT);
}

/**
 * Parses a public key file.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported` for secret keys and signatures, `base64-invalid`
 */
export function parseMinisignPublicKey(text: string): MinisignPublicKey {
  const [comment = "", encoded = "", ...rest] = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (!isMinisignText(comment) || encoded === "") throw refusal("a comment and a key", "another text");
  const bytes = base64Decode(encoded.trim());
  if (rest.length > 0 || bytes.length !== KEY_BYTES || bytes[0] !== ALGORITHM[0] || bytes[1] !== ALGORITHM[1])
    throw refusal("a public key of minisign", bytes.length > 100 ? "a secret key" : "a signature or something else");
  return {
    spki: serializeSpki({ keyType: "ed25519", keyBytes: bytes.subarray(10) }),
    keyId: hexEncode(bytes.slice(2, 10).reverse()).toUpperCase(),
    comment: comment.slice(COMMENT.length).trim(),
  };
}

function refusal(expected: string, got: string): SigstoreError {
  return new SigstoreError("key-invalid", `expected ${expected}, got ${got}`, {
    hint: "the public key of minisign is in the file minisign.pub, of two lines",
  });
}
