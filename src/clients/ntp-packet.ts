/**
 * Packets of the Network Time Protocol as a simple client needs them (RFC 5905 §7.3, §14; RFC 4330 §5).
 *
 * The request says nothing but a random number where its time of sending would stand; the answer must give it back. Leaves out:
 * authentication (a majority of servers stands in for it), extension fields, and the statistics of a full client.
 */
import { equalBytes } from "../encoding/bytes.ts";

/** What a packet from a server says. */
export type NtpReply =
  | {
      readonly kind: "time";
      /** By the server's clock, in milliseconds since 1970: when the request came, and when the answer left. */
      readonly receivedMs: number;
      readonly sentMs: number;
      /** How far the server itself may be from the time that it passes on. */
      readonly distanceMs: number;
    }
  /** It wants to be left alone, or asked less often (RFC 5905 §7.4). */
  | { readonly kind: "kiss"; readonly code: string }
  | { readonly kind: "unfit"; readonly reason: string }
  /** No answer to this request: somebody else's, an old one, or a guess. */
  | { readonly kind: "stray" };

const PACKET_BYTES = 48;
const CLIENT_VERSION_4 = 0b00_100_011;
const SERVER_MODE = 4;
const UNSYNCHRONIZED = 3;
const FARTHEST_STRATUM = 15;

const AT = { rootDelay: 4, rootDispersion: 8, reference: 12, originate: 24, receive: 32, transmit: 40 } as const;

/** Octets of the number that ties an answer to its request. */
export const NTP_NONCE_BYTES = 8;

/** A request that `nonce`, of eight random octets, is known again by. */
export function ntpRequest(nonce: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  packet[0] = CLIENT_VERSION_4;
  packet.set(nonce, AT.transmit);
  return packet;
}

/** What `packet` says to the request with `nonce`. */
export function readNtpReply(packet: Uint8Array, nonce: Uint8Array): NtpReply {
  const [first = 0, stratum = 0] = packet;
  const isOurs = packet.length >= PACKET_BYTES && equalBytes(packet.subarray(AT.originate, AT.receive), nonce);
  if (!isOurs || (first & 0b111) !== SERVER_MODE) return { kind: "stray" };
  if (stratum === 0) return { kind: "kiss", code: kissCode(packet) };
  if (first >> 6 === UNSYNCHRONIZED || stratum > FARTHEST_STRATUM)
    return { kind: "unfit", reason: "it does not know the time itself" };
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const [receivedMs, sentMs] = [timestampMs(view, AT.receive), timestampMs(view, AT.transmit)];
  if (receivedMs === undefined || sentMs === undefined || sentMs < receivedMs)
    return { kind: "unfit", reason: "it answered without a time" };
  // RFC 5905 §11.1: half the delay and all of the dispersion make up the root distance.
  return {
    kind: "time",
    receivedMs,
    sentMs,
    distanceMs: shortMs(view, AT.rootDelay) / 2 + shortMs(view, AT.rootDispersion),
  };
}

/** Four letters in place of the reference; others are shown as a dot. */
function kissCode(packet: Uint8Array): string {
  const letters = packet.subarray(AT.reference, AT.reference + 4);
  return String.fromCharCode(...letters).replaceAll(/[^A-Z0-9]/g, ".");
}

/** Seconds from 1900 to 1970, and in one era of 32 bits. */
const UNIX_EPOCH_SECONDS = 2_208_988_800;
const ERA_SECONDS = 2 ** 32;

/** RFC 4330 §3: with the first bit clear, seconds are counted from 2036-02-07T06:28:16Z. Undefined for zero, which is no time. */
function timestampMs(view: DataView, at: number): number | undefined {
  const [seconds, fraction] = [view.getUint32(at), view.getUint32(at + 4)];
  if (seconds === 0 && fraction === 0) return undefined;
  const since1900 = seconds >= ERA_SECONDS / 2 ? seconds : seconds + ERA_SECONDS;
  return (since1900 - UNIX_EPOCH_SECONDS) * 1000 + (fraction * 1000) / ERA_SECONDS;
}

/** A short of 16 bits of seconds and 16 of their fraction. */
function shortMs(view: DataView, at: number): number {
  return (view.getUint32(at) * 1000) / 2 ** 16;
}
