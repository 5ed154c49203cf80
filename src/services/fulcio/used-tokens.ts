/**
 * Tokens that were used, where each may be used once only (an option; the original takes a token for its whole life).
 *
 * Known by the hash of what the issuer signed: the signature beside it can be changed by who holds no key. Leaves out: surviving a
 * restart, for which the instance brings a ledger of its own.
 */
import { sha256 } from "../../crypto/digest.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { refuseToken } from "./refusal.ts";

/**
 * Port: remembers tokens. `claim` is true for the first call with `id` and false for every later one until `expiresMs`, also when both
 * run at once; whatever expired may be forgotten.
 */
export interface UsedTokens {
  claim(id: string, expiresMs: number): Promise<boolean>;
}

/** Refuses a token that was used. @throws SigstoreError `identity-token-refused` */
export async function claimToken(
  used: UsedTokens,
  { signingInput, expiresMs }: { readonly signingInput: Uint8Array; readonly expiresMs: number },
): Promise<void> {
  if (await used.claim(base64Encode(sha256(signingInput)), expiresMs)) return;
  throw refuseToken("TOKEN_USED", "expected a token that was not used before, got one that was");
}

/** Remembers in memory, up to a restart. */
export class UsedTokensInMemory implements UsedTokens {
  readonly #nowMs: () => number;
  readonly #expiryById = new Map<string, number>();
  #sweepAt = 1024;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async claim(id: string, expiresMs: number): Promise<boolean> {
    if (this.#expiryById.has(id)) return false;
    this.#expiryById.set(id, expiresMs);
    if (this.#expiryById.size >= this.#sweepAt) this.#sweep();
    return true;
  }

  /** Forgets what expired; each time only after twice as many were added, so that it costs little. */
  #sweep(): void {
    const nowMs = this.#nowMs();
    for (const [id, expiresMs] of this.#expiryById) if (expiresMs < nowMs) this.#expiryById.delete(id);
    this.#sweepAt = Math.max(1024, 2 * this.#expiryById.size);
  }
}
