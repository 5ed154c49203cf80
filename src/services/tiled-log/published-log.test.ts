/** Tiles are remembered within bounds; the checkpoint never is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tilePath } from "../../tlog/tile.ts";
import { publishedLog } from "./published-log.ts";

const MIB = 1 << 20;

test("a tile is read once while there is room, the checkpoint each time, and nothing that is not there", async () => {
  const asked: string[] = [];
  const log = publishedLog({
    read: async (path) => {
      asked.push(path);
      return path === "tile/0/999" ? undefined : new Uint8Array(MIB);
    },
  });
  const pathOf = (index: number): string => tilePath({ level: 0, index: BigInt(index), width: 256 });
  for (const path of [pathOf(0), pathOf(0), "tile/0/999", "tile/0/999"]) await log.readResource(path);
  assert.deepEqual(asked, ["tile/0/000", "tile/0/999", "tile/0/999"]);
  await log.readCheckpoint();
  await log.readCheckpoint();
  assert.equal(asked.length, 5);
  for (let index = 1; index <= 64; index += 1) await log.readResource(pathOf(index));
  asked.length = 0;
  await log.readResource(pathOf(64));
  await log.readResource(pathOf(0));
  assert.deepEqual(asked, ["tile/0/000"], "the oldest made room");
});
