import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatRfc3339, momentText, parseRfc3339 } from "./time.ts";

const EARLIEST = Date.parse("0001-01-01T00:00:00Z");
const YEAR_ZERO = Date.parse("0000-01-01T00:00:00Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

describe("RFC 3339 times", () => {
  it("are read back from what was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: EARLIEST, max: LATEST }), (ms) => {
        const text = formatRfc3339(ms);
        assert.equal(parseRfc3339(text), ms);
        assert.equal(formatRfc3339(parseRfc3339(text)), text);
      }),
    );
  });

  it("have the bounds of google.protobuf.Timestamp", () => {
    assert.equal(formatRfc3339(EARLIEST), "0001-01-01T00:00:00Z");
    assert.equal(formatRfc3339(LATEST), "9999-12-31T23:59:59.999Z");
    assert.throws(() => parseRfc3339("0000-12-31T23:59:59Z"), { code: "time-invalid" });
    assert.throws(() => parseRfc3339("0001-01-01T00:00:00+00:01"), { code: "time-invalid" });
    assert.throws(() => parseRfc3339("9999-12-31T23:59:59-00:01"), { code: "time-invalid" });
  });

  const readings = [
    ["2024-03-19T17:26:26Z", "2024-03-19T17:26:26Z"],
    ["2024-03-19T17:26:26.5Z", "2024-03-19T17:26:26.500Z"],
    ["2024-03-19T17:26:26.000000000Z", "2024-03-19T17:26:26Z"],
    ["2024-03-19T17:26:26.123999999Z", "2024-03-19T17:26:26.123Z"],
    ["2024-03-19T17:26:26+02:00", "2024-03-19T15:26:26Z"],
    ["2024-03-19T17:26:26-23:59", "2024-03-20T17:25:26Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["1969-12-31T23:59:59.250Z", "1969-12-31T23:59:59.250Z"],
  ] as const;
  for (const [text, expected] of readings) {
    it(`${text} is ${expected}`, () => assert.equal(formatRfc3339(parseRfc3339(text)), expected));
  }

  const refused = [
    "",
    "2024-03-19",
    "2024-03-19T17:26:26",
    "2024-03-19 17:26:26Z",
    "2024-03-19t17:26:26Z",
    "2024-03-19T17:26:26z",
    "2024-03-19T17:26Z",
    "2024-03-19T17:26:26.Z",
    "2024-03-19T17:26:26.1234567890Z",
    "2024-03-19T17:26:26,5Z",
    "2024-03-19T17:26:26+0200",
    "2024-03-19T17:26:26+24:00",
    "2024-03-19T17:26:26+02:60",
    "2024-03-19T17:26:26Z ",
    "2024-03-19T17:26:26Z\n",
    "+12024-03-19T17:26:26Z",
    "2023-02-29T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2024-01-00T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T23:60:00Z",
    "2016-12-31T23:59:60Z",
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseRfc3339(text), { code: "time-invalid" }));
  }

  it("say what was expected and found", () => {
    assert.throws(() => parseRfc3339("yesterday"), {
      message: 'expected an RFC 3339 time such as 2024-03-19T17:26:26Z, got "yesterday"',
    });
    assert.throws(() => parseRfc3339("2023-02-29T00:00:00Z"), {
      message: 'expected a date and time that exist, got "2023-02-29T00:00:00Z"',
    });
  });

  it("are not written from what is no time", () => {
    for (const ms of [Number.NaN, 0.5, YEAR_ZERO - 1, LATEST + 1, Infinity]) {
      assert.throws(() => formatRfc3339(ms), TypeError);
    }
  });

  it("are written of the year 0000, which certificates may name, and not read", () => {
    assert.equal(formatRfc3339(YEAR_ZERO), "0000-01-01T00:00:00Z");
    assert.throws(() => parseRfc3339("0000-01-01T00:00:00Z"), { code: "time-invalid" });
  });

  it("are told to people whatever they are", () => {
    assert.equal(momentText(0), "1970-01-01T00:00:00Z");
    assert.equal(momentText(LATEST + 1), "253402300800000 milliseconds after 1970");
    assert.equal(momentText(Number((1n << 64n) - 1n)), "18446744073709552000 milliseconds after 1970");
  });
});
