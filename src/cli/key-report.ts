/**
 * What `sigstore key` says of a key: one shape as a document, one line or few for people. Never anything of a secret.
 */
import { compatibleAlgorithms } from "../crypto/algorithms.ts";
import { keyIdentifier, type PublicKey } from "../crypto/keys.ts";
import type { PrivateKeyForm } from "../crypto/read-private-key.ts";
import type { PublicKeyForm } from "../crypto/read-public-key.ts";
import { base64Encode } from "../encoding/base64.ts";
import { hexEncode } from "../encoding/hex.ts";
import type { KeyType } from "../formats/spki.ts";
import type { AnyKeyFile } from "./key-files.ts";
import { printable, type Style } from "./terminal.ts";

/** A public key as a document. `hint` is what bundles of stock clients carry of a key that signed them. */
export interface PublicKeyDocument {
  readonly keyType: KeyType;
  readonly modulusBits?: number;
  readonly fingerprintHex: string;
  readonly hint: string;
  readonly algorithms: readonly string[];
  readonly name?: string;
}

/** A key file as a document. */
export interface KeyDocument {
  readonly path: string;
  readonly role: "private" | "public";
  readonly form: PrivateKeyForm | PublicKeyForm;
  readonly encrypted: boolean;
  /** Empty where the file shows none without its password. */
  readonly publicKeys: readonly PublicKeyDocument[];
  /** Why other keys of the file are not among them. */
  readonly passedOver?: readonly string[];
}

/** A public key. */
export function publicKeyDocument(key: PublicKey, name = ""): PublicKeyDocument {
  const identifier = keyIdentifier(key);
  return {
    keyType: key.keyType,
    ...(key.modulusBits === undefined ? {} : { modulusBits: key.modulusBits }),
    fingerprintHex: hexEncode(identifier),
    hint: base64Encode(identifier),
    algorithms: compatibleAlgorithms(key, "message").map((algorithm) => algorithm.name),
    ...(name === "" ? {} : { name }),
  };
}

/** A key file. `opened` is the public key of an encrypted one, where it was opened. */
export function keyDocument(path: string, { role, file }: AnyKeyFile, opened: PublicKey | undefined): KeyDocument {
  if (role === "public") {
    const publicKeys = file.keys.map((key) => publicKeyDocument(key.publicKey, key.name));
    const { form, passedOver } = file;
    return { path, role, form, encrypted: false, publicKeys, ...(passedOver.length > 0 ? { passedOver } : {}) };
  }
  const shown = opened ?? file.publicKey;
  const publicKeys = shown === undefined ? [] : [publicKeyDocument(shown)];
  return { path, role, form: file.form, encrypted: file.isEncrypted, publicKeys };
}

const TYPE_WORDS: Readonly<Record<KeyType, string>> = {
  "ecdsa-p256": "ECDSA P-256",
  "ecdsa-p384": "ECDSA P-384",
  "ecdsa-p521": "ECDSA P-521",
  rsa: "RSA",
  ed25519: "Ed25519",
  "ml-dsa-44": "ML-DSA-44",
  "ml-dsa-65": "ML-DSA-65",
  "ml-dsa-87": "ML-DSA-87",
};

const FORM_WORDS: Readonly<Record<PrivateKeyForm | PublicKeyForm, string>> = {
  cosign: "cosign's form",
  pkcs8: "PKCS #8",
  pkcs1: "PKCS #1",
  sec1: "SEC 1",
  openssh: "OpenSSH's form",
  jwk: "JSON Web Key",
  spki: "PKIX",
  certificate: "a certificate's key",
  minisign: "minisign's form",
};

/** The kind of a key in words: `RSA 2048`. */
export function typeWords({ keyType, modulusBits }: Pick<PublicKeyDocument, "keyType" | "modulusBits">): string {
  return modulusBits === undefined ? TYPE_WORDS[keyType] : `${TYPE_WORDS[keyType]} ${modulusBits}`;
}

/** One line of a list. */
export function keyLine({ path, role, form, encrypted, publicKeys }: KeyDocument, width: number): string {
  const types = [...new Set(publicKeys.map(typeWords))].join(", ");
  const words = [types, FORM_WORDS[form], encrypted ? "encrypted" : ""].filter((word) => word !== "");
  return `${printable(path).padEnd(width)}  ${role.padEnd(7)}  ${words.join(", ")}\n`;
}

/** A file and what is in it, over some lines. */
export function keyReport(document: KeyDocument, style: Style): string {
  const { path, role, form, encrypted, publicKeys, passedOver = [] } = document;
  const secrecy = encrypted ? ", encrypted" : ", in the clear";
  const state = role === "private" ? secrecy : "";
  const lines = [`${style.strong(printable(path))}: ${role} key, ${FORM_WORDS[form]}${state}`];
  for (const key of publicKeys) {
    lines.push(`  kind         ${typeWords(key)}${key.name === undefined ? "" : ` (${printable(key.name)})`}`);
    lines.push(`  fingerprint  sha256:${key.fingerprintHex}`);
    lines.push(`  signs by     ${key.algorithms.join(", ")}`);
  }
  if (publicKeys.length === 0) lines.push("  kind         shown with its password: --password-file FILE");
  for (const reason of passedOver) lines.push(`  passed over  ${printable(reason)}`);
  return `${lines.join("\n")}\n`;
}
