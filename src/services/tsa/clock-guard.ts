/**
 * The clock guard of the timestamp authority (RFC 3161 §2.1: the authority is "REQUIRED to use a trustworthy source of time").
 *
 * A pure state machine over readings of two clocks: the wall clock, which people and programs set, and the time since the machine
 * was booted, which nobody sets and which runs on while the machine sleeps. Their difference stays the same for as long as nobody
 * sets the wall clock. The answer of time servers, where they are asked, says what the difference ought to be. Leaves out: taking
 * the readings (the instance), asking time servers (clients/), and leap seconds, which are within the accuracy of a second.
 */

/** One look at the clocks, all in milliseconds. */
export interface ClockReading {
  /** The wall clock: milliseconds since 1970, UTC. */
  readonly wallMs: number;
  /** Time since boot, sleep included: on Linux CLOCK_BOOTTIME, which `os.uptime()` reads. */
  readonly bootMs: number;
  /** Where time servers are asked: what time they said it was, when the boot clock showed `bootMs`. */
  readonly measured?: { readonly trueMs: number; readonly bootMs: number } | undefined;
}

/** What counts as wrong, and how long a clock that was set must stand before it is believed. */
export interface ClockRules {
  /** The accuracy that timestamps state. */
  readonly accuracyMs: number;
  /**
   * After this long at one and the same new time the wall clock is taken at its word again: somebody set it right, or a virtual
   * machine was paused. Infinity: never, only time servers or a restart help. While time servers answer, only they are believed; and
   * a time that they called wrong is not believed when they fall silent.
   */
  readonly settleMs: number;
  /** A measurement older than this says nothing any more. */
  readonly measurementLifetimeMs: number;
}

/** What the guard knows. `aheadMs` is how far the wall clock is from where it should be, negative when behind. */
export interface ClockState {
  readonly isRight: boolean;
  readonly aheadMs: number;
  /** Wall clock less boot clock, as it ought to be. */
  readonly believedMs: number;
  /** Wall clock less boot clock as it was seen lately, and since when by the boot clock. */
  readonly steady: {
    readonly differenceMs: number;
    readonly sinceBootMs: number;
    /** Time servers said that it is wrong, and nothing since: it is not believed because they fell silent. */
    readonly isRefuted: boolean;
  };
}

/** Two differences this share of the accuracy apart are the same one: the clocks are not read at the same instant. */
const NOISE_SHARE = 0.1;

/** The guard at the start: there is nothing to compare with but time servers, so without them the wall clock is believed. */
export function startClockGuard(reading: ClockReading, rules: ClockRules): ClockState {
  const differenceMs = reading.wallMs - reading.bootMs;
  const steady = { differenceMs, sinceBootMs: reading.bootMs, isRefuted: false };
  return checkClock({ isRight: true, aheadMs: 0, believedMs: differenceMs, steady }, reading, rules);
}

/** The guard after another look. Timestamps may be issued while `isRight`. */
export function checkClock(state: ClockState, reading: ClockReading, rules: ClockRules): ClockState {
  const differenceMs = reading.wallMs - reading.bootMs;
  const measuredMs = measuredDifference(reading, rules);
  const seen = steadySince(state, differenceMs, reading, rules);
  const isRefuted = measuredMs === undefined ? seen.isRefuted : Math.abs(differenceMs - measuredMs) > rules.accuracyMs;
  const steady = { ...seen, isRefuted };
  const believedMs = measuredMs ?? settledDifference(steady, reading, rules) ?? state.believedMs;
  const aheadMs = differenceMs - believedMs;
  return { isRight: Math.abs(aheadMs) <= rules.accuracyMs, aheadMs, believedMs, steady };
}

function steadySince(
  { steady }: ClockState,
  differenceMs: number,
  reading: ClockReading,
  rules: ClockRules,
): ClockState["steady"] {
  const movedMs = Math.abs(differenceMs - steady.differenceMs);
  if (movedMs <= rules.accuracyMs * NOISE_SHARE) return steady;
  // A clock that only drifts is still the one that was refuted; one that was set is another.
  const isRefuted = steady.isRefuted && movedMs <= rules.accuracyMs;
  return { differenceMs, sinceBootMs: reading.bootMs, isRefuted };
}

/** Wall clock less boot clock as time servers have it, or undefined when none answered lately. */
function measuredDifference({ bootMs, measured }: ClockReading, rules: ClockRules): number | undefined {
  if (measured === undefined || bootMs - measured.bootMs > rules.measurementLifetimeMs) return undefined;
  return measured.trueMs - measured.bootMs;
}

/** The difference that has stood long enough to be believed, or undefined. */
function settledDifference(
  steady: ClockState["steady"],
  { bootMs }: ClockReading,
  rules: ClockRules,
): number | undefined {
  const isSettled = !steady.isRefuted && bootMs - steady.sinceBootMs >= rules.settleMs;
  return isSettled ? steady.differenceMs : undefined;
}
