/** Times of DER: the calendar, the exact forms, and every other form refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { decodeGeneralizedTime, decodeUtcTime, generalizedTimeText, utcTimeText } from "./der-time.ts";
import { utf8Encode } from "./text.ts";

function utc(text: string): number {
  const bytes = utf8Encode(text);
  return decodeUtcTime(bytes, 0, bytes.length);
}

function generalized(text: string, fraction = false): number {
  const bytes = utf8Encode(text);
  return decodeGeneralizedTime(bytes, 0, bytes.length, fraction);
}

function refuses(read: () => unknown, text: string): void {
  assert.throws(read, (error) => isSigstoreError(error, "der-invalid"), `accepted ${text}`);
}

test("known times", () => {
  assert.equal(utc("240319172626Z"), Date.UTC(2024, 2, 19, 17, 26, 26));
  assert.equal(utc("700101000000Z"), 0);
  assert.equal(utc("500101000000Z"), Date.UTC(1950, 0, 1));
  assert.equal(utc("491231235959Z"), Date.UTC(2049, 11, 31, 23, 59, 59));
  assert.equal(utc("000229120000Z"), Date.UTC(2000, 1, 29, 12));
  assert.equal(generalized("99991231235959Z"), Date.UTC(9999, 11, 31, 23, 59, 59));
  assert.equal(generalized("20500101000000Z"), Date.UTC(2050, 0, 1));
  assert.equal(generalized("00000101000000Z"), new Date("0000-01-01T00:00:00Z").getTime());
  assert.equal(generalized("00990301000000Z"), new Date("0099-03-01T00:00:00Z").getTime());
});

test("refused: other forms", () => {
  for (const text of [
    "2403191726Z",
    "240319172626",
    "240319172626+0000",
    "240319172626z",
    "24031917262 Z",
    "240319172626.5Z",
    "2403191726:6Z",
    "",
    "Z",
  ]) {
    refuses(() => utc(text), text);
  }
  for (const text of [
    "202403191726Z",
    "20240319172626",
    "20240319172626+0100",
    "20240319172626,5Z",
    "20240319172626.5Z",
    "",
    "Z",
    "2024031917262 Z",
    "+2240319172626Z",
  ]) {
    refuses(() => generalized(text), text);
  }
});

test("refused: what no calendar or clock shows", () => {
  for (const rest of [
    "0230000000",
    "0431000000",
    "1301000000",
    "0001000000",
    "0100000000",
    "0132000000",
    "0101240000",
    "0101006000",
    "0101000060",
  ]) {
    refuses(() => utc(`24${rest}Z`), rest);
    refuses(() => generalized(`2024${rest}Z`), rest);
  }
  refuses(() => generalized("20230229000000Z"), "29 February 2023");
  refuses(() => generalized("21000229000000Z"), "29 February 2100");
  assert.equal(generalized("24000229000000Z"), Date.UTC(2400, 1, 29));
});

test("fractions: one to nine digits without trailing zeros, cut to milliseconds", () => {
  const second = Date.UTC(2024, 2, 19, 17, 26, 26);
  assert.equal(generalized("20240319172626.5Z", true), second + 500);
  assert.equal(generalized("20240319172626.05Z", true), second + 50);
  assert.equal(generalized("20240319172626.123456789Z", true), second + 123);
  assert.equal(generalized("20240319172626.0009Z", true), second);
  assert.equal(generalized("20240319172626Z", true), second);
  for (const fraction of [".", ".0", ".50", ".1234567891", ".5.5", ".a", ",5", "5", ". 5"]) {
    refuses(() => generalized(`20240319172626${fraction}Z`, true), fraction);
  }
});

test("the calendar is that of Date, every day of four centuries and a month around", () => {
  for (let day = Date.UTC(1890, 0, 1); day < Date.UTC(2310, 0, 1); day += 86_400_000) {
    assert.equal(generalized(`${new Date(day).toISOString().slice(0, 10).replaceAll("-", "")}000000Z`), day);
  }
});

test("written and read again", () => {
  const first = new Date("0000-01-01T00:00:00Z").getTime();
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  fc.assert(
    fc.property(fc.integer({ min: first, max: last }), (ms) =>
      assert.equal(generalized(generalizedTimeText(ms), true), ms),
    ),
  );
  const seconds = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(2049, 11, 31) / 1000 });
  fc.assert(fc.property(seconds, (s) => assert.equal(utc(utcTimeText(s * 1000)), s * 1000)));
});

test("misuse of the writers", () => {
  assert.throws(() => generalizedTimeText(0.5), TypeError);
  assert.throws(() => generalizedTimeText(Date.UTC(10_000, 0, 1)), TypeError);
  assert.throws(() => generalizedTimeText(Number.NaN), TypeError);
  assert.throws(() => utcTimeText(Date.UTC(2050, 0, 1)), TypeError);
  assert.throws(() => utcTimeText(1), TypeError);
});
