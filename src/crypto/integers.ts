/**
 * Whole numbers as the specifications of signatures write them: SEC 1 §2.3.7 and RFC 8017 §4 (I2OSP, OS2IP), RFC 8032 §5.1.2.
 *
 * Conversion to and from octets and arithmetic modulo a number. Not constant time: for public numbers only.
 */

/** The integer whose big-endian octets are `bytes`. */
export function integerFromBytes(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const partial = bytes.length % 8;
  let value = 0n;
  for (let index = 0; index < partial; index++) value = (value << 8n) | BigInt(view.getUint8(index));
  for (let index = partial; index < bytes.length; index += 8) value = (value << 64n) | view.getBigUint64(index);
  return value;
}

/** The `length` big-endian octets of `value`, which is not negative; a `TypeError` where it needs more. */
export function bytesFromInteger(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let rest = value;
  let end = length;
  for (; end >= 8; end -= 8) {
    view.setBigUint64(end - 8, BigInt.asUintN(64, rest));
    rest >>= 64n;
  }
  for (; end > 0; end--) {
    view.setUint8(end - 1, Number(rest & 0xffn));
    rest >>= 8n;
  }
  if (rest !== 0n) throw new TypeError(`expected an integer of ${length} octets that is not negative, got another`);
  return bytes;
}

/** The integer whose little-endian octets are `bytes`. */
export function integerFromLittleEndian(bytes: Uint8Array): bigint {
  return integerFromBytes(bytes.toReversed());
}

/** The `length` little-endian octets of `value`, which is not negative; a `TypeError` where it needs more. */
export function littleEndianFromInteger(value: bigint, length: number): Uint8Array {
  return bytesFromInteger(value, length).reverse();
}

/** The remainder of `value` from 0 to `modulus` − 1, of negative values too. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const remainder = value % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}

/**
 * The inverse of `value`, which has no divisor in common with `modulus`: Euclid's algorithm by Lehmer's way (Knuth, The Art of Computer
 * Programming 2, §4.5.2, algorithm L), which makes most steps on the leading bits alone, in numbers of the machine.
 */
export function modularInverse(value: bigint, modulus: bigint): bigint {
  let larger = modulus;
  let smaller = modulo(value, modulus);
  let previous = 0n;
  let coefficient = 1n;
  while (smaller !== 0n) {
    const steps = leadingSteps(larger, smaller);
    if (steps === undefined) {
      const quotient = larger / smaller;
      [larger, smaller] = [smaller, larger - quotient * smaller];
      [previous, coefficient] = [coefficient, previous - quotient * coefficient];
    } else {
      const { a, b, c, d } = steps;
      [larger, smaller] = [a * larger + b * smaller, c * larger + d * smaller];
      [previous, coefficient] = [a * previous + b * coefficient, c * previous + d * coefficient];
    }
  }
  if (larger !== 1n) throw new TypeError("expected a number that has an inverse, got one that divides the modulus");
  return modulo(previous, modulus);
}

/** Leading bits that are looked at: what is computed with them stays within the 53 that a number has. */
const LEADING_BITS = 49;

/** Several steps of Euclid's algorithm as one matrix; undefined when the leading bits do not tell even one. */
function leadingSteps(
  larger: bigint,
  smaller: bigint,
): { readonly a: bigint; readonly b: bigint; readonly c: bigint; readonly d: bigint } | undefined {
  const size = Number(larger);
  if (size === Number.POSITIVE_INFINITY) return undefined;
  const shift = BigInt(Math.max(0, Math.floor(Math.log2(size)) - LEADING_BITS));
  let x = Number(larger >> shift);
  let y = Number(smaller >> shift);
  let [a, b, c, d] = [1, 0, 0, 1];
  while (y + c !== 0 && y + d !== 0) {
    const quotient = Math.floor((x + a) / (y + c));
    if (quotient !== Math.floor((x + b) / (y + d))) break;
    [a, c] = [c, a - quotient * c];
    [b, d] = [d, b - quotient * d];
    [x, y] = [y, x - quotient * y];
  }
  return b === 0 ? undefined : { a: BigInt(a), b: BigInt(b), c: BigInt(c), d: BigInt(d) };
}

/** `base` to the power of `exponent`, which is not negative, modulo `modulus`. */
export function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = modulo(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
