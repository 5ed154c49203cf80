/**
 * Who is logged in in which browser, and which forms are ours (RFC 6265 §8; RFC 9700 §4.7).
 *
 * One cookie with an unguessable value. Before a login it is nothing but the browser's name, remembered nowhere; a login gives it a new
 * value, so that a value that was planted is worth nothing. Each form carries a token that belongs to the value: pages of others cannot
 * know it. Leaves out: the cookie's notation (cookie.ts).
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import { LIMITS } from "../../limits.ts";
import { ExpiringMap } from "./expiring-map.ts";
import { fingerprintOf, isSameSecret, newSecret } from "./secret.ts";
import type { AuthenticatedUser } from "./user-authenticator.ts";

/** A person logged in in a browser. */
export interface LoginSession {
  readonly user: AuthenticatedUser;
  readonly authTimeMs: number;
  /** A code to be shown on the out-of-band page. */
  shownCode?: { readonly code: string; readonly expiresMs: number };
}

/** A working day; then the password is asked for again. */
const SESSION_MS = 8 * 3_600_000;

/** The browsers in which somebody is logged in. */
export class LoginSessions {
  readonly #sessions = new ExpiringMap<LoginSession>(LIMITS.loginsKept);
  readonly #formSecret: string;
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
    this.#formSecret = newSecret(random);
  }

  /** The value of a cookie for a browser that has none. */
  newBrowser(): string {
    return newSecret(this.#random);
  }

  /** Logs in, in place of whoever `before` was: the new value of the cookie. */
  begin(user: AuthenticatedUser, before: string, nowMs: number): string {
    this.end(before);
    const value = newSecret(this.#random);
    this.#sessions.set(fingerprintOf(value), { user, authTimeMs: nowMs }, nowMs + SESSION_MS, nowMs);
    return value;
  }

  /** Who is logged in in the browser with this cookie. */
  find(value: string, nowMs: number): LoginSession | undefined {
    return this.#sessions.get(fingerprintOf(value), nowMs);
  }

  end(value: string): void {
    this.#sessions.delete(fingerprintOf(value));
  }

  /** The token of the forms in the browser with this cookie: nobody makes one without the secret of this process. */
  formToken(value: string): string {
    return fingerprintOf(`${this.#formSecret} ${fingerprintOf(value)} form`);
  }

  isFormToken(token: string, value: string): boolean {
    return isSameSecret(token, this.formToken(value));
  }
}
