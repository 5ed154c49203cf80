/**
 * RFC 3339 times as proto3 JSON writes them (google.protobuf.Timestamp): years 0001 to 9999, up to nine fraction
 * digits, "Z" or an offset. Milliseconds since 1970 in UTC inside; finer fractions are cut off. No leap seconds.
 */
import { SigstoreError } from "../errors.ts";

const PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const SECONDS_LENGTH = "2024-03-19T17:26:26".length;
const DAY_START = "2024-03-".length;
const DAY_END = "2024-03-19".length;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, the bounds of google.protobuf.Timestamp. */
const EARLIEST_MS = -62_135_596_800_000;
const LATEST_MS = 253_402_300_799_999;
/** RFC 3339 and DER have a year 0000 too: certificates may name it. */
const EARLIEST_WRITTEN_MS = -62_167_219_200_000;

/** Milliseconds since 1970 of an RFC 3339 time. Errors: `time-invalid`. */
export function parseRfc3339(text: string): number {
  const match = PATTERN.exec(text);
  if (match === null) throw invalid(text, "expected an RFC 3339 time such as 2024-03-19T17:26:26Z");
  const [, fraction = "", sign, hours, minutes] = match;
  const local = text.slice(0, SECONDS_LENGTH);
  const localMs = Date.parse(`${local}Z`);
  // Date.parse lets 30 February run over into March, and 24:00 into the next day; only a day that comes back the same exists.
  // Not asked of toISOString, which has Node look for the machine's time zone: half a millisecond of a short run.
  if (Number.isNaN(localMs) || new Date(localMs).getUTCDate() !== Number(text.slice(DAY_START, DAY_END))) {
    throw invalid(text, "expected a date and time that exist");
  }
  const offsetMs = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  const ms = localMs + Number(fraction.slice(0, 3).padEnd(3, "0")) + (sign === "-" ? offsetMs : -offsetMs);
  if (ms < EARLIEST_MS || ms > LATEST_MS) throw invalid(text, "expected a time in the years 0001 to 9999");
  return ms;
}

/** Times told lately, by their milliseconds: within one verification the same few are told again and again. */
const SEEN_TIMES = 32;
const seenTimes: ({ readonly ms: number; readonly text: string } | undefined)[] = [];
seenTimes.length = SEEN_TIMES;

/** A time in UTC such as `2024-03-19T17:26:26Z`, with three fraction digits only when they are not all zero. */
export function formatRfc3339(ms: number): string {
  if (!isWritable(ms)) throw new TypeError(`expected whole milliseconds in the years 0000 to 9999, got ${ms}`);
  const slot = Math.abs(Math.floor(ms / 1000)) % SEEN_TIMES;
  const seen = seenTimes[slot];
  if (seen?.ms === ms) return seen.text;
  const text = timeText(ms);
  seenTimes[slot] = { ms, text };
  return text;
}

function timeText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const msOfDay = ms - days * DAY_MS;
  const seconds = Math.floor(msOfDay / 1000);
  const clock = `${twoDigits(Math.floor(seconds / 3600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
  const fraction = msOfDay % 1000;
  return `${dateText(days)}T${clock}${fraction === 0 ? "" : `.${String(fraction).padStart(3, "0")}`}Z`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** First day of the year 0000 as calendars count that begin with March, so that a leap day ends its year. */
const MARCH_OF_YEAR_0 = -719_468;
const DAYS_OF_400_YEARS = 146_097;

/** The date that is `days` after 1970-01-01; a verification tells a dozen times, and `Date` takes most of the time for that. */
function dateText(days: number): string {
  const sinceMarch = days - MARCH_OF_YEAR_0;
  const era = Math.floor(sinceMarch / DAYS_OF_400_YEARS);
  const day = sinceMarch - era * DAYS_OF_400_YEARS;
  const leapDays = Math.floor(day / 1460) - Math.floor(day / 36_524) + Math.floor(day / 146_096);
  const year = Math.floor((day - leapDays) / 365);
  const dayOfYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarYear = 400 * era + year + (month >= 10 ? 1 : 0);
  const century = twoDigits(Math.floor(calendarYear / 100));
  return `${century}${twoDigits(calendarYear % 100)}-${twoDigits(((month + 2) % 12) + 1)}-${twoDigits(dayOfMonth)}`;
}

/** A moment for people, whatever it is: a time in UTC, or the bare number where no calendar of ours reaches. */
export function momentText(ms: number): string {
  return isWritable(ms) ? formatRfc3339(ms) : `${ms} milliseconds after 1970`;
}

function isWritable(ms: number): boolean {
  return Number.isInteger(ms) && ms >= EARLIEST_WRITTEN_MS && ms <= LATEST_MS;
}

function invalid(text: string, expected: string): SigstoreError {
  return new SigstoreError("time-invalid", `${expected}, got ${JSON.stringify(text.slice(0, 64))}`);
}
