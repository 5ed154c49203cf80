/**
 * How often somebody may guess: a few times freely, then after waits that double (NIST SP 800-63B §5.2.2; RFC 8628 §5.1).
 *
 * An attempt counts from its beginning, so that many at once are not free; one that succeeds is taken back. Names that no account has
 * are counted like those of accounts, so that being limited tells nothing. Leaves out: what outlives a restart.
 */
import { LIMITS } from "../../limits.ts";
import { ExpiringMap } from "./expiring-map.ts";

/** How many attempts are free, and how the waits after them grow. */
export interface AttemptRules {
  readonly free: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** An account is guarded against guesses from many places, a place against guesses at many accounts. */
const ACCOUNT_RULES: AttemptRules = { free: 5, firstWaitMs: 5_000, longestWaitMs: 5 * 60_000 };
const PLACE_RULES: AttemptRules = { free: 20, firstWaitMs: 5_000, longestWaitMs: 15 * 60_000 };

/** Attempts are forgotten after an hour without another one. */
const FORGOTTEN_AFTER_MS = 3_600_000;

interface Counted {
  readonly failures: number;
  readonly openMs: number;
}

/** Whose attempts they are, and by which rules. */
export interface AttemptKey {
  readonly key: string;
  readonly rules: AttemptRules;
}

/** An attempt that was let through. */
export interface Attempt {
  /** It was right: the counts of whom it concerns begin anew, others' lose it. */
  succeed(): void;
}

/** Counts attempts. */
export class AttemptCounter {
  readonly #counted = new ExpiringMap<Counted>(LIMITS.attemptsKept);

  /** Begins an attempt that all of `keys` are charged with, or answers how many milliseconds to wait before the next. */
  begin(keys: readonly AttemptKey[], nowMs: number): Attempt | number {
    const waitMs = Math.max(...keys.map(({ key }) => (this.#counted.get(key, nowMs)?.openMs ?? 0) - nowMs));
    if (waitMs > 0) return waitMs;
    for (const { key, rules } of keys) this.#charge(key, rules, nowMs);
    return {
      succeed: () => {
        for (const { key } of keys) this.#takeBack(key, nowMs);
      },
    };
  }

  #charge(key: string, rules: AttemptRules, nowMs: number): void {
    const failures = (this.#counted.get(key, nowMs)?.failures ?? 0) + 1;
    const waitMs =
      failures < rules.free ? 0 : Math.min(rules.longestWaitMs, rules.firstWaitMs * 2 ** (failures - rules.free));
    this.#counted.set(key, { failures, openMs: nowMs + waitMs }, nowMs + FORGOTTEN_AFTER_MS, nowMs);
  }

  /** For an account that is all of it; else the one attempt, or who has something right could guess at the rest without end. */
  #takeBack(key: string, nowMs: number): void {
    const counted = this.#counted.get(key, nowMs);
    if (counted === undefined) return;
    if (key.startsWith("account ") || counted.failures <= 1) this.#counted.delete(key);
    else this.#counted.set(key, { failures: counted.failures - 1, openMs: 0 }, nowMs + FORGOTTEN_AFTER_MS, nowMs);
  }
}

/** An account, known or not, by what was typed. */
export function accountKey(name: string): AttemptKey {
  return { key: `account ${name.toLowerCase()}`, rules: ACCOUNT_RULES };
}

/** A person who types codes of devices; a right one makes up for one wrong one alone, since everybody can have right ones. */
export function deviceKey(subject: string): AttemptKey {
  return { key: `device ${subject}`, rules: ACCOUNT_RULES };
}

/** Where a request comes from: an IPv4 address, or the 64 bits of an IPv6 address that one household has; nothing where it is not known. */
export function placeKeys(address: string): readonly AttemptKey[] {
  if (address === "") return [];
  const place =
    address.includes(":") && !address.includes(".") ? ipv6Network(address) : address.replace(/^::ffff:/i, "");
  return [{ key: `place ${place}`, rules: PLACE_RULES }];
}

function ipv6Network(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].slice(0, 4).join(":");
}

/** A wait in words: `30 seconds`, `5 minutes`. */
export function waitText(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  if (seconds <= 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
