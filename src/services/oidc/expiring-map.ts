/**
 * Values that are remembered until a moment, and never more than a number of them: the oldest make room.
 */

interface Kept<Value> {
  readonly value: Value;
  readonly expiresMs: number;
}

/** A map of values that end. The clock is handed in with each question. */
export class ExpiringMap<Value> {
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Remembers `value` as the newest. */
  set(key: string, value: Value, expiresMs: number, nowMs: number): void {
    this.#kept.delete(key);
    if (this.#kept.size >= this.#most) this.#makeRoom(nowMs);
    this.#kept.set(key, { value, expiresMs });
  }

  /** The value, unless it has ended. */
  get(key: string, nowMs: number): Value | undefined {
    const kept = this.#kept.get(key);
    return kept === undefined || nowMs >= kept.expiresMs ? undefined : kept.value;
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }

  /** How many values there are that have not ended, and that `isCounted`. */
  count(nowMs: number, isCounted: (value: Value) => boolean = () => true): number {
    let count = 0;
    for (const { value, expiresMs } of this.#kept.values()) if (nowMs < expiresMs && isCounted(value)) count += 1;
    return count;
  }

  #makeRoom(nowMs: number): void {
    for (const [key, { expiresMs }] of this.#kept) if (nowMs >= expiresMs) this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= this.#most && oldest !== undefined) this.#kept.delete(oldest);
  }
}
