/**
 * The floor: the bare signature operations that a bundle cannot be verified without, and nothing else.
 *
 * They are those that our own verification makes, written down while it makes them and then run alone: each signature
 * verification with its message, and the import of the leaf's key, anew for each bundle. That these are as few as can be
 * (the links inside the trusted root are verified once, its keys kept) is checked against the numbers of each kind. All
 * other work, hashing of Merkle paths included, is left out.
 */
import type { KeyObject } from "node:crypto";
import { createRequire, syncBuiltinESMExports } from "node:module";
import type { BundleKind } from "./corpus.ts";

/** The members of node:crypto that are watched. Only its CommonJS form can be changed. */
interface NativeOperations {
  verify: (hash: string | undefined, message: Uint8Array, key: KeyObject, signature: Uint8Array) => boolean;
  createPublicKey: (pem: string) => KeyObject;
}

/** One signature verification; a key of the bundle's own is imported first. */
interface Operation {
  readonly hash: string | undefined;
  readonly message: Uint8Array;
  readonly key: { readonly kept: KeyObject } | { readonly pem: string };
  readonly signature: Uint8Array;
}

/** What one bundle takes. */
export type Operations = readonly Operation[];

/** The least that each kind of bundle takes (perf.md, 3b), by kind of key. */
const LEAST: Readonly<Record<BundleKind, string>> = {
  "happy-path-v0.3": "4 prime256v1, 1 secp384r1",
  dsse: "4 prime256v1, 1 secp384r1",
  rekor2: "1 ed25519, 2 prime256v1, 2 secp384r1",
  "rekor2-dsse": "1 ed25519, 2 prime256v1, 2 secp384r1",
};

const native = createRequire(import.meta.url)("node:crypto") as NativeOperations;
const original: NativeOperations = { verify: native.verify, createPublicKey: native.createPublicKey };

/** Writes down the native operations that each call of `verifyOne` makes; throws where they are not the least. */
export function recordOperations(kind: BundleKind, count: number, verifyOne: (index: number) => void): Operations[] {
  const imported = new Map<KeyObject, string>();
  const recorded: Operation[] = [];
  replaceNative({
    createPublicKey(pem) {
      const key = original.createPublicKey(pem);
      imported.set(key, pem);
      return key;
    },
    verify(hash, message, key, signature) {
      const pem = imported.get(key);
      const from = pem === undefined ? { kept: key } : { pem };
      recorded.push({ hash, message: message.slice(), key: from, signature: signature.slice() });
      return original.verify(hash, message, key, signature);
    },
  });
  try {
    return Array.from({ length: count }, (_, index) => {
      imported.clear();
      recorded.length = 0;
      verifyOne(index);
      checkLeast(kind, recorded, imported.size);
      return [...recorded];
    });
  } finally {
    replaceNative(original);
  }
}

/** Runs the operations of one bundle; throws where a signature does not hold. */
export function runOperations(operations: Operations): void {
  let leafKey: KeyObject | undefined;
  for (const { hash, message, key, signature } of operations) {
    const keyObject = "kept" in key ? key.kept : (leafKey ??= original.createPublicKey(key.pem));
    if (!original.verify(hash, message, keyObject, signature)) throw new Error("a recorded signature does not hold");
  }
}

function replaceNative(operations: NativeOperations): void {
  native.verify = operations.verify;
  native.createPublicKey = operations.createPublicKey;
  syncBuiltinESMExports();
}

function checkLeast(kind: BundleKind, operations: Operations, imports: number): void {
  const counts = new Map<string, number>();
  for (const { key } of operations) {
    const object = "kept" in key ? key.kept : original.createPublicKey(key.pem);
    const name = object.asymmetricKeyDetails?.namedCurve ?? object.asymmetricKeyType ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const made = [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
  if (made === LEAST[kind] && imports === 1) return;
  throw new Error(
    `expected one key import and these verifications of a ${kind} bundle: ${LEAST[kind]}; got ${imports} and: ${made}`,
  );
}
