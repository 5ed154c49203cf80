/** Files that root writes into the folder of another user; only root can try. */
import assert from "node:assert/strict";
import { chownSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeDurably, writeNew } from "../src/services/instance/durable-file.ts";
import { editUsers } from "../src/services/oidc/storage-users.ts";
import { takeFolderLock } from "../src/services/tiled-log/storage-sqlite-lock.ts";

const OTHER = 65_534;
const isRoot = process.geteuid?.() === 0;

test("what root writes in the folder of a service is the service's", { skip: !isRoot && "not root" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "owner-"));
  try {
    chownSync(folder, OTHER, OTHER);
    await editUsers(join(folder, "users.json"), () => []);
    writeDurably(join(folder, "instance.json"), "{}", 0o644);
    writeNew(join(folder, "key.pem"), "key", 0o600);
    takeFolderLock(join(folder, "change.lock"), () => "").release();
    const names = readdirSync(folder);
    assert.deepEqual(
      names.filter((name) => ["users.json", "instance.json", "key.pem", "change.lock"].includes(name)).length,
      4,
    );
    for (const name of names) {
      const { uid, gid } = statSync(join(folder, name));
      assert.deepEqual([uid, gid], [OTHER, OTHER], name);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what root writes in a folder of its own stays root's", { skip: !isRoot && "not root" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "owner-"));
  try {
    writeDurably(join(folder, "instance.json"), "{}", 0o644);
    assert.equal(statSync(join(folder, "instance.json")).uid, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
