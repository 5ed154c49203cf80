/**
 * Whether and when a request is sent again (RFC 9110 §9.2.2 and §10.2.3; RFC 6585 §4).
 *
 * Waits grow by twos with jitter, so that clients that failed together do not come back together. A pure function of the
 * outcome, but for chance.
 */
import { LIMITS } from "../../limits.ts";
import type { HttpRequest, HttpResponse, Outcome } from "./http-request.ts";

/** How often, and how patiently. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly tries: number;
  /** Milliseconds before the second try; each further one waits twice as long. */
  readonly firstWaitMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Milliseconds to wait before the next try, or undefined to leave it at this outcome. */
export function waitBeforeRetry(
  request: HttpRequest,
  outcome: Outcome,
  triesMade: number,
  policy: RetryPolicy,
): number | undefined {
  if (triesMade >= policy.tries || !mayRepeat(request, outcome)) return undefined;
  const jitter = 0.5 + policy.random();
  const ownMs = Math.round(policy.firstWaitMs * 2 ** (triesMade - 1) * jitter);
  const askedMs = outcome.kind === "answered" ? retryAfterMs(outcome.response) : undefined;
  if (askedMs === undefined) return ownMs;
  return askedMs > LIMITS.retryAfterSeconds * 1000 ? undefined : Math.max(askedMs, ownMs);
}

function mayRepeat({ repeat }: HttpRequest, outcome: Outcome): boolean {
  if (outcome.kind === "failed") {
    const { reason, isUntaken, code } = outcome.failure;
    if (reason === "insecure" || reason === "too-large" || code === "ENOTFOUND") return false;
    return isUntaken || repeat === "always";
  }
  const { status } = outcome.response;
  // RFC 6585 §4 and RFC 9110 §15.6.4: the service says that it did not take the request up.
  if (status === 429 || status === 503) return true;
  return repeat === "always" && [408, 500, 502, 504].includes(status);
}

/** RFC 9110 §10.2.3: seconds, or a date, which is compared with the date of the answer itself: clocks may differ. */
export function retryAfterMs({ headers }: Pick<HttpResponse, "headers">): number | undefined {
  const value = headers.get("retry-after");
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const waitMs = Date.parse(value) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
