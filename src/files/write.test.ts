/** Bundles are written whole or not at all, and replace nothing unasked. */
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { isSigstoreError } from "../errors.ts";
import { writeWhole } from "./write.ts";

let folder = "";

// In a suite of their own: all test files run in one process, and hooks at the top would be those of every test.
describe("a whole file", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sigstore-write-"));
  });

  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });

  async function write(name: string, text: string, replaces = false): Promise<void> {
    return writeWhole(join(folder, name), text, { replaces, what: "a bundle" });
  }

  test("a new file is written, and nothing is left beside it", async () => {
    await write("b.json", "whole");
    assert.equal(readFileSync(join(folder, "b.json"), "utf8"), "whole");
    assert.deepEqual(readdirSync(folder), ["b.json"]);
  });

  test("what is there is replaced only when that is asked for", async () => {
    await write("b.json", "first");
    await assert.rejects(write("b.json", "second"), { code: "bundle-exists" });
    assert.equal(readFileSync(join(folder, "b.json"), "utf8"), "first");
    await write("b.json", "third", true);
    assert.equal(readFileSync(join(folder, "b.json"), "utf8"), "third");
    assert.deepEqual(readdirSync(folder), ["b.json"]);
  });

  test("of two writers at once one wins, and its file is whole", async () => {
    const outcomes = await Promise.allSettled(["one", "two", "three"].map(async (text) => write("b.json", text)));
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    assert.deepEqual(readdirSync(folder), ["b.json"]);
    assert.ok(["one", "two", "three"].includes(readFileSync(join(folder, "b.json"), "utf8")));
  });

  test("a link is not followed: it is what is there", async () => {
    writeFileSync(join(folder, "elsewhere"), "kept");
    symlinkSync("elsewhere", join(folder, "b.json"));
    await assert.rejects(write("b.json", "x"), { code: "bundle-exists" });
    await write("b.json", "x", true);
    assert.equal(readFileSync(join(folder, "elsewhere"), "utf8"), "kept");
  });

  test("a place that cannot be written is told in words", async () => {
    mkdirSync(join(folder, "d"));
    for (const [name, found] of [
      ["nowhere/b.json", /no such folder/],
      ["d", /a folder|already/],
    ] as const) {
      await assert.rejects(write(name, "x", true), (error: unknown) => {
        assert.ok(isSigstoreError(error, "file-unwritable"), String(error));
        assert.match(error.message, found);
        return true;
      });
    }
    assert.deepEqual(readdirSync(folder), ["d"]);
  });
});
