/** An instance against people who would lock others out, and commands that come at the wrong moment. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LIMITS } from "../../limits.ts";
import { takeFolderLock } from "../tiled-log/storage-sqlite-lock.ts";
import { backUpInstance } from "./backup.ts";
import { rotateCertificateAuthority } from "./changes.ts";
import { restoreInstance } from "./restore.ts";
import { type InstanceOptions, startInstance } from "./start.ts";

const folder = mkdtempSync(join(tmpdir(), "sigstore-instance-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function options(name: string, more: Partial<InstanceOptions> = {}): InstanceOptions {
  return { folder: join(folder, name), port: 0, log: () => undefined, ...more };
}

/** Status of a request for the code of a device, as a proxy of sigstore.example.test hands it on. */
function askForCode(port: number): Promise<number> {
  const headers = { host: "sigstore.example.test", "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const sent = requestPlain({ port, method: "POST", path: "/auth/device/code", headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.on("error", reject).end("client_id=sigstore&scope=openid+email");
  });
}

test("behind a proxy, whose address all have, nobody uses up what others may do", async () => {
  const proxied = options("proxied", { isBehindProxy: true, url: "https://sigstore.example.test" });
  const instance = await startInstance(proxied);
  try {
    const statuses = [];
    for (let asked = 0; asked <= LIMITS.deviceCodesOfClient; asked++) statuses.push(await askForCode(instance.port));
    assert.deepEqual(new Set(statuses), new Set([200]));
  } finally {
    await instance.stop();
  }
});

test("keys are not sealed while a change is under way that may add one in the clear", async () => {
  await (await startInstance(options("plain"))).stop();
  const lock = takeFolderLock(join(folder, "plain", "change.lock"), () => "a rotation");
  const keyEncryption = { kind: "key", key: new Uint8Array(32).fill(7) } as const;
  await assert.rejects(startInstance(options("plain", { keyEncryption })), { code: "storage-in-use" });
  lock.release();
  const keyFiles = (): string[] => readdirSync(join(folder, "plain", "keys"));
  assert.ok(keyFiles().every((name) => name.endsWith(".pem")));
  await (await startInstance(options("plain", { keyEncryption }))).stop();
  assert.ok(keyFiles().every((name) => name.endsWith(".json")));
});

test("a backup removes nothing that is not its own", async () => {
  await (await startInstance(options("saved"))).stop();
  const [from, target] = [join(folder, "saved"), join(folder, "backup")];
  mkdirSync(`${target}.partial`);
  writeFileSync(join(`${target}.partial`, "precious"), "x");
  mkdirSync(target);
  backUpInstance(from, target);
  assert.ok(existsSync(join(target, "instance.json")));
  assert.ok(existsSync(join(`${target}.partial`, "precious")));
  assert.throws(() => backUpInstance(from, target), { code: "storage-failed" });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("backup")),
    ["backup", "backup.partial"],
  );
});

test("a clock that is behind ends nothing: what was signed since would be refused for ever", async () => {
  const before = Date.now() - 60_000;
  await (await startInstance(options("timed"))).stop();
  const from = join(folder, "timed");
  const wish = { keyEncryption: undefined, nowMs: before };
  const rotation = { ...wish, newRoot: false, caAlgorithm: undefined, rootKey: undefined };
  await assert.rejects(rotateCertificateAuthority(from, rotation), { code: "config-invalid" });
  await assert.rejects(restoreInstance({ ...wish, from, folder: join(folder, "late") }), { code: "config-invalid" });
  assert.ok(!existsSync(join(folder, "late", "instance.json")));
});
