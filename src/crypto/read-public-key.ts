/**
 * One door for public keys: whatever form a file has, its keys.
 *
 * SPKI and PKCS #1 (PEM, DER), a certificate's key, OpenSSH's lines, JSON Web Keys and sets, minisign. A file of several keys (what
 * https://github.com/NAME.keys answers) gives all that can verify, and says which it passed over and why; a file whose only key cannot
 * is refused. Leaves out fetching, and what a key is trusted for.
 */
import type { JsonObject } from "../encoding/json.ts";
import type { PemBlock } from "../encoding/pem.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { FOREIGN_DER } from "../formats/foreign-keys.ts";
import { isPrivateJwk, parsePublicJwk } from "../formats/jwk.ts";
import { type DerKeyKind, parseKeyFile, unsupported } from "../formats/key-file.ts";
import { parseMinisignPublicKey } from "../formats/minisign-key.ts";
import { parseOpenSshPublicLine } from "../formats/openssh/public-key.ts";
import { parseSpki, spkiFromPkcs1 } from "../formats/spki.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import { importPublicKey, type PublicKey } from "./keys.ts";

/** Forms of public keys. */
export type PublicKeyForm = "spki" | "pkcs1" | "certificate" | "openssh" | "jwk" | "minisign";

/** A key of a file, and the name that the file gives it (a comment, a key ID); empty where it gives none. */
export interface FoundPublicKey {
  readonly publicKey: PublicKey;
  readonly name: string;
}

/** The keys of a file. `passedOver` says of each other key why it is not among them. */
export interface PublicKeyFile {
  readonly form: PublicKeyForm;
  readonly keys: readonly FoundPublicKey[];
  readonly passedOver: readonly string[];
}

/** A key that is to be imported, and its name. */
interface Candidate {
  readonly spki: () => Uint8Array;
  readonly name: string;
}

/**
 * The public keys of a file: one as a rule.
 *
 * @throws SigstoreError as `readPublicKeyFile`
 */
export function readPublicKey(bytes: Uint8Array): PublicKey[] {
  return readPublicKeyFile(bytes).keys.map(({ publicKey }) => publicKey);
}

/**
 * The public keys of a file, with its form and their names.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`, `input-unrecognized`, `input-empty`, `input-too-large`, `pem-invalid`,
 *   `json-invalid`, `certificate-invalid`; each says what the file is and what to do
 */
export function readPublicKeyFile(bytes: Uint8Array): PublicKeyFile {
  const file = parseKeyFile(bytes);
  switch (file.notation) {
    case "pem":
      return fromPem(file.blocks);
    case "der":
      return single(formOfDer(file.kind), { spki: () => spkiOfDer(file.kind, file.bytes), name: "" });
    case "jwk":
      return several("jwk", file.keys.map(jwkCandidate));
    case "openssh-lines":
      return several("openssh", file.lines.map(lineCandidate));
    case "minisign": {
      const { spki, keyId } = parseMinisignPublicKey(file.text);
      return single("minisign", { spki: () => spki, name: keyId });
    }
  }
}

function fromPem(blocks: readonly PemBlock[]): PublicKeyFile {
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1) throw tooMany(blocks);
  const kind = PEM_KINDS.get(block.label);
  if (kind === undefined) throw notPublic(`a PEM block ${block.label}`);
  return single(formOfDer(kind), { spki: () => spkiOfDer(kind, block.bytes), name: "" });
}

const PEM_KINDS: ReadonlyMap<string, DerKeyKind> = new Map([
  ["PUBLIC KEY", "spki"],
  ["RSA PUBLIC KEY", "pkcs1-public"],
  ["CERTIFICATE", "certificate"],
  ["X509 CERTIFICATE", "certificate"],
]);

/** In a chain, the key of an authority must not become one that is trusted to sign artifacts. */
function tooMany(blocks: readonly PemBlock[]): SigstoreError {
  const labels = [...new Set(blocks.map(({ label }) => label))].join(", ");
  return new SigstoreError("key-invalid", `expected one public key, got ${blocks.length} PEM blocks (${labels})`, {
    hint: blocks.some(({ label }) => label === "CERTIFICATE")
      ? "a chain has keys of its authorities too: give the signer's certificate alone, the first one as a rule"
      : "give a file with the one public key",
  });
}

function formOfDer(kind: DerKeyKind): PublicKeyForm {
  if (kind === "certificate") return "certificate";
  return kind === "pkcs1-public" ? "pkcs1" : "spki";
}

function spkiOfDer(kind: DerKeyKind, bytes: Uint8Array): Uint8Array {
  switch (kind) {
    case "spki":
      return parseSpki(bytes).raw;
    case "pkcs1-public":
      return spkiFromPkcs1(bytes);
    case "certificate":
      return parseSpki(parseCertificate(bytes).spki).raw;
    case "certification-request":
    case "pkcs12":
      throw unsupported(...FOREIGN_DER[kind]);
    case "pkcs8":
    case "encrypted-pkcs8":
    case "sec1":
    case "pkcs1-private":
      throw notPublic("a private key");
  }
}

function notPublic(got: string): SigstoreError {
  return new SigstoreError("key-invalid", `expected a public key, got ${got}`, {
    hint: "verifying needs the public key alone; sigstore key public FILE writes it",
  });
}

function jwkCandidate(key: JsonObject): Candidate {
  const spki = (): Uint8Array => {
    if (isPrivateJwk(key)) throw notPublic("a private JSON Web Key");
    return parsePublicJwk(key);
  };
  return { spki, name: typeof key["kid"] === "string" ? key["kid"] : "" };
}

function lineCandidate(line: string): Candidate {
  return { spki: () => parseOpenSshPublicLine(line).spki, name: commentOf(line) };
}

function commentOf(line: string): string {
  try {
    return parseOpenSshPublicLine(line).comment;
  } catch (error) {
    if (isSigstoreError(error)) return "";
    throw error;
  }
}

function single(form: PublicKeyForm, { spki, name }: Candidate): PublicKeyFile {
  return { form, keys: [{ publicKey: importPublicKey(spki()), name }], passedOver: [] };
}

/** All that can verify. With none, the first refusal stands for all. */
function several(form: PublicKeyForm, candidates: readonly Candidate[]): PublicKeyFile {
  const keys: FoundPublicKey[] = [];
  const refusals: SigstoreError[] = [];
  for (const { spki, name } of candidates) {
    try {
      keys.push({ publicKey: importPublicKey(spki()), name });
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      refusals.push(error);
    }
  }
  if (keys.length > 0) return { form, keys, passedOver: refusals.map(({ message }) => message) };
  throw refusals[0] ?? new SigstoreError("key-invalid", "expected a key, got an empty set");
}
