/**
 * Asks time servers every few minutes, for the clock guard of the timestamp authority (services/tsa/clock-guard.ts).
 *
 * What they say is held against the time since boot, which nobody sets. Servers that do not answer change nothing but a line of
 * the log, and are asked less often. Leaves out: setting the clock, which is the system's.
 */
import { parseTimeServer, TimeServers } from "../../clients/ntp.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { ClockReading } from "../tsa/clock-guard.ts";

/** Who is asked, how often, and who is told. */
export interface TimeKeepingOptions {
  /** HOST[:PORT] of each. */
  readonly servers: readonly string[];
  /** The clocks of this machine. */
  readonly readClock: () => ClockReading;
  /** A clock that is off by more is told. */
  readonly accuracyMs: number;
  readonly intervalMs?: number | undefined;
  readonly log: (line: string) => void;
}

const INTERVAL_MS = 128_000;
/** RFC 4330 §10: a client should ask ever less often where nobody answers. */
const MOST_DOUBLINGS = 3;

/** The clocks of this machine, with what time servers say of them. */
export class TimeKeeping {
  readonly #options: TimeKeepingOptions;
  readonly #servers: TimeServers;
  readonly #end = new AbortController();
  #measured: ClockReading["measured"];
  #silences = 0;
  #isWrong = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: TimeKeepingOptions) {
    this.#options = options;
    const nowMs = (): number => options.readClock().bootMs;
    this.#servers = new TimeServers(options.servers.map(parseTimeServer), { nowMs, random: randomBytes });
  }

  /** Asks at once and then again and again, until it is stopped; without servers, never. @throws SigstoreError `config-invalid` */
  static start(options: TimeKeepingOptions): TimeKeeping {
    const keeping = new TimeKeeping(options);
    if (options.servers.length > 0) keeping.#askAfter(0);
    return keeping;
  }

  readonly readClock = (): ClockReading => ({ ...this.#options.readClock(), measured: this.#measured });

  /** Asks no more. */
  stop(): void {
    this.#end.abort();
    clearTimeout(this.#timer);
  }

  #askAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#ask().catch((error: unknown) => this.#options.log(`time servers: ${String(error)}`));
    }, ms);
  }

  async #ask(): Promise<void> {
    const answer = await this.#servers.measure(this.#end.signal);
    if (this.#end.signal.aborted) return;
    if (answer.kind === "measured") this.#hear(answer.clockMs, answer.offsetMs);
    else this.#missAnswer(answer.reason);
    const { intervalMs = INTERVAL_MS } = this.#options;
    this.#askAfter(intervalMs * 2 ** Math.min(this.#silences, MOST_DOUBLINGS));
  }

  #hear(bootMs: number, offsetMs: number): void {
    const { log, readClock, accuracyMs } = this.#options;
    this.#measured = { bootMs, trueMs: bootMs + offsetMs };
    if (this.#silences > 0) log("time servers say the time again");
    this.#silences = 0;
    const now = readClock();
    const aheadMs = Math.round(now.wallMs - now.bootMs - offsetMs);
    const isWrong = Math.abs(aheadMs) > accuracyMs;
    if (isWrong !== this.#isWrong) log(clockLine(aheadMs, isWrong));
    this.#isWrong = isWrong;
  }

  #missAnswer(reason: string): void {
    if (this.#silences === 0)
      this.#options.log(`time servers do not say the time (${reason}); the time since boot is gone by alone`);
    this.#silences++;
  }
}

function clockLine(aheadMs: number, isWrong: boolean): string {
  if (!isWrong) return "the clock is right again by the time servers";
  const where = aheadMs > 0 ? "ahead of" : "behind";
  return `the clock is ${Math.abs(aheadMs)} ms ${where} the time servers: no timestamps until it is right`;
}
