/**
 * The trust and the keys that the user names by file: a trusted root, a public key.
 */
import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { readFile } from "../files/read.ts";
import { parsePublicKeyPem, parseSpki } from "../formats/spki.ts";
import { LIMITS } from "../limits.ts";
import { loadTrust } from "../verdict/trust.ts";
import type { Trust } from "../verdict/trust.ts";
import type { ManagedKey } from "../verify/managed-key.ts";
import { recognize } from "./inspection/recognize.ts";

/**
 * The trust of a trusted root file.
 *
 * @throws SigstoreError `file-not-found`, `file-unreadable`, `file-too-large`, `trusted-root-invalid`,
 *   `trusted-root-version-unsupported`
 */
export function fileTrust(path: string): Trust {
  const trustedRoot = readFile(path, LIMITS.trustFileBytes, "a trusted root");
  return namingFile("trusted root", path, () => loadTrust({ trustedRoot, source: path }));
}

/**
 * The public key in a PEM or DER file.
 *
 * @throws SigstoreError `file-not-found`, `file-unreadable`, `file-too-large`, `key-invalid`, `key-unsupported`
 */
export function fileKey(path: string): ManagedKey {
  const bytes = readFile(path, LIMITS.smallFileBytes, "a public key");
  try {
    const spki = bytes[0] === DER_SEQUENCE ? bytes : parsePublicKeyPem(utf8Decode(bytes));
    parseSpki(spki);
    return { spki };
  } catch (error) {
    throw explainKey(error, bytes, path);
  }
}

const DER_SEQUENCE = 0x30;

/** Says what the file is where it is no public key at all; a secret is never quoted. */
function explainKey(error: unknown, bytes: Uint8Array, path: string): unknown {
  if (!isSigstoreError(error)) return error;
  const { format, what, hint } = recognize(bytes);
  if (format === "public-key" || format === "certificate") return inFile(error, "public key", path);
  return new SigstoreError("key-invalid", `expected a public key at ${path}, got ${what}`, {
    hint: isSecret(what) ? SECRET_HINT : (hint ?? "a public key is a PEM block: -----BEGIN PUBLIC KEY-----"),
    details: { path },
    cause: error,
  });
}

const SECRET_HINT = "keep it secret, and give the public key that belongs to it: signers publish that one";

function isSecret(what: string): boolean {
  return what.endsWith("private key");
}

/** Runs `read` on the file at `path`: readers know what they read, not where it lies, and errors should say both. */
export function namingFile<Value>(noun: string, path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw inFile(error, noun, path);
  }
}

function inFile(error: unknown, noun: string, path: string): unknown {
  if (!isSigstoreError(error)) return error;
  const { code, message, hint, details } = error;
  return new SigstoreError(code, placedMessage(message, noun, path), {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, path },
    cause: error,
  });
}

function placedMessage(message: string, noun: string, path: string): string {
  if (message.startsWith(`expected a ${noun},`)) return message.replace(",", () => ` at ${path},`);
  return `the ${noun} at ${path}: ${message.replace(new RegExp(`^a ${noun}: `, "u"), "")}`;
}
