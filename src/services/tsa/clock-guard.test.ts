/** The clock guard: what is a wrong clock, what is not, and how it gets right again. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkClock, type ClockReading, type ClockState, startClockGuard } from "./clock-guard.ts";

const RULES = { accuracyMs: 1000, settleMs: 600_000, measurementLifetimeMs: 300_000 };
const START = { wallMs: 1_700_000_000_000, bootMs: 50_000 };
const started = startClockGuard(START, RULES);

function later(ms: number, wallStepMs = 0, measured?: ClockReading["measured"]): ClockReading {
  return { wallMs: START.wallMs + ms + wallStepMs, bootMs: START.bootMs + ms, measured };
}

function after(...readings: readonly ClockReading[]): ClockState {
  let state = started;
  for (const reading of readings) state = checkClock(state, reading, RULES);
  return state;
}

describe("the clock guard", () => {
  test("believes the clock that it finds", () => assert.equal(started.isRight, true));

  test("lets a clock that runs with the machine pass", () =>
    assert.equal(after(later(1), later(86_400_000)).isRight, true));

  test("lets a clock pass that is off by no more than the accuracy", () => {
    assert.equal(after(later(10, 1000)).isRight, true);
    assert.equal(after(later(10, -1000)).isRight, true);
  });

  test("stops at a clock that was set forward or back by more, and says by how much", () => {
    assert.deepEqual([after(later(10, 1001)).isRight, after(later(10, 1001)).aheadMs], [false, 1001]);
    assert.deepEqual([after(later(10, -3_600_000)).isRight, after(later(10, -3_600_000)).aheadMs], [false, -3_600_000]);
  });

  test("takes two small steps for the one they are together", () =>
    assert.equal(after(later(10, 900), later(20, 1800)).isRight, false));

  test("does not take a machine that slept for a wrong clock: the boot clock slept with it", () =>
    assert.equal(after(later(5), later(28_800_000)).isRight, true));

  test("goes on by itself as soon as the clock is right again", () =>
    assert.equal(after(later(10, 5000), later(20, 5000), later(30)).isRight, true));

  test("believes a new time that has stood for long enough, and not one moment earlier", () => {
    const stepped = later(10, 5000);
    assert.equal(after(stepped, later(10 + 599_999, 5000)).isRight, false);
    assert.equal(after(stepped, later(10 + 600_000, 5000)).isRight, true);
    assert.equal(after(stepped, later(300_000, 9000), later(10 + 600_000, 9000)).isRight, false);
  });

  test("never believes a new time where it is told so", () => {
    const rules = { ...RULES, settleMs: Infinity };
    const state = checkClock(checkClock(started, later(10, 5000), rules), later(1e12, 5000), rules);
    assert.equal(state.isRight, false);
  });
});

describe("the clock guard with time servers", () => {
  const truth = { trueMs: START.wallMs + 100, bootMs: START.bootMs + 100 };

  test("stops at the start when they say that the clock is wrong", () => {
    const state = startClockGuard({ ...later(100, 7000), measured: truth }, RULES);
    assert.deepEqual([state.isRight, state.aheadMs], [false, 7000]);
  });

  test("sees a clock that was set since they answered", () =>
    assert.equal(after(later(100, 0, truth), later(200, 5000, truth)).isRight, false));

  test("goes on at once when they say that the new time is the right one", () => {
    const corrected = { trueMs: START.wallMs + 200 + 5000, bootMs: START.bootMs + 200 };
    assert.equal(after(later(100, 5000), later(200, 5000, corrected)).isRight, true);
  });

  test("does not believe a time that only stands, while they say another", () => {
    const fresh = { trueMs: START.wallMs + 700_000, bootMs: START.bootMs + 700_000 };
    assert.equal(after(later(10, 5000), later(700_100, 5000, fresh)).isRight, false);
  });

  test("does not believe what they called wrong because they fell silent, but the right time at once", () => {
    const refuted = [later(100, 5000, truth), later(700_100, 5000), later(9_000_000, 5080)];
    assert.equal(after(...refuted).isRight, false);
    assert.equal(after(...refuted, later(9_000_100)).isRight, true);
  });

  test("believes another time that has stood since they fell silent, as without them", () => {
    const stepped = [later(100, 5000, truth), later(700_100, 90_000)];
    assert.equal(after(...stepped, later(700_200, 90_000)).isRight, false);
    assert.equal(after(...stepped, later(1_300_100, 90_000)).isRight, true);
  });

  test("does without them when they fell silent", () =>
    assert.equal(after(later(100, 0, truth), later(400_200, 0, { ...truth, trueMs: 0 })).isRight, true));
});
