import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { type KeyEncryption, KeyStore } from "./key-store.ts";

const root = mkdtempSync(join(tmpdir(), "key-store-"));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const place = (): string => join(root, `keys-${count++}`);

const KEY: KeyEncryption = { kind: "key", key: new Uint8Array(32).fill(7) };
const PASSPHRASE: KeyEncryption = { kind: "passphrase", passphrase: utf8Encode("correct horse battery") };

for (const [name, encryption] of [
  ["in the clear", undefined],
  ["sealed with a key", KEY],
  ["sealed with a passphrase", PASSPHRASE],
] as const) {
  test(`keys ${name} are found again, in files for their owner alone`, async () => {
    const folder = place();
    const made = await (await KeyStore.create(folder, encryption)).create("ca-1", "ecdsa-p256");
    const again = await KeyStore.open(folder, encryption);
    assert.equal(again.isEncrypted, encryption !== undefined);
    assert.deepEqual((await again.load("ca-1")).publicKey.spki, made.publicKey.spki);
    assert.equal(again.has("ca-1"), true);
    assert.equal(again.has("ca-2"), false);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    const text = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("");
    assert.equal(text.includes("PRIVATE KEY"), encryption === undefined);
    again.remove("ca-1");
    assert.equal(again.has("ca-1"), false);
  });
}

describe("keys in the clear are sealed later,", () => {
  test("and found again, with nothing of them left in the clear", async () => {
    const folder = place();
    const plain = await KeyStore.create(folder, undefined);
    const made = [await plain.create("ca-1", "ecdsa-p256"), await plain.create("rekor", "ed25519")];
    const sealed = await KeyStore.seal(folder, KEY);
    assert.equal(sealed.isEncrypted, true);
    assert.deepEqual(readdirSync(folder).toSorted(), ["ca-1.json", "folder-key.json", "rekor.json"]);
    const again = await KeyStore.open(folder, KEY);
    assert.deepEqual(
      [(await again.load("ca-1")).publicKey.spki, (await again.load("rekor")).publicKey.spki],
      made.map(({ publicKey }) => publicKey.spki),
    );
    await assert.rejects(
      async () => KeyStore.open(folder, undefined),
      (error) => isSigstoreError(error, "config-invalid"),
    );
  });

  test("also where a sealing was ended before or after its switch", async () => {
    const folder = place();
    const made = await (await KeyStore.create(folder, undefined)).create("ca-1", "ecdsa-p256");
    const pem = readFileSync(join(folder, "ca-1.pem"));
    writeFileSync(join(folder, "ca-1.json"), "half", { mode: 0o600 });
    assert.deepEqual((await (await KeyStore.open(folder, undefined)).load("ca-1")).publicKey.spki, made.publicKey.spki);
    await KeyStore.seal(folder, KEY);
    writeFileSync(join(folder, "ca-1.pem"), pem, { mode: 0o600 });
    assert.deepEqual((await (await KeyStore.open(folder, KEY)).load("ca-1")).publicKey.spki, made.publicKey.spki);
    assert.deepEqual(readdirSync(folder).toSorted(), ["ca-1.json", "folder-key.json"]);
  });

  test("and throws no key away that is there in one way alone", async () => {
    const folder = place();
    await (await KeyStore.create(folder, KEY)).create("ca-1", "ecdsa-p256");
    writeFileSync(join(folder, "ca-2.pem"), "a key that somebody has put here", { mode: 0o600 });
    await KeyStore.open(folder, KEY);
    assert.deepEqual(readdirSync(folder).toSorted(), ["ca-1.json", "ca-2.pem", "folder-key.json"]);
  });

  test("not where the folder's key is gone: another would open nothing", async () => {
    const folder = place();
    await (await KeyStore.create(folder, KEY)).create("ca-1", "ecdsa-p256");
    rmSync(join(folder, "folder-key.json"));
    await assert.rejects(KeyStore.seal(folder, KEY), (error) => isSigstoreError(error, "instance-invalid"));
    assert.deepEqual(readdirSync(folder), ["ca-1.json"]);
  });
});

describe("a folder of keys is not opened", () => {
  const refusal = async (folder: string, encryption: KeyEncryption | undefined): Promise<string> => {
    try {
      await (await KeyStore.open(folder, encryption)).load("ca-1");
    } catch (error) {
      if (isSigstoreError(error)) return error.code;
    }
    return "none";
  };
  const made = async (encryption: KeyEncryption | undefined): Promise<string> => {
    const folder = place();
    const keys = await KeyStore.create(folder, encryption);
    await keys.create("ca-1", "ecdsa-p256");
    await keys.create("rekor", "ed25519");
    return folder;
  };

  test("with another key, another passphrase, the other of both, or none", async () => {
    const byKey = await made(KEY);
    const byPassphrase = await made(PASSPHRASE);
    assert.equal(await refusal(byKey, { kind: "key", key: new Uint8Array(32) }), "password-wrong");
    assert.equal(await refusal(byKey, PASSPHRASE), "config-invalid");
    assert.equal(await refusal(byKey, undefined), "config-invalid");
    assert.equal(await refusal(byPassphrase, { kind: "passphrase", passphrase: utf8Encode("x") }), "password-wrong");
    assert.equal(await refusal(byPassphrase, KEY), "config-invalid");
    assert.equal(await refusal(await made(undefined), KEY), "config-invalid");
  });

  test("when a file is missing, changed, or another key's", async () => {
    for (const encryption of [undefined, KEY]) {
      const ending = encryption === undefined ? "pem" : "json";
      const missing = await made(encryption);
      rmSync(join(missing, `ca-1.${ending}`));
      assert.equal(await refusal(missing, encryption), "instance-invalid");
      const changed = await made(encryption);
      writeFileSync(join(changed, `ca-1.${ending}`), "{}", { mode: 0o600 });
      assert.equal(await refusal(changed, encryption), "instance-invalid");
    }
    const exchanged = await made(KEY);
    renameSync(join(exchanged, "rekor.json"), join(exchanged, "ca-1.json"));
    assert.equal(await refusal(exchanged, KEY), "instance-invalid");
  });

  test("when others can reach it, as ssh does, and the hint mends it", async () => {
    const open = await made(undefined);
    chmodSync(join(open, "ca-1.pem"), 0o640);
    await assert.rejects(
      async () => (await KeyStore.open(open, undefined)).load("ca-1"),
      (error) =>
        isSigstoreError(error, "instance-invalid") &&
        error.hint?.endsWith(`chmod 600 ${join(open, "ca-1.pem")}`) === true,
    );
    chmodSync(join(open, "ca-1.pem"), 0o600);
    chmodSync(open, 0o755);
    await assert.rejects(
      async () => KeyStore.open(open, undefined),
      (error) => isSigstoreError(error, "instance-invalid") && error.hint?.endsWith(`chmod 700 ${open}`) === true,
    );
  });
});
