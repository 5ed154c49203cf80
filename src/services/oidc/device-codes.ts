/**
 * Logins on devices without a browser (RFC 8628): a long code for the device, a short one for the person.
 *
 * The short one has eight consonants, 34 bits, lives ten minutes, and may be typed only by who is logged in, so that guesses are counted
 * by account and by place. Leaves out: pages (device-pages.ts), counting (attempts.ts).
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import type { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { isVerifierOf } from "./codes.ts";
import type { OidcClient } from "./config.ts";
import { ExpiringMap } from "./expiring-map.ts";
import { refuse } from "./refusal.ts";
import { fingerprintOf, newSecret } from "./secret.ts";
import type { Grant } from "./tokens.ts";
import type { AuthenticatedUser } from "./user-authenticator.ts";

/** How long a device waits for its person. */
export const DEVICE_CODE_SECONDS = 600;

/** RFC 8628 §6.1: "a character set of […] case-insensitive letters A-Z, without any vowels", so that no word comes out. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE_LETTERS = 8;
const LONGEST_INTERVAL_MS = 60_000;
/** A timer that fires a little early is no impatience. */
const EARLY_MS = 500;
const FEWEST_DRAWS = 64;

/** A login that a device waits for. */
export interface DeviceLogin {
  readonly client: OidcClient;
  readonly hasEmail: boolean;
  /** RFC 7636 by S256, as Dex and stock clients have it; RFC 8628 knows none. */
  readonly challenge: string | undefined;
  /** As it is shown: `BCDF-GHJK`. */
  readonly userCode: string;
  readonly startedMs: number;
  /** Where the device asked from, as far as it is known. */
  readonly address: string;
}

interface KeptLogin extends DeviceLogin {
  readonly expiresMs: number;
  intervalMs: number;
  polledMs: number | undefined;
  decision: { readonly user: AuthenticatedUser; readonly authTimeMs: number } | "refused" | undefined;
}

/** `text` as codes are remembered: people type small letters, blanks and dashes. */
function normalUserCode(text: string): string {
  return text
    .toUpperCase()
    .replaceAll(/[\s\-–—.]/g, "")
    .slice(0, 64);
}

/** As it is shown. */
function shownUserCode(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** The devices that wait. */
export class DeviceCodes {
  readonly #byDeviceCode = new ExpiringMap<KeptLogin>(LIMITS.deviceCodesKept);
  readonly #byUserCode = new ExpiringMap<KeptLogin>(LIMITS.deviceCodesKept);
  readonly #random: RandomSource;
  readonly #intervalMs: number;

  constructor(random: RandomSource, intervalMs: number) {
    this.#random = random;
    this.#intervalMs = intervalMs;
  }

  /** Begins a login: its two codes. @throws SigstoreError `login-refused` when too many wait */
  begin(
    asked: Pick<DeviceLogin, "client" | "hasEmail" | "challenge" | "address">,
    nowMs: number,
  ): { readonly deviceCode: string; readonly userCode: string } {
    this.#requireRoom(asked.address, nowMs);
    const letters = this.#freeUserCode(nowMs);
    const expiresMs = nowMs + DEVICE_CODE_SECONDS * 1000;
    const kept: KeptLogin = {
      ...asked,
      userCode: shownUserCode(letters),
      startedMs: nowMs,
      expiresMs,
      intervalMs: this.#intervalMs,
      polledMs: undefined,
      decision: undefined,
    };
    const deviceCode = newSecret(this.#random);
    // Remembered as long again, so that a device that comes late hears why.
    this.#byDeviceCode.set(fingerprintOf(deviceCode), kept, expiresMs + DEVICE_CODE_SECONDS * 1000, nowMs);
    this.#byUserCode.set(letters, kept, expiresMs, nowMs);
    return { deviceCode, userCode: kept.userCode };
  }

  /** The login that waits for this code, typed by a person. */
  find(typed: string, nowMs: number): DeviceLogin | undefined {
    return this.#byUserCode.get(normalUserCode(typed), nowMs);
  }

  /** What the person decided; false when nothing waits for this code any more. Each code is decided once. */
  decide(
    typed: string,
    decision: { readonly user: AuthenticatedUser; readonly authTimeMs: number } | "refused",
    nowMs: number,
  ): DeviceLogin | undefined {
    const letters = normalUserCode(typed);
    const kept = this.#byUserCode.get(letters, nowMs);
    if (kept === undefined) return undefined;
    this.#byUserCode.delete(letters);
    kept.decision = decision;
    return kept;
  }

  /** What the device gets that asks now. @throws SigstoreError `login-refused` with the codes of RFC 8628 §3.5 */
  poll(deviceCode: string, clientId: string, verifier: string | undefined, nowMs: number): Grant {
    const key = fingerprintOf(deviceCode);
    const kept = this.#byDeviceCode.get(key, nowMs);
    if (kept === undefined || kept.client.id !== clientId)
      throw refuse("invalid_grant", "expected a device_code that was issued to this client here, got another");
    if (kept.challenge !== undefined && (verifier === undefined || !isVerifierOf(verifier, kept.challenge)))
      throw refuse("invalid_grant", "expected the code_verifier of the login, got another or none");
    const { decision, client, hasEmail } = kept;
    if (decision === undefined) throw waiting(kept, nowMs);
    this.#byDeviceCode.delete(key);
    if (decision === "refused") throw refuse("access_denied", "the person refused the login");
    return { client, hasEmail, nonce: undefined, ...decision };
  }

  #requireRoom(address: string, nowMs: number): void {
    const ofAll = this.#byUserCode.count(nowMs);
    const ofClient = address === "" ? 0 : this.#byUserCode.count(nowMs, (login) => login.address === address);
    if (ofAll < LIMITS.deviceCodesKept && ofClient < LIMITS.deviceCodesOfClient) return;
    throw refuse("temporarily_unavailable", "too many devices wait for their login: try again in a few minutes");
  }

  #freeUserCode(nowMs: number): string {
    for (;;) {
      const letters = this.#drawLetters();
      if (this.#byUserCode.get(letters, nowMs) === undefined) return letters;
    }
  }

  /** Bytes above the largest multiple of twenty are thrown away, so that each letter is as likely as the next. */
  #drawLetters(): string {
    const fair = 256 - (256 % LETTERS.length);
    for (;;) {
      const drawn = [...this.#random(FEWEST_DRAWS)].filter((byte) => byte < fair);
      const letters = drawn.map((byte) => LETTERS.charAt(byte % LETTERS.length)).join("");
      if (letters.length >= USER_CODE_LETTERS) return letters.slice(0, USER_CODE_LETTERS);
    }
  }
}

/** RFC 8628 §3.5: `slow_down` means that "the interval MUST be increased by 5 seconds for this and all subsequent requests". */
function waiting(kept: KeptLogin, nowMs: number): SigstoreError {
  if (nowMs >= kept.expiresMs) return refuse("expired_token", "the device code has ended: begin again");
  const { polledMs } = kept;
  kept.polledMs = nowMs;
  if (polledMs === undefined || nowMs - polledMs >= kept.intervalMs - EARLY_MS)
    return refuse("authorization_pending", "the person has not agreed yet");
  kept.intervalMs = Math.min(LONGEST_INTERVAL_MS, kept.intervalMs + 5000);
  return refuse("slow_down", "asked too soon: wait five seconds more between questions");
}
