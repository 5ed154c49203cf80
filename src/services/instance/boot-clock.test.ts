import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bootClock } from "./boot-clock.ts";

function machine(): { wall: number; monotonic: number; boot: number; reads: number } {
  return { wall: 1_700_000_000_000, monotonic: 5, boot: 90_000, reads: 0 };
}

function readerOf(clocks: ReturnType<typeof machine>): ReturnType<typeof bootClock> {
  return bootClock({
    wallMs: () => clocks.wall,
    monotonicMs: () => clocks.monotonic,
    bootMs: () => {
      clocks.reads++;
      return clocks.boot;
    },
  });
}

function pass(clocks: ReturnType<typeof machine>, ms: number): void {
  clocks.wall += ms;
  clocks.monotonic += ms;
  clocks.boot += ms;
}

describe("the clocks of the machine", () => {
  test("the time since boot is read once a second, and known in between", () => {
    const clocks = machine();
    const read = readerOf(clocks);
    for (let at = 0; at < 9; at++) {
      pass(clocks, 100);
      assert.deepEqual(read(), { wallMs: clocks.wall, bootMs: clocks.boot });
    }
    assert.equal(clocks.reads, 1);
    pass(clocks, 200);
    read();
    assert.equal(clocks.reads, 2);
  });

  test("sleep, through which the monotonic clock stands still, is seen at once", () => {
    const clocks = machine();
    const read = readerOf(clocks);
    clocks.wall += 3_600_000;
    clocks.boot += 3_600_000;
    assert.deepEqual(read(), { wallMs: clocks.wall, bootMs: clocks.boot });
  });

  test("a wall clock that was set is told as it is, beside the time since boot", () => {
    const clocks = machine();
    const read = readerOf(clocks);
    clocks.wall += 5000;
    pass(clocks, 10);
    assert.deepEqual(read(), { wallMs: clocks.wall, bootMs: clocks.boot });
  });
});
