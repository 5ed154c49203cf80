/**
 * Keys of logs, for checking them: from the user, from a trusted root, from an instance's own files; and which of them signed.
 *
 * A log of signatures and a CT log sign differently with keys of one kind; the signature line of the checkpoint tells which it is
 * (C2SP signed-note, types 0x01, 0x02 and 0x05).
 */
import { fileKey } from "../compose/trust.ts";
import type { SignatureScheme } from "../crypto/algorithms.ts";
import { importPublicKey, type PublicKey } from "../crypto/keys.ts";
import { base64Decode } from "../encoding/base64.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { isSigstoreError } from "../errors.ts";
import { noteScheme, NOTE_SIGNATURE_TYPE, noteVerifier } from "../tlog/note-key.ts";
import { isKeyName, type Note, type NoteVerifier, parseNote } from "../tlog/signed-note.ts";
import { treeHeadVerifier } from "../tlog/tree-head.ts";
import { parseVerifierKey } from "../tlog/verifier-key.ts";
import type { TrustedLog, TrustMaterial } from "../verify/trust.ts";

/** How a log lays out what it publishes. */
export type LogFormat = "tlog-tiles" | "static-ct";

/** A key that a log may have. */
export interface LogKey {
  readonly format: LogFormat;
  /** Of CT logs: what their SCTs are signed with. */
  readonly publicKey: PublicKey | undefined;
  /** Whom the log must call itself, where it is known; the first is the usual one. */
  readonly origins: readonly string[];
  verifierFor(origin: string): NoteVerifier;
}

/** A log that was recognized by its checkpoint, or is taken for one: then the check says what is wrong. */
export interface RecognizedLog {
  readonly origin: string;
  readonly verifier: NoteVerifier;
  readonly key: LogKey;
}

/** The key of a log of signatures. */
export function tilesKey(publicKey: PublicKey, origins: readonly string[] = [], scheme?: SignatureScheme): LogKey {
  return {
    format: "tlog-tiles",
    publicKey: undefined,
    origins,
    verifierFor: (origin) => noteVerifier(origin, publicKey, scheme ?? noteScheme(publicKey)),
  };
}

/** The key of a CT log. */
export function ctKey(publicKey: PublicKey, origins: readonly string[] = []): LogKey {
  return { format: "static-ct", publicKey, origins, verifierFor: (origin) => treeHeadVerifier(origin, publicKey) };
}

const VERIFIER_KEY = /^[^+/\\]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/;

/** The keys that `--key` names: of a file it is not known which kind of log it is of. Errors as `fileKey` and `parseVerifierKey`. */
export function readLogKeys(text: string): readonly LogKey[] {
  if (VERIFIER_KEY.test(text)) return [verifierKey(text)];
  const publicKey = importPublicKey(fileKey(text).spki);
  return isKeyOfCtLogs(publicKey) ? [tilesKey(publicKey), ctKey(publicKey)] : [tilesKey(publicKey)];
}

function verifierKey(text: string): LogKey {
  const verifier = parseVerifierKey(text);
  const [type, ...material] = base64Decode(text.slice(text.indexOf("+", text.indexOf("+") + 1) + 1));
  const isCt = type === NOTE_SIGNATURE_TYPE.treeHead;
  return {
    format: isCt ? "static-ct" : "tlog-tiles",
    publicKey: isCt ? importPublicKey(Uint8Array.from(material)) : undefined,
    origins: [verifier.name],
    verifierFor: () => verifier,
  };
}

/** RFC 6962 §2.1.4. */
function isKeyOfCtLogs({ keyType }: PublicKey): boolean {
  return keyType === "ecdsa-p256" || keyType === "rsa";
}

/** The keys of the logs in a trusted root; those that cannot be used are passed over. */
export function trustedKeys({ tlogs, ctlogs }: Pick<TrustMaterial, "tlogs" | "ctlogs">): readonly LogKey[] {
  return [
    ...tlogs.flatMap((log) => usable(() => tilesKey(log.key, originsOf(log), log.algorithm))),
    ...ctlogs.flatMap((log) => usable(() => (isKeyOfCtLogs(log.key) ? ctKey(log.key, originsOf(log)) : undefined))),
  ];
}

/** "The origin line SHOULD be the schema-less URL of the log"; Rekor v2 takes its host alone. */
function originsOf({ hostname, instance }: TrustedLog): readonly string[] {
  return [hostname, instance.baseUrl.replace(/^[a-z]+:\/\//u, "").replace(/\/+$/u, "")];
}

function usable(read: () => LogKey | undefined): readonly LogKey[] {
  try {
    const key = read();
    return key === undefined ? [] : [key];
  } catch (error) {
    if (isSigstoreError(error)) return [];
    throw error;
  }
}

/**
 * The log that signed this checkpoint, by the names and key IDs in it; where none of `keys` did, the one that should have. Undefined
 * when nothing tells which of several that is.
 */
export function recognizeLog(checkpoint: Uint8Array | undefined, keys: readonly LogKey[]): RecognizedLog | undefined {
  const note = checkpoint && readNote(checkpoint);
  const origin = note === undefined ? undefined : originOf(note);
  const log = note && origin !== undefined ? signerOf(note, origin, keys) : undefined;
  return log ?? presumedLog(origin, keys);
}

/** First line of a checkpoint, where it can be one. */
export function originOf({ text }: Note): string | undefined {
  const [origin = ""] = text.split("\n", 1);
  return isKeyName(origin) ? origin : undefined;
}

function signerOf(note: Note, origin: string, keys: readonly LogKey[]): RecognizedLog | undefined {
  for (const key of keys) {
    const verifier = key.verifierFor(origin);
    const isSigned = note.signatures.some(
      ({ name, keyId }) => name === verifier.name && equalBytes(keyId, verifier.keyId),
    );
    if (isSigned) return { origin: expectedOrigin(key, origin), verifier, key };
  }
  return undefined;
}

/** What a checkpoint is held to that nobody is known to have signed: then the check says what is wrong with it. */
function presumedLog(found: string | undefined, keys: readonly LogKey[]): RecognizedLog | undefined {
  const fitting = keys.filter(({ origins }) => origins.length === 0 || origins.includes(found ?? ""));
  const [key] = fitting.length > 0 || keys.length > 1 ? fitting : keys;
  if (key === undefined) return undefined;
  const origin = key.origins.includes(found ?? "") ? found : (key.origins[0] ?? found);
  return origin === undefined ? undefined : { origin, verifier: key.verifierFor(origin), key };
}

function expectedOrigin({ origins }: LogKey, origin: string): string {
  return origins.length === 0 || origins.includes(origin) ? origin : (origins[0] ?? origin);
}

/** The note, or undefined when it is none. */
export function readNote(bytes: Uint8Array): Note | undefined {
  try {
    return parseNote(bytes);
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}
