/**
 * Bits of unsigned 64-bit integers, which are `bigint` here as everywhere.
 *
 * Shapes of Merkle trees follow from the bits of indices and sizes. A `bigint` operation costs more than a number's, and a
 * path has up to 64 bits, so these functions work on two 32-bit halves. Leaves out: arithmetic, which `bigint` has.
 */

/** The greatest tree size and the greatest unsigned 64-bit integer: 2^64 − 1. */
export const MAX_UINT64: bigint = 0xffff_ffff_ffff_ffffn;

/** True when `value` fits 64 bits without sign. */
export function isUint64(value: bigint): boolean {
  return value >= 0n && value <= MAX_UINT64;
}

/** The upper 32 bits of a 64-bit `value`. */
export function highWord(value: bigint): number {
  return Number(value >> 32n);
}

/** The lower 32 bits of a 64-bit `value`. */
export function lowWord(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

/** How many bits `value` takes without leading zeros: 0 for 0, 64 for 2^64 − 1. */
export function bitLength(value: bigint): number {
  const high = highWord(value);
  return high === 0 ? 32 - Math.clz32(lowWord(value)) : 64 - Math.clz32(high);
}

/** How many bits of `value` are one. */
export function countOnes(value: bigint): number {
  return countOnesOfWord(highWord(value)) + countOnesOfWord(lowWord(value));
}

function countOnesOfWord(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** How many zeros `value` ends with: 64 for 0. */
export function countTrailingZeros(value: bigint): number {
  const low = lowWord(value);
  return low === 0 ? 32 + trailingZerosOfWord(highWord(value)) : trailingZerosOfWord(low);
}

function trailingZerosOfWord(word: number): number {
  return word === 0 ? 32 : 31 - Math.clz32(word & -word);
}
