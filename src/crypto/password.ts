/**
 * Keys from passwords: scrypt (RFC 7914), its parameters bounded because they come out of files.
 *
 * Leaves out where password and parameters come from, and what the key then opens (key-encryption.ts).
 */
import { platform } from "#platform";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";

/** RFC 7914 §2: N, r and p. Memory is 128·N·r octets, work is that times p. */
export interface ScryptParameters {
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
}

/** What cosign and go-securesystemslib write today: 64 MiB, a quarter of a second. */
export const SCRYPT_PARAMETERS: ScryptParameters = { cost: 65536, blockSize: 8, parallelization: 1 };

/**
 * The key of `length` octets that belongs to a password (in UTF-8, or any octets) and a salt.
 *
 * Takes the memory that the parameters ask for, at most LIMITS.scryptBytes; on Node in another thread.
 *
 * @throws SigstoreError `key-encryption-invalid` when the parameters are none, `input-too-large` when they ask for too much
 */
export async function deriveKeyFromPassword(
  password: Uint8Array,
  salt: Uint8Array,
  parameters: ScryptParameters,
  length: number,
): Promise<Uint8Array> {
  checkParameters(parameters);
  return platform.scrypt(password, salt, parameters, length);
}

function checkParameters({ cost, blockSize, parallelization }: ScryptParameters): void {
  // RFC 7914 §2: N "must be larger than 1, a power of 2, and less than 2^(128 * r / 8)"; r and p are positive.
  const isPositive = [cost, blockSize, parallelization].every((value) => Number.isSafeInteger(value) && value > 0);
  if (!isPositive || cost < 2 || !Number.isInteger(Math.log2(cost)) || (blockSize === 1 && cost >= 2 ** 16)) {
    throw new SigstoreError(
      "key-encryption-invalid",
      "expected scrypt parameters with a cost that is a power of two, got others",
    );
  }
  const bytes = 128 * cost * blockSize * parallelization;
  if (bytes > LIMITS.scryptBytes) {
    throw new SigstoreError(
      "input-too-large",
      `expected scrypt parameters of at most ${LIMITS.scryptBytes} bytes, got ${bytes}`,
    );
  }
}
