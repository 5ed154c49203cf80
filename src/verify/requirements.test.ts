import assert from "node:assert/strict";
import { it } from "node:test";
import { DEFAULT_REQUIREMENTS, raiseRequirements } from "./requirements.ts";

it("raises what is higher and leaves the rest", () => {
  assert.deepEqual(raiseRequirements(DEFAULT_REQUIREMENTS, { times: 2, tlogEntries: 0 }), {
    ...DEFAULT_REQUIREMENTS,
    times: 2,
  });
});

it("never lowers", () => {
  const nothing = { tlogEntries: 0, scts: 0, signedTimestamps: 0, integratedTimes: 0, times: 0 };
  assert.deepEqual(raiseRequirements(DEFAULT_REQUIREMENTS, nothing), DEFAULT_REQUIREMENTS);
});

it("never lowers by a number that is none", () => {
  for (const times of [Number.NaN, -1, 0.5]) {
    assert.throws(() => raiseRequirements(DEFAULT_REQUIREMENTS, { times }), TypeError);
  }
});
