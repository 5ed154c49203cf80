/**
 * The keys that identity tokens are signed with: made, opened, and rotated every three months (services/oidc/keys.ts says how).
 *
 * What will be is durable before the provider does it: a process that ends in between comes back with the new states.
 */
import { createSigner } from "../../crypto/signer.ts";
import { type ProviderKey, providerKeyId } from "../oidc/keys.ts";
import { changing } from "./changes.ts";
import { readInstanceRecord } from "./folder.ts";
import type { KeyStore } from "./key-store.ts";
import type { IdentityKeyRecord } from "./record.ts";

const DAY_MS = 86_400_000;
const ROTATION_MS = 90 * DAY_MS;
/** Longer than any token lives: after that nobody asks for a retired key. */
const RETIREMENT_MS = 2 * DAY_MS;

/** What of the provider is told: `OidcService`. */
export interface RotatingProvider {
  rotate(fresh: Pick<ProviderKey, "keyId" | "signer">): unknown;
}

/** The first keys: one that signs, and the one that will. RSA, since some stock clients take no other tokens. */
export async function createIdentityKeys(keys: KeyStore, nowMs: number): Promise<readonly IdentityKeyRecord[]> {
  await keys.create("oidc-1", "rsa-2048");
  await keys.create("oidc-2", "rsa-2048");
  return [
    { name: "oidc-1", state: "active", sinceMs: nowMs },
    { name: "oidc-2", state: "next", sinceMs: nowMs },
  ];
}

/** The keys of these records, for the provider. @throws SigstoreError `instance-invalid` */
export async function openIdentityKeys(
  keys: KeyStore,
  records: readonly IdentityKeyRecord[],
): Promise<readonly ProviderKey[]> {
  const opened: ProviderKey[] = [];
  for (const { name, state, sinceMs } of records) {
    const signer = createSigner(await keys.load(name));
    const retired = state === "retired" ? { retiredMs: sinceMs } : {};
    opened.push({ keyId: providerKeyId(signer.publicKey), signer, state, ...retired });
  }
  return opened;
}

/**
 * Rotates the keys by one step when the active one has signed for three months.
 *
 * @returns whether it was time
 * @throws SigstoreError `storage-…`, `instance-invalid`: nothing was rotated then
 */
export async function rotateIdentityKeys(
  folder: string,
  keys: KeyStore,
  { service, nowMs }: { readonly service: RotatingProvider; readonly nowMs: number },
): Promise<boolean> {
  if (!isDue(readInstanceRecord(folder)?.identityKeys ?? [], nowMs)) return false;
  const fresh = await changing(folder, async (record) => {
    const name = nextName(record.identityKeys);
    const key = await keys.create(name, "rsa-2048");
    const identityKeys = rotated(record.identityKeys, name, nowMs);
    return { result: { key, identityKeys, before: record.identityKeys }, record: { ...record, identityKeys } };
  });
  const signer = createSigner(fresh.key);
  service.rotate({ keyId: providerKeyId(signer.publicKey), signer });
  const kept = new Set(fresh.identityKeys.map(({ name }) => name));
  for (const { name } of fresh.before) if (!kept.has(name)) keys.remove(name);
  return true;
}

function isDue(records: readonly IdentityKeyRecord[], nowMs: number): boolean {
  const active = records.find(({ state }) => state === "active");
  return active !== undefined && nowMs - active.sinceMs >= ROTATION_MS;
}

/** The same step as `KeyRing.rotate` makes, on the records. */
function rotated(records: readonly IdentityKeyRecord[], fresh: string, nowMs: number): readonly IdentityKeyRecord[] {
  const sinceMs = Math.floor(nowMs / 1000) * 1000;
  const hasNext = records.some(({ state }) => state === "next");
  const kept = records.filter(
    ({ state, sinceMs: retiredMs }) => state !== "retired" || nowMs < retiredMs + RETIREMENT_MS,
  );
  const advanced = kept.map((one): IdentityKeyRecord => {
    if (!hasNext || one.state === "retired") return one;
    return { ...one, state: one.state === "next" ? "active" : "retired", sinceMs };
  });
  return [...advanced, { name: fresh, state: "next", sinceMs }];
}

function nextName(records: readonly IdentityKeyRecord[]): string {
  const numbers = records.map(({ name }) => Number(name.slice(name.lastIndexOf("-") + 1)));
  return `oidc-${Math.max(...numbers.filter(Number.isSafeInteger), 0) + 1}`;
}
