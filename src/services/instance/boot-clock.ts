/**
 * The two clocks of this machine for the timestamp authority: the wall clock, and the time since boot, sleep included.
 *
 * The system tells the time since boot by a file, which costs more than the rest of a timestamp; so it is read once a second, and
 * whenever the clocks seem to have parted since, and in between the monotonic clock goes on from there.
 */
import type { ClockReading } from "../tsa/clock-guard.ts";

/** Where the times come from, all in milliseconds. */
export interface ClockSources {
  /** Since 1970. */
  readonly wallMs: () => number;
  /** Since any moment; may stand still while the machine sleeps. */
  readonly monotonicMs: () => number;
  /** Since boot, sleep included. */
  readonly bootMs: () => number;
}

const INTERVAL_MS = 1000;
/** The time since boot is told in hundredths of a second. */
const NOISE_MS = 50;

/** A reader of both clocks that is cheap enough to be asked before each timestamp. */
export function bootClock({ wallMs, monotonicMs, bootMs }: ClockSources): () => ClockReading {
  const take = (): { monotonic: number; boot: number; difference: number } => {
    const boot = bootMs();
    return { monotonic: monotonicMs(), boot, difference: wallMs() - boot };
  };
  let last = take();
  return () => {
    const wall = wallMs();
    const elapsed = monotonicMs() - last.monotonic;
    const boot = last.boot + elapsed;
    if (elapsed < INTERVAL_MS && Math.abs(wall - boot - last.difference) < NOISE_MS)
      return { wallMs: wall, bootMs: boot };
    last = take();
    return { wallMs: last.difference + last.boot, bootMs: last.boot };
  };
}
