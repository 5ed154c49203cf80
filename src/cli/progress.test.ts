/** The bar for several things: on a terminal alone, not at once, and never in the way of other lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CountProgress } from "./progress.ts";
import type { World } from "./world.ts";

function barOf(talkIsTerminal: boolean, steps: readonly number[]): string {
  let said = "";
  let nowMs = 0;
  const world: World = {
    environment: {},
    inputDescriptor: 0,
    outputIsTerminal: false,
    talkIsTerminal,
    nowMs: () => nowMs,
    writeOutput: () => undefined,
    writeTalk: (text) => {
      said += text;
    },
  };
  const progress = new CountProgress(world, "signing", steps.length);
  for (const step of steps) {
    nowMs += step;
    progress.end();
    progress.count();
  }
  progress.end();
  progress.end();
  return said.replaceAll("\r\u001b[K", "|");
}

test("what is quick, or not looked at, shows no bar", () => {
  assert.equal(barOf(true, [10, 10, 10]), "");
  assert.equal(barOf(false, [2000, 2000]), "");
  assert.equal(barOf(true, [2000]), "", "one thing has no parts to count");
});

test("what takes longer shows how far it is, makes room for other lines, and goes away", () => {
  assert.equal(
    barOf(true, [900, 200, 50, 200]),
    "|signing… 2 of 4 (50 %)||signing… 3 of 4 (75 %)||signing… 4 of 4 (100 %)|",
  );
});
