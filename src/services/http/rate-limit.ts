/**
 * So many requests a second from each client: a token bucket for each address (429, RFC 6585 §4; Retry-After, RFC 9110 §10.2.3).
 *
 * An IPv6 client has its whole /64, which is what one customer gets. Memory is bounded: of too many clients the one that was silent
 * longest is forgotten. Leaves out: who is behind a proxy; where there is one, all requests have its address, and the limit is its affair.
 */
import { isIPv6 } from "node:net";
import type { ServiceHandler, ServiceResponse } from "./message.ts";
import { errorInfo, respondRpcStatus } from "./rpc-status.ts";

/** How much is let through. */
export interface RateLimit {
  /** Requests a second, over time. */
  readonly perSecond: number;
  /** Requests at once, after a while of silence; as many as a second's unless something else is said. */
  readonly burst?: number;
  /** Clients that are remembered. */
  readonly clients?: number;
}

const DEFAULT_CLIENTS = 50_000;

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** Lets requests through as the limit says; `nowMs` is a clock that only goes forward. */
export function limitRate(handler: ServiceHandler, limit: RateLimit, nowMs: () => number): ServiceHandler {
  const { perSecond, burst = Math.max(1, perSecond), clients = DEFAULT_CLIENTS } = limit;
  const buckets = new Map<string, Bucket>();
  return async (request) => {
    const client = clientOf(request.remoteAddress);
    const bucket = buckets.get(client) ?? { tokens: burst, filledMs: nowMs() };
    refill(bucket, nowMs(), perSecond, burst);
    // The map keeps the order of insertion: the first client is the one that was silent longest.
    buckets.delete(client);
    buckets.set(client, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > clients && oldest !== undefined) buckets.delete(oldest);
    if (bucket.tokens < 1) return tooMany(limit, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return handler(request);
  };
}

function refill(bucket: Bucket, nowMs: number, perSecond: number, burst: number): void {
  bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.filledMs) / 1000) * perSecond);
  bucket.filledMs = nowMs;
}

function tooMany({ perSecond }: RateLimit, retryAfterSeconds: number): ServiceResponse {
  return respondRpcStatus(
    "RESOURCE_EXHAUSTED",
    `too many requests: expected at most ${perSecond} a second from one client`,
    {
      headers: { "retry-after": `${retryAfterSeconds}` },
      details: [errorInfo("sigstore", "rate-limit-exceeded", { hint: `try again in ${retryAfterSeconds} s` })],
    },
  );
}

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** One name for all addresses of a client: IPv4 as it is, of IPv6 the first 64 bits. */
export function clientOf(address: string): string {
  const [, mapped] = MAPPED_IPV4.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => "0");
  const groups = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
