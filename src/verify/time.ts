/**
 * Times that are proved: by a timestamp authority that signed one over the signature, or by a log that promised when it
 * took the entry in. Nothing else counts as a time.
 */
import { momentText } from "../encoding/time.ts";
import type { TrustedAuthority, TrustedLog } from "./trust.ts";

/** A time that an RFC 3161 timestamp over the signature proves. */
export interface VerifiedTimestamp {
  readonly source: "timestamp-authority";
  readonly timeMs: number;
  readonly authority: TrustedAuthority;
}

/** The integrated time of a log entry whose inclusion promise was verified. */
export interface VerifiedIntegratedTime {
  readonly source: "transparency-log";
  readonly timeMs: number;
  readonly log: TrustedLog;
}

/** A proved time of either kind. */
export type VerifiedTime = VerifiedTimestamp | VerifiedIntegratedTime;

/** A proved time in words: `2026-01-01T00:00:00Z by https://timestamp.example`. */
export function timeText(time: VerifiedTime): string {
  const by = time.source === "timestamp-authority" ? time.authority.label : time.log.instance.baseUrl;
  return `${momentText(time.timeMs)} by ${by}`;
}
