/**
 * The other ECDSA signature of the same message: (r, n − s) holds wherever (r, s) does.
 *
 * Nobody can forge with it, but who takes signatures for identifiers errs.
 */

/** Orders of P-256, P-384 and P-521 (SEC 2, sections 2.4.2, 2.5.1 and 2.6.1). */
const ORDERS: readonly bigint[] = [
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
];

/** Content octets of n − s for those of s, on the smallest curve that both numbers of the signature fit; undefined where none does. */
export function otherS(r: Uint8Array, s: Uint8Array): Uint8Array | undefined {
  const [numberR, numberS] = [integerOf(r), integerOf(s)];
  const order = ORDERS.find((candidate) => numberR > 0n && numberR < candidate && numberS > 0n && numberS < candidate);
  return order === undefined ? undefined : octetsOf(order - numberS);
}

/** Content octets of a positive INTEGER. */
function octetsOf(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const octets = Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return ((octets[0] ?? 0) & 0x80) === 0 ? octets : Uint8Array.of(0, ...octets);
}

function integerOf(octets: Uint8Array): bigint {
  let value = 0n;
  for (const octet of octets) value = value * 256n + BigInt(octet);
  return value;
}
