/**
 * RSA keys for tests: one of each size, the same in every run (RFC 8017 §3).
 *
 * Looking for primes takes seconds, so it was done once: a prime is a seeded number plus the offset found. Everybody can
 * compute these keys; they are for nothing but tests.
 */
import { bytesFromInteger, integerFromBytes, modularInverse } from "../crypto/integers.ts";
import { importPrivateKeyPem, type PrivateKey } from "../crypto/private-key.ts";
import { der } from "../encoding/der.ts";
import { serializePem } from "../encoding/pem.ts";
import { seededBytes } from "./seed.ts";

/** Sizes of modulus for which there is a key. */
export type RsaTestKeyBits = 2048 | 3072 | 4096;

const PRIME_OFFSETS: Readonly<Record<RsaTestKeyBits, { readonly p: bigint; readonly q: bigint }>> = {
  2048: { p: 82n, q: 564n },
  3072: { p: 1758n, q: 90n },
  4096: { p: 3098n, q: 1274n },
};

const PUBLIC_EXPONENT = 65_537n;

const keys = new Map<RsaTestKeyBits, PrivateKey>();

/** The test key of this size. */
export function rsaTestKey(bits: RsaTestKeyBits): PrivateKey {
  const known = keys.get(bits);
  if (known !== undefined) return known;
  const key = importPrivateKeyPem(
    serializePem("RSA PRIVATE KEY", rsaPrivateKeyDer(prime(bits, "p"), prime(bits, "q"))),
  );
  keys.set(bits, key);
  return key;
}

function prime(bits: RsaTestKeyBits, name: "p" | "q"): bigint {
  const bytes = seededBytes("sigstore-ts rsa test key", `${bits} ${name}`, bits / 16);
  bytes[0] = (bytes[0] ?? 0) | 0xc0;
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) | 1;
  return integerFromBytes(bytes) + PRIME_OFFSETS[bits][name];
}

/** RFC 8017 A.1.2: RSAPrivateKey, the larger prime first. */
function rsaPrivateKeyDer(one: bigint, other: bigint): Uint8Array {
  const [p, q] = one > other ? [one, other] : [other, one];
  const privateExponent = modularInverse(PUBLIC_EXPONENT, (p - 1n) * (q - 1n));
  const numbers = [
    0n,
    p * q,
    PUBLIC_EXPONENT,
    privateExponent,
    p,
    q,
    privateExponent % (p - 1n),
    privateExponent % (q - 1n),
    modularInverse(q, p),
  ];
  return der.sequence(...numbers.map((number) => der.integer(bytesFromInteger(number, 513))));
}
