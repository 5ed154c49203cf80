/**
 * How much evidence is asked for. The defaults are those of the client specification, section 4; a caller may raise
 * them, and only a profile that the user named may ask for less.
 */

/** Numbers of independent pieces of evidence that must verify. */
export interface Requirements {
  /** Entries in distinct transparency logs. */
  readonly tlogEntries: number;
  /** Signed certificate timestamps of distinct CT logs; by default for certificates alone. */
  readonly scts: number;
  /** RFC 3161 timestamps of distinct authorities. */
  readonly signedTimestamps: number;
  /** Integrated times of logs that promised them. */
  readonly integratedTimes: number;
  /** Times of either kind; by default for certificates alone. */
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

/** `base` for a bundle without certificate: a key has neither SCTs nor a validity of minutes in which a time must lie. */
export function withoutCertificate(base: Requirements): Requirements {
  return { ...base, scts: 0, times: 0 };
}

/**
 * `base` with every number of `raise` that is higher; a lower one changes nothing. Throws `TypeError` for what is no
 * whole number from 0 on, and for a name that asks for nothing.
 */
export function raiseRequirements(base: Requirements, raise: Partial<Requirements>): Requirements {
  for (const name of Object.keys(raise)) {
    if (!Object.hasOwn(base, name)) {
      throw new TypeError(`expected one of ${Object.keys(base).join(", ")} as a requirement, got ${name}`);
    }
  }
  const higher = (name: keyof Requirements): number => {
    const wanted = raise[name] ?? 0;
    if (!Number.isSafeInteger(wanted) || wanted < 0) {
      throw new TypeError(`expected a whole number from 0 on for ${name}, got ${wanted}`);
    }
    return Math.max(base[name], wanted);
  };
  return {
    tlogEntries: higher("tlogEntries"),
    scts: higher("scts"),
    signedTimestamps: higher("signedTimestamps"),
    integratedTimes: higher("integratedTimes"),
    times: higher("times"),
  };
}
