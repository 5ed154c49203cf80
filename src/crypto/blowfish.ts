/**
 * Blowfish (Schneier 1993) with the key schedule of bcrypt (Provos and Mazières 1999, §3 and §4), for OpenSSH's bcrypt_pbkdf alone.
 *
 * Its tables are the first 33,344 bits of the fraction of π, computed when first needed (some ms) instead of written down. Not constant
 * time, as no table cipher is. Leaves out decryption and modes.
 */

const ROUNDS = 16;
const SUBKEYS = ROUNDS + 2;
const BOXES = 4 * 256;

/** 32-bit words of the fraction of π: the subkeys, then the four boxes. */
let initialState: Uint32Array | undefined;

/** A cipher in the making and at work. */
export class Blowfish {
  readonly #p: Uint32Array;
  readonly #s: Uint32Array;
  #left = 0;
  #right = 0;

  constructor() {
    initialState ??= fractionOfPi(SUBKEYS + BOXES);
    this.#p = initialState.slice(0, SUBKEYS);
    this.#s = initialState.slice(SUBKEYS);
  }

  /** ExpandKey(state, salt, key): both are words, taken round and round. */
  expand(key: Uint32Array, salt: Uint32Array | undefined): void {
    this.#mixKey(key);
    this.#left = 0;
    this.#right = 0;
    let at = 0;
    for (const table of [this.#p, this.#s]) {
      for (let index = 0; index < table.length; index += 2) {
        if (salt !== undefined) {
          this.#left ^= salt[at % salt.length] ?? 0;
          this.#right ^= salt[(at + 1) % salt.length] ?? 0;
          at += 2;
        }
        this.#encipher();
        table[index] = this.#left;
        table[index + 1] = this.#right;
      }
    }
  }

  /** Encrypts pairs of words in place, each pair by itself. */
  encrypt(words: Uint32Array): void {
    for (let index = 0; index < words.length; index += 2) {
      this.#left = words[index] ?? 0;
      this.#right = words[index + 1] ?? 0;
      this.#encipher();
      words[index] = this.#left;
      words[index + 1] = this.#right;
    }
  }

  #mixKey(key: Uint32Array): void {
    for (let index = 0; index < SUBKEYS; index++)
      this.#p[index] = (this.#p[index] ?? 0) ^ (key[index % key.length] ?? 0);
  }

  #encipher(): void {
    const p = this.#p;
    const s = this.#s;
    let left = this.#left ^ (p[0] ?? 0);
    let right = this.#right;
    for (let round = 1; round <= ROUNDS; round += 2) {
      right ^= feistel(s, left) ^ (p[round] ?? 0);
      left ^= feistel(s, right) ^ (p[round + 1] ?? 0);
    }
    this.#left = right ^ (p[ROUNDS + 1] ?? 0);
    this.#right = left;
  }
}

function feistel(s: Uint32Array, x: number): number {
  const first = ((s[x >>> 24] ?? 0) + (s[256 + ((x >>> 16) & 0xff)] ?? 0)) ^ (s[512 + ((x >>> 8) & 0xff)] ?? 0);
  return (first + (s[768 + (x & 0xff)] ?? 0)) | 0;
}

/** The first words of the fraction of π by Machin's formula, π = 16·arctan(1/5) − 4·arctan(1/239). */
function fractionOfPi(words: number): Uint32Array {
  const guardBits = 64n;
  const bits = BigInt(32 * words) + guardBits;
  const pi = 16n * inverseTangent(5n, bits) - 4n * inverseTangent(239n, bits);
  let fraction = BigInt.asUintN(32 * words, pi >> guardBits);
  const found = new Uint32Array(words);
  for (let index = words - 1; index >= 0; index--) {
    found[index] = Number(fraction & 0xffffffffn);
    fraction >>= 32n;
  }
  return found;
}

/** arctan(1/x) in units of 2^−bits: 1/x − 1/3x³ + 1/5x⁵ … */
function inverseTangent(x: bigint, bits: bigint): bigint {
  const square = x * x;
  let power = (1n << bits) / x;
  let sum = power;
  for (let divisor = 3n; power > 0n; divisor += 2n) {
    power /= square;
    sum += divisor % 4n === 3n ? -(power / divisor) : power / divisor;
  }
  return sum;
}
