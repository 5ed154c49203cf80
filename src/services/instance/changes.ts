import { exportPkcs8, importPrivateKeyPem, type PrivateKey } from "../../crypto/private-key.ts";
/**
 * Changes of an instance that others than its own process may make: a new chain of the certificate authority, and the root's key
 * taken away. One at a time, by a lock that the kernel frees.
 *
 * The running process takes a change up when it is told to (`RunningInstance.reload`). Leaves out: telling it.
 */
import { createSigner } from "../../crypto/signer.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { serializePem } from "../../encoding/pem.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { takeFolderLock } from "../tiled-log/storage-sqlite-lock.ts";
import {
  algorithmOf,
  type AuthorityPlace,
  type CaAlgorithm,
  createCertificateAuthority,
  createIntermediateAuthority,
  readChain,
} from "./authorities.ts";
import {
  damaged,
  inFolder,
  PUBLIC_MODE,
  requireSmallFile,
  SECRET_MODE,
  writeDurably,
  writeNew,
} from "./durable-file.ts";
import { pathsOf, readInstanceRecord } from "./folder.ts";
import { type KeyEncryption, KeyStore } from "./key-store.ts";
import {
  active,
  type AuthorityRecord,
  type InstanceRecord,
  requireLaterThan,
  serializeInstanceRecord,
} from "./record.ts";

/** How a chain is made anew. */
export interface RotationWish {
  readonly keyEncryption: KeyEncryption | undefined;
  /** Under a root of its own too, instead of the one that is there. */
  readonly newRoot: boolean;
  /** Of a new root; that of the old chain without. */
  readonly caAlgorithm: CaAlgorithm | undefined;
  /** PEM of the root's key, where it was taken out of the folder. */
  readonly rootKey: Uint8Array | undefined;
  readonly nowMs: number;
}

/** How long certificates of the old chain may still come: from processes that do not know of the new one yet. */
const GRACE_MS = 3_600_000;

/** Makes a new chain, with which the instance issues from its next start or reload on. @throws SigstoreError */
export async function rotateCertificateAuthority(folder: string, wish: RotationWish): Promise<AuthorityRecord> {
  return changing(folder, async (record) => {
    requireLaterThan(record, wish.nowMs);
    const keys = await KeyStore.open(pathsOf(folder).keys, wish.keyEncryption);
    const place: AuthorityPlace = {
      keys,
      folder: pathsOf(folder).authorities,
      organization: record.name,
      uri: record.url,
      nowMs: wish.nowMs,
    };
    const made = await makeChain(place, record, wish);
    const olds = record.certificateAuthorities.map((one) => ({ ...one, endMs: one.endMs ?? made.startMs + GRACE_MS }));
    return { result: made, record: { ...record, certificateAuthorities: [...olds, made] } };
  });
}

/** What became of the root's key. */
export interface ExportedRootKey {
  readonly file: string;
  /** Name of the authority whose root it is. */
  readonly authority: string;
}

/**
 * Writes the root's key to `file`, which must not be there yet, reads it back, and only then removes it from the folder.
 *
 * @throws SigstoreError `config-invalid` when the folder has no such key
 */
export async function exportRootKey(
  folder: string,
  file: string,
  keyEncryption: KeyEncryption | undefined,
): Promise<ExportedRootKey> {
  return changing(folder, async (record) => {
    const keys = await KeyStore.open(pathsOf(folder).keys, keyEncryption);
    const authority = active(record.certificateAuthorities);
    const { rootKey } = authority;
    if (rootKey === undefined || !keys.has(rootKey)) throw noRootKey(folder);
    const key = await keys.load(rootKey);
    requireKeyOfRoot(key, rootOf(folder, authority), inFolder(keys.folder, rootKey));
    writeNew(file, serializePem("PRIVATE KEY", exportPkcs8(key)), SECRET_MODE);
    requireKeyOfRoot(readKey(requireSmallFile(file), file), rootOf(folder, authority), file);
    keys.remove(rootKey);
    const certificateAuthorities = record.certificateAuthorities.map((one) =>
      one.rootKey === rootKey ? { ...one, rootKey: undefined } : one,
    );
    return { result: { file, authority: authority.name }, record: { ...record, certificateAuthorities } };
  });
}

/** Changes the record of an instance, which others change too. @throws SigstoreError `storage-in-use`, `instance-invalid` */
export async function changing<Result>(
  folder: string,
  change: (record: InstanceRecord) => Promise<{ readonly result: Result; readonly record: InstanceRecord }>,
): Promise<Result> {
  const { record: path } = pathsOf(folder);
  requireSmallFile(path);
  const lock = takeFolderLock(inFolder(folder, "change.lock"), () => "another change that is under way");
  try {
    const before = readInstanceRecord(folder);
    if (before === undefined) throw damaged(path, "the record of an instance", "none");
    const { result, record } = await change(before);
    writeDurably(path, serializeInstanceRecord(record), PUBLIC_MODE);
    return result;
  } finally {
    lock.release();
  }
}

async function makeChain(place: AuthorityPlace, record: InstanceRecord, wish: RotationWish): Promise<AuthorityRecord> {
  const last = active(record.certificateAuthorities);
  const name = nextName(record.certificateAuthorities);
  if (wish.newRoot) return createCertificateAuthority(place, name, wish.caAlgorithm ?? algorithmOf(place.folder, last));
  const rootSigner = createSigner(await rootKeyOf(place, last, wish));
  return createIntermediateAuthority(place, name, { under: last, rootSigner });
}

async function rootKeyOf(
  { keys, folder }: AuthorityPlace,
  last: AuthorityRecord,
  wish: RotationWish,
): Promise<PrivateKey> {
  if (wish.rootKey === undefined) {
    if (last.rootKey === undefined || !keys.has(last.rootKey)) throw noRootKey(keys.folder);
    return keys.load(last.rootKey);
  }
  const key = readKey(wish.rootKey, "the root's key");
  const root = readChain(folder, last.name).at(-1);
  if (root !== undefined) requireKeyOfRoot(key, root, "the root's key");
  return key;
}

function noRootKey(folder: string): SigstoreError {
  return new SigstoreError("config-invalid", `expected the root's key in ${folder}, got none`, {
    hint: "it was exported: give it with --root-key FILE, or begin a new root with --new-root",
  });
}

function rootOf(folder: string, { name }: AuthorityRecord): Uint8Array {
  const root = readChain(pathsOf(folder).authorities, name).at(-1);
  if (root === undefined) throw new Error("a chain that was read has a certificate");
  return root;
}

function readKey(bytes: Uint8Array, where: string): PrivateKey {
  try {
    return importPrivateKeyPem(utf8Decode(bytes));
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw new SigstoreError("config-invalid", `${where}: ${cause.message}`, { cause });
  }
}

function requireKeyOfRoot({ publicKey }: PrivateKey, root: Uint8Array, where: string): void {
  if (equalBytes(publicKey.spki, parseCertificate(root).spki)) return;
  throw new SigstoreError("config-invalid", `${where}: expected the key of the root certificate, got another`);
}

/** `ca-1`, `ca-2` and so on. */
function nextName(authorities: readonly AuthorityRecord[]): string {
  const names = new Set(authorities.map(({ name }) => name));
  let number = authorities.length + 1;
  while (names.has(`ca-${number}`)) number++;
  return `ca-${number}`;
}
