/**
 * Asks a server for as much as it gives: so many requests open at any moment, one on each connection that stays open.
 *
 * A request counts when its answer has the wanted status and was read whole; of each hundredth more is looked at. The generator shares
 * the machine with the server, so it is plain: bytes that were made before, and of the answer the status and the length. It runs in a
 * process of its own (log-load.ts, authority-load.ts), ours and the others' alike.
 */
import { connect, type Socket } from "node:net";

/** What is measured, and for how long. */
export interface LoadSettings {
  readonly port: number;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** What came of it. */
export interface LoadOutcome {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly counted: number;
  readonly errors: number;
  readonly firstError: string;
}

/** What is asked for. */
export interface LoadRequests {
  /** Statuses of good answers. */
  readonly wanted: readonly number[];
  /** The bytes of the next request. */
  readonly next: () => Buffer;
  /** Whether an answer is what it ought to be; asked of each hundredth. */
  readonly isGood: (answer: Answer) => boolean;
}

/** An answer that was read whole. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const LOOKED_AT_SHARE = 100;

/** Keeps a server busy, and says how it did. */
export async function runLoad(settings: LoadSettings, requests: LoadRequests): Promise<LoadOutcome> {
  return new Load(settings, requests).run();
}

class Load {
  readonly #settings: LoadSettings;
  readonly #requests: LoadRequests;
  readonly #latenciesMs: number[] = [];
  readonly #sockets: Socket[] = [];
  #answers = 0;
  #errors = 0;
  #firstError = "";
  #countFromMs = Number.POSITIVE_INFINITY;

  constructor(settings: LoadSettings, requests: LoadRequests) {
    this.#settings = settings;
    this.#requests = requests;
  }

  async run(): Promise<LoadOutcome> {
    const { inFlight, warmUpMs, countedMs } = this.#settings;
    for (let number = 0; number < inFlight; number += 1) this.#open();
    await later(warmUpMs);
    this.#countFromMs = performance.now();
    await later(countedMs);
    const spentMs = performance.now() - this.#countFromMs;
    this.#countFromMs = Number.POSITIVE_INFINITY;
    for (const socket of this.#sockets) socket.destroy();
    const sorted = Float64Array.from(this.#latenciesMs).toSorted();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return {
      perSecond: (sorted.length * 1000) / spentMs,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      counted: sorted.length,
      errors: this.#errors,
      firstError: this.#firstError,
    };
  }

  #open(): void {
    const socket = connect({ port: this.#settings.port, host: "127.0.0.1", noDelay: true });
    this.#sockets.push(socket);
    const reader = new AnswerReader();
    let sentMs = performance.now();
    const send = (): void => {
      sentMs = performance.now();
      socket.write(this.#requests.next());
    };
    socket.on("connect", send);
    socket.on("error", (error) => this.#failed(error.message));
    socket.on("data", (bytes: Buffer) => {
      const answer = reader.read(bytes);
      if (answer === undefined) return;
      this.#answered(answer, performance.now() - sentMs);
      send();
    });
  }

  #answered(answer: Answer, tookMs: number): void {
    const { wanted, isGood } = this.#requests;
    this.#answers += 1;
    if (!wanted.includes(answer.status)) this.#failed(`${answer.status} ${answer.body.toString("utf8", 0, 200)}`);
    else if (performance.now() >= this.#countFromMs) this.#latenciesMs.push(tookMs);
    if (this.#answers % LOOKED_AT_SHARE === 0 && wanted.includes(answer.status) && !isGood(answer))
      this.#failed("an answer that is not what was asked for");
  }

  #failed(reason: string): void {
    this.#errors += 1;
    this.#firstError ||= reason;
  }
}

/** Puts one answer after another together; servers say how long a body is, or send it in chunks. */
class AnswerReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  #needed = 0;

  read(part: Buffer): Answer | undefined {
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes < this.#needed) return undefined;
    const whole = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    this.#parts = [whole];
    const head = whole.indexOf("\r\n\r\n");
    if (head < 0) return undefined;
    const text = whole.toString("latin1", 0, head);
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text) ?? [];
    if (length === undefined && !whole.subarray(-5).equals(LAST_CHUNK)) return undefined;
    this.#needed = length === undefined ? whole.length : head + 4 + Number(length);
    if (whole.length < this.#needed) return undefined;
    this.#parts = [];
    this.#bytes = 0;
    this.#needed = 0;
    const body = whole.subarray(head + 4);
    return { status: Number(text.slice(9, 12)), body: length === undefined ? unchunked(body) : body };
  }
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (end < 0 || size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

function later(afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, afterMs);
  });
}
