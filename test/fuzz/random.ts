/**
 * Pseudo-random choices that follow from a text alone: the same seed, the same run, on every machine.
 *
 * sfc32 (Chris Doty-Humphrey), seeded by four rounds of FNV-1a; for choosing mutations, not for keys.
 */

/** A stream of choices. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#a = fnv1a(seed, 0x811c9dc5);
    this.#b = fnv1a(seed, 0x9e3779b9);
    this.#c = fnv1a(seed, 0x7f4a7c15);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** An integer from 0 to 2^32 − 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** An integer from 0 to below `limit`, which is at least 1. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** True `one` time in `of`. */
  chance(one: number, of: number): boolean {
    return this.below(of) < one;
  }

  /** One of `items`, of which there is at least one. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new TypeError("expected something to choose from, got nothing");
    return item;
  }

  /** A small integer from 1 on: each next one half as likely, at most `limit`. */
  small(limit: number): number {
    let value = 1;
    while (value < limit && this.chance(1, 2)) value += 1;
    return value;
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() & 0xff);
  }
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}
