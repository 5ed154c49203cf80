/**
 * How much evidence is asked for. The defaults are those of the client specification, section 4; a caller may raise
 * them, and only a profile that the user named may ask for less.
 */

/** Numbers of independent pieces of evidence that must verify. */
export interface Requirements {
  /** Entries in distinct transparency logs. */
  readonly tlogEntries: number;
  /** Signed certificate timestamps of distinct CT logs, for certificates. */
  readonly scts: number;
  /** RFC 3161 timestamps of distinct authorities. */
  readonly signedTimestamps: number;
  /** Integrated times of logs that promised them. */
  readonly integratedTimes: number;
  /** Times of either kind, for certificates. */
  readonly times: number;
}

/** The default: one log entry, one SCT, one time of either kind. */
export const DEFAULT_REQUIREMENTS: Requirements = {
  tlogEntries: 1,
  scts: 1,
  signedTimestamps: 0,
  integratedTimes: 0,
  times: 1,
};

/** `base` with every number of `raise` that is higher; a lower one changes nothing. */
export function raiseRequirements(base: Requirements, raise: Partial<Requirements>): Requirements {
  return {
    tlogEntries: Math.max(base.tlogEntries, raise.tlogEntries ?? 0),
    scts: Math.max(base.scts, raise.scts ?? 0),
    signedTimestamps: Math.max(base.signedTimestamps, raise.signedTimestamps ?? 0),
    integratedTimes: Math.max(base.integratedTimes, raise.integratedTimes ?? 0),
    times: Math.max(base.times, raise.times ?? 0),
  };
}
