/**
 * A client of time servers: SNTP over UDP (RFC 5905 §14, RFC 4330 §5), several of them at once.
 *
 * Says how far a clock is from the time that they agree on, or why there is none to be had: servers may be silent, lie, send old
 * answers or be impersonated, and one of three cannot decide alone. Leaves out: setting any clock, and authentication (NTS).
 */
import { createSocket } from "node:dgram";
import { promises as dns } from "node:dns";
import { SigstoreError } from "../errors.ts";
import { NTP_NONCE_BYTES, ntpRequest, type NtpReply, readNtpReply } from "./ntp-packet.ts";

/** A time server. */
export interface TimeServer {
  readonly host: string;
  readonly port: number;
}

/** What asking needs of the world. */
export interface TimeServersWorld {
  /** The clock that is measured, in milliseconds; it must not be set while servers are asked. */
  readonly nowMs: () => number;
  readonly random: (length: number) => Uint8Array;
  /** How long to wait for all of them. */
  readonly timeoutMs?: number;
}

/** How far the clock is from the time of the servers, or why they do not say. */
export type TimeMeasurement =
  | {
      readonly kind: "measured";
      /** True time less the clock. */
      readonly offsetMs: number;
      readonly roundTripMs: number;
      /** What the clock said then. */
      readonly clockMs: number;
    }
  | { readonly kind: "unknown"; readonly reason: string };

const NTP_PORT = 123;
const TIMEOUT_MS = 5000;
/** An answer that may be off by more says too little about a clock that has to be right to a second. */
const MOST_DISTANCE_MS = 500;
/** Two answers of which neither is in the middle must not be farther apart. */
const AGREEMENT_MS = 500;
/** A server that asks for fewer requests has its peace for so long; one that refuses, for ever. */
const REST_MS = 3_600_000;

const SERVER = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/i;

/** Reads HOST[:PORT]; the port of NTP where none is named. @throws SigstoreError `config-invalid` */
export function parseTimeServer(text: string): TimeServer {
  const [, inBrackets, name, digits] = SERVER.exec(text) ?? [];
  const host = inBrackets ?? name;
  const port = digits === undefined ? NTP_PORT : Number(digits);
  if (host !== undefined && port > 0 && port <= 65_535) return { host, port };
  throw new SigstoreError("config-invalid", `expected a time server as HOST or HOST:PORT, got ${text}`, {
    hint: "for example time.example.com, 192.0.2.1:123 or [2001:db8::1]",
  });
}

type Measured = Extract<TimeMeasurement, { kind: "measured" }>;
type Outcome =
  | Measured
  | { readonly kind: "kiss"; readonly code: string }
  | Extract<TimeMeasurement, { kind: "unknown" }>;

/** Time servers that are asked again and again; it remembers which of them want to be left alone. */
export class TimeServers {
  readonly #servers: readonly TimeServer[];
  readonly #world: Required<TimeServersWorld>;
  readonly #restUntilMs = new Map<TimeServer, number>();

  constructor(servers: readonly TimeServer[], world: TimeServersWorld) {
    this.#servers = servers;
    this.#world = { timeoutMs: TIMEOUT_MS, ...world };
  }

