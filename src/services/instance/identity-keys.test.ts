import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ProviderKey } from "../oidc/keys.ts";
import { KeyRing } from "../oidc/keys.ts";
import { createInstance } from "./first-start.ts";
import { InstanceFolder, pathsOf, readInstanceRecord } from "./folder.ts";
import { openIdentityKeys, rotateIdentityKeys } from "./identity-keys.ts";
import { KeyStore } from "./key-store.ts";

const folder = mkdtempSync(join(tmpdir(), "identity-keys-"));
after(() => rmSync(folder, { recursive: true }));

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);

test("keys of the login are rotated every three months, in the folder as in the provider", async () => {
  const held = InstanceFolder.hold(folder);
  const keys = await KeyStore.create(pathsOf(folder).keys, undefined);
  const wish = { name: "a.localhost", url: "http://localhost:1", caAlgorithm: "p256", nowMs: START_MS } as const;
  held.writeRecord(await createInstance(folder, keys, wish));
  const stored = async (): Promise<readonly ProviderKey[]> =>
    openIdentityKeys(keys, readInstanceRecord(folder)?.identityKeys ?? []);
  const ring = new KeyRing(await stored(), 600_000);
  const rotateAt = (nowMs: number): Promise<boolean> =>
    rotateIdentityKeys(folder, keys, { service: { rotate: (fresh) => ring.rotate(fresh, nowMs) }, nowMs });
  const states = (): readonly string[] =>
    (readInstanceRecord(folder)?.identityKeys ?? []).map(({ name, state }) => `${name} ${state}`);

  assert.equal(await rotateAt(START_MS + 89 * DAY_MS), false);
  assert.deepEqual(states(), ["oidc-1 active", "oidc-2 next"]);
  assert.equal(await rotateAt(START_MS + 90 * DAY_MS), true);
  assert.deepEqual(states(), ["oidc-1 retired", "oidc-2 active", "oidc-3 next"]);
  assert.equal(ring.active.keyId, (await stored()).find(({ state }) => state === "active")?.keyId);
  assert.equal(await rotateAt(START_MS + 91 * DAY_MS), false);
  assert.equal(await rotateAt(START_MS + 180 * DAY_MS), true);
  assert.deepEqual(states(), ["oidc-2 retired", "oidc-3 active", "oidc-4 next"]);
  assert.equal(ring.active.keyId, (await stored()).find(({ state }) => state === "active")?.keyId);
  assert.deepEqual(
    readdirSync(pathsOf(folder).keys).filter((name) => name.startsWith("oidc")),
    ["oidc-2.pem", "oidc-3.pem", "oidc-4.pem"],
  );
  held.release();
});
