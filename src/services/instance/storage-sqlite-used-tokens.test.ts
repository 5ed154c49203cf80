import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { SqliteUsedTokens } from "./storage-sqlite-used-tokens.ts";

const folder = mkdtempSync(join(tmpdir(), "used-tokens-"));
after(() => rmSync(folder, { recursive: true }));

describe("used tokens", () => {
  test("a token is claimed once, also when two ask at the same time, and after a restart", async () => {
    const path = join(folder, "once.sqlite");
    const first = SqliteUsedTokens.open(path, () => 0);
    const claims = await Promise.all([first.claim("a", 1000), first.claim("a", 1000), first.claim("b", 1000)]);
    assert.deepEqual(claims, [true, false, true]);
    first.close();
    const second = SqliteUsedTokens.open(path, () => 0);
    assert.deepEqual(await Promise.all([second.claim("a", 1000), second.claim("c", 1000)]), [false, true]);
    second.close();
  });

  test("what has expired is forgotten after a while, and nothing else", async () => {
    let nowMs = 0;
    const used = SqliteUsedTokens.open(join(folder, "sweep.sqlite"), () => nowMs);
    await used.claim("old", 1000);
    await used.claim("new", 9000);
    nowMs = 5000;
    await Promise.all(Array.from({ length: 4096 }, (_, at) => used.claim(`token ${at}`, 9000)));
    assert.equal(await used.claim("old", 1000), true);
    assert.equal(await used.claim("new", 9000), false);
    used.close();
  });

  test("a claim that is not committed before the file is closed is committed by that", async () => {
    const path = join(folder, "close.sqlite");
    const used = SqliteUsedTokens.open(path, () => 0);
    const claim = used.claim("a", 1000);
    used.close();
    assert.equal(await claim, true);
    const again = SqliteUsedTokens.open(path, () => 0);
    assert.equal(await again.claim("a", 1000), false);
    again.close();
  });
});
