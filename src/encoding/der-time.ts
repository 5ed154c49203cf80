/**
 * X.690 §11.7–11.8 with RFC 5280 §4.1.2.5 and RFC 3161 §2.4.2: UTCTime and GeneralizedTime in their one DER form.
 *
 * Times are milliseconds since 1970, UTC. Leaves out: offsets, times without seconds and leap seconds, which DER or the
 * profiles forbid.
 */
import { SigstoreError } from "../errors.ts";

const DAY_MS = 86_400_000;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LETTER_Z = 0x5a;
const FULL_STOP = 0x2e;
const DIGIT_ZERO = 0x30;

function refuse(expected: string): never {
  throw new SigstoreError("der-invalid", `expected ${expected}, got something else`);
}

function twoDigits(bytes: Uint8Array, index: number): number {
  const high = (bytes[index] ?? 0) - DIGIT_ZERO;
  const low = (bytes[index + 1] ?? 0) - DIGIT_ZERO;
  if (high < 0 || high > 9 || low < 0 || low > 9) refuse("decimal digits in a time");
  return high * 10 + low;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar, by counting years from 1 March (a leap day is then a year's last). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    365 * shifted +
    Math.floor(shifted / 4) -
    Math.floor(shifted / 100) +
    Math.floor(shifted / 400) +
    dayOfYear -
    719_468
  );
}

function daysInMonth(year: number, month: number): number {
  const isLeap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return (DAYS_IN_MONTH[month - 1] ?? 0) + (isLeap ? 1 : 0);
}

/** Milliseconds of `MMDDHHMMSS` at `index` in the given year. */
function restOfTime(bytes: Uint8Array, index: number, year: number): number {
  const month = twoDigits(bytes, index);
  const day = twoDigits(bytes, index + 2);
  const hour = twoDigits(bytes, index + 4);
  const minute = twoDigits(bytes, index + 6);
  const second = twoDigits(bytes, index + 8);
  if (day < 1 || day > daysInMonth(year, month)) refuse("a day of the calendar");
  if (hour > 23 || minute > 59 || second > 59) refuse("a time of day up to 23:59:59");
  return daysSinceEpoch(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

/**
 * Time of UTCTime content octets `bytes[start, end)`, `YYMMDDHHMMSSZ`.
 *
 * @throws SigstoreError `der-invalid`
 */
export function decodeUtcTime(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 13 || bytes[end - 1] !== LETTER_Z) refuse("a UTCTime YYMMDDHHMMSSZ");
  const year = twoDigits(bytes, start);
  // RFC 5280 4.1.2.5.1: "Where YY is greater than or equal to 50, the year SHALL be interpreted as 19YY".
  return restOfTime(bytes, start + 2, year >= 50 ? 1900 + year : 2000 + year);
}

/**
 * Time of GeneralizedTime content octets `bytes[start, end)`, `YYYYMMDDHHMMSSZ`; with `fraction`, up to nine digits after the
 * second are allowed too and cut to milliseconds.
 *
 * @throws SigstoreError `der-invalid`
 */
export function decodeGeneralizedTime(bytes: Uint8Array, start: number, end: number, fraction: boolean): number {
  if (end - start < 15 || bytes[end - 1] !== LETTER_Z) refuse("a GeneralizedTime YYYYMMDDHHMMSSZ");
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const wholeSeconds = restOfTime(bytes, start + 4, year);
  if (end - start === 15) return wholeSeconds;
  if (!fraction) refuse("a GeneralizedTime without fraction");
  return wholeSeconds + fractionMs(bytes, start + 14, end - 1);
}

/** Whole milliseconds of `.ddd…` in `bytes[start, end)`. */
function fractionMs(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start - 1;
  if (bytes[start] !== FULL_STOP || digits < 1 || digits > 9) refuse("a fraction of one to nine digits");
  // X.690 11.7.3: "The fractional-seconds elements, if present, shall omit all trailing zeros".
  if (bytes[end - 1] === DIGIT_ZERO) refuse("a fraction without trailing zeros");
  let ms = 0;
  for (let index = 0; index < digits; index++) {
    const digit = (bytes[start + 1 + index] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) refuse("decimal digits in a time");
    if (index < 3) ms += digit * 10 ** (2 - index);
  }
  return ms;
}

/** Text `YYYYMMDDHHMMSSZ` of a time, with `.f`–`.fff` when it has milliseconds. @throws TypeError outside the years 0–9999 */
export function generalizedTimeText(ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!Number.isInteger(ms) || !(year >= 0 && year <= 9999))
    throw new TypeError(`expected whole milliseconds in the years 0-9999, got ${ms}`);
  const day = `${padded(year, 4)}${padded(date.getUTCMonth() + 1)}${padded(date.getUTCDate())}`;
  const clock = `${padded(date.getUTCHours())}${padded(date.getUTCMinutes())}${padded(date.getUTCSeconds())}`;
  const fraction = date.getUTCMilliseconds();
  return fraction === 0 ? `${day}${clock}Z` : `${day}${clock}.${padded(fraction, 3).replace(/0+$/, "")}Z`;
}

/** Text `YYMMDDHHMMSSZ` of a time in 1950–2049 without milliseconds. @throws TypeError otherwise */
export function utcTimeText(ms: number): string {
  const year = new Date(ms).getUTCFullYear();
  if (!(year >= 1950 && year <= 2049) || ms % 1000 !== 0)
    throw new TypeError(`expected whole seconds in the years 1950-2049, got ${ms}`);
  return generalizedTimeText(ms).slice(2);
}

function padded(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}
