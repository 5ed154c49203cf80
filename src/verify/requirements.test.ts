import assert from "node:assert/strict";
import { it } from "node:test";
import { DEFAULT_REQUIREMENTS, raiseRequirements, withoutCertificate } from "./requirements.ts";
import type { Requirements } from "./requirements.ts";

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

it("never passes over a requirement that it does not know", () => {
  const raise = { timestamps: 2 } as Partial<Requirements>;
  assert.throws(
    () => raiseRequirements(DEFAULT_REQUIREMENTS, raise),
    /^TypeError: expected one of .*, got timestamps$/,
  );
});

it("asks neither SCTs nor times of a key, unless the caller does", () => {
  assert.deepEqual(withoutCertificate(DEFAULT_REQUIREMENTS), { ...DEFAULT_REQUIREMENTS, scts: 0, times: 0 });
  assert.equal(raiseRequirements(withoutCertificate(DEFAULT_REQUIREMENTS), { times: 1 }).times, 1);
});
