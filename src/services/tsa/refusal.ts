/**
 * What the timestamp authority answers instead of a timestamp: the texts of the original (timestamp-authority, pkg/api/error.go),
 * which clients match on, and beside them the reason that the original only logs.
 */

/** The original's texts. */
export const REFUSAL_TEXT = {
  failed: "Error generating timestamp response",
  weakHash: "Weak hash algorithm in timestamp request",
  digestLength: "Message digest has incorrect length for specified algorithm",
  policy: "unaccepted policy: requested TSA policy is not supported by the TSA",
  extension: "unaccepted extension: requested extensions are not supported by the TSA",
  tooLarge: "timestamp request is too large",
  policyTooLong: "OID should be comprised of at most 128 components",
} as const;

/** A request that gets no timestamp: HTTP status, the original's text, what was wrong and what to do. */
export interface TimestampRefusal {
  readonly kind: "refused";
  readonly status: 400 | 415 | 503;
  readonly message: string;
  readonly reason: string;
  readonly hint?: string;
  /** When to ask again, where that helps. */
  readonly retryAfterSeconds?: number;
}

/** A refusal of what the client sent. */
export function refuse(message: keyof typeof REFUSAL_TEXT, reason: string, hint?: string): TimestampRefusal {
  const refusal = { kind: "refused", status: 400, message: REFUSAL_TEXT[message], reason } as const;
  return hint === undefined ? refusal : { ...refusal, hint };
}