  /** Asks all of them, and gives the answer in the middle. Never rejects; `signal` ends it early. */
  async measure(signal: AbortSignal): Promise<TimeMeasurement> {
    const outcomes = await Promise.all(this.#servers.map((server) => this.#ask(server, signal)));
    const answers = outcomes.filter((outcome) => outcome.kind === "measured");
    const reasons = outcomes.flatMap((outcome) => (outcome.kind === "unknown" ? [outcome.reason] : []));
    // The only one of three or more that answers may be the one that lies, and have silenced the others.
    const fewest = this.#servers.length >= 3 ? 2 : 1;
    return answers.length < fewest ? { kind: "unknown", reason: reasons.join("; ") } : middleOf(answers);
  }

  async #ask(
    server: TimeServer,
    signal: AbortSignal,
  ): Promise<Measured | Extract<TimeMeasurement, { kind: "unknown" }>> {
    const unknown = (reason: string): Extract<TimeMeasurement, { kind: "unknown" }> => {
      return { kind: "unknown", reason: `${server.host}: ${reason}` };
    };
    if (this.#world.nowMs() < (this.#restUntilMs.get(server) ?? -Infinity)) return unknown("it wants to be left alone");
    const outcome = await ask(server, this.#world, signal);
    if (outcome.kind === "measured") return outcome;
    if (outcome.kind === "unknown") return unknown(outcome.reason);
    // RFC 5905 §7.4: after DENY and RSTR the client "MUST demobilize any associations to that server and stop sending packets".
    const isRefusal = outcome.code === "DENY" || outcome.code === "RSTR";
    if (isRefusal || outcome.code === "RATE")
      this.#restUntilMs.set(server, isRefusal ? Infinity : this.#world.nowMs() + REST_MS);
    return unknown(`it answered ${outcome.code} in place of the time`);
  }
}

/** The median; where two are in the middle, both must say nearly the same. */
function middleOf(answers: readonly Measured[]): TimeMeasurement {
  const sorted = answers.toSorted((a, b) => a.offsetMs - b.offsetMs);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) return { kind: "unknown", reason: "no time server was named" };
  const apartMs = high.offsetMs - low.offsetMs;
  if (apartMs <= AGREEMENT_MS) return low.roundTripMs <= high.roundTripMs ? low : high;
  return { kind: "unknown", reason: `they contradict each other by ${Math.round(apartMs)} ms` };
}

/** Asks one server within the time there is, which a name that is looked up for long uses up too. */
async function ask(server: TimeServer, world: Required<TimeServersWorld>, signal: AbortSignal): Promise<Outcome> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(world.timeoutMs)]);
  const silence: Outcome = { kind: "unknown", reason: `no answer within ${world.timeoutMs / 1000} s` };
  const ended = new Promise<Outcome>((resolve) => {
    end.addEventListener("abort", () => resolve(silence), { once: true });
  });
  try {
    return await Promise.race([ended, lookUpAndExchange(server, world, end)]);
  } catch (error) {
    return { kind: "unknown", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function lookUpAndExchange(
  { host, port }: TimeServer,
  world: Required<TimeServersWorld>,
  end: AbortSignal,
): Promise<Outcome> {
  const { address, family } = await dns.lookup(host);
  end.throwIfAborted();
  return exchange({ address, port, type: family === 6 ? "udp6" : "udp4" }, world, end);
}

/** One request and its answer. Packets that are no answer to it are passed over: anybody can send such. */
function exchange(
  { address, port, type }: { readonly address: string; readonly port: number; readonly type: "udp4" | "udp6" },
  { nowMs, random }: Required<TimeServersWorld>,
  end: AbortSignal,
): Promise<Outcome> {
  const nonce = random(NTP_NONCE_BYTES);
  // Connected, it gets what comes from the server's own address alone.
  const socket = createSocket(type);
  let departedMs = nowMs();
  return new Promise<Outcome>((resolve, reject) => {
    end.addEventListener("abort", reject, { once: true });
    socket.on("error", reject);
    socket.on("connect", () => {
      departedMs = nowMs();
      socket.send(ntpRequest(nonce));
    });
    socket.on("message", (packet) => {
      const arrivedMs = nowMs();
      const reply = readNtpReply(packet, nonce);
      if (reply.kind !== "stray") resolve(outcomeOf(reply, departedMs, arrivedMs));
    });
    socket.connect(port, address);
  }).finally(() => socket.close());
}

/** RFC 5905 §8: offset and round trip of four timestamps. */
function outcomeOf(reply: Exclude<NtpReply, { kind: "stray" }>, departedMs: number, arrivedMs: number): Outcome {
  if (reply.kind === "kiss") return reply;
  if (reply.kind === "unfit") return { kind: "unknown", reason: reply.reason };
  const { receivedMs, sentMs } = reply;
  const roundTripMs = arrivedMs - departedMs - (sentMs - receivedMs);
  const distanceMs = Math.abs(roundTripMs) / 2 + reply.distanceMs;
  if (distanceMs > MOST_DISTANCE_MS)
    return { kind: "unknown", reason: `its answer may be off by ${Math.round(distanceMs)} ms` };
  const offsetMs = (receivedMs - departedMs + (sentMs - arrivedMs)) / 2;
  return { kind: "measured", offsetMs, roundTripMs, clockMs: arrivedMs };
}
