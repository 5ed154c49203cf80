/**
 * Serial numbers of certificates and timestamps (RFC 5280 §4.1.2.2; Fulcio certificate specification, "serial number").
 *
 * Randomness is handed in, so that services take it from the system and tests from a seed. Leaves out: remembering which
 * numbers were given; 159 random bits do not meet twice.
 */

/** So many random bytes, each call other ones; from a cryptographic source wherever a service calls. */
export type RandomSource = (length: number) => Uint8Array;

const SERIAL_NUMBER_BYTES = 20;

/**
 * A random serial number: 20 bytes, big-endian, positive, never zero.
 *
 * RFC 5280: "the serial number MUST be a positive integer" of at most 20 octets, so the highest bit stays clear; the next one is
 * set, so that every number has the same length.
 */
export function randomSerialNumber(random: RandomSource): Uint8Array {
  const bytes = random(SERIAL_NUMBER_BYTES);
  if (bytes.length !== SERIAL_NUMBER_BYTES)
    throw new TypeError(`expected ${SERIAL_NUMBER_BYTES} random bytes, got ${bytes.length}`);
  const serialNumber = bytes.slice();
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x7f) | 0x40;
  return serialNumber;
}
