/**
 * Digests of artifacts of any size: one pass, one reused buffer, every digest that is needed at once.
 *
 * 128 KiB is what fits the second-level cache beside the digest's own state: larger buffers and streams are slower
 * (measured: as fast as `openssl dgst`, where a stream takes twice as long).
 */
import { fstatSync } from "node:fs";
import { createDigest } from "../crypto/digest.ts";
import type { HashAlgorithmName } from "../crypto/digest.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readWithPatience } from "./descriptor.ts";
import { sizeText } from "./read.ts";

const BUFFER_BYTES = 128 * 1024;

/** Told after every buffer how many bytes are read so far, and of how many; 0 where nobody can tell. */
export type OnProgress = (bytesRead: number, totalBytes: number) => void;

/**
 * Digests of what `descriptor` holds from here on.
 *
 * @throws SigstoreError `file-too-large` for a device that does not end, such as /dev/zero
 */
export function digestDescriptor(
  descriptor: number,
  algorithms: readonly HashAlgorithmName[],
  onProgress?: OnProgress,
): Partial<Record<HashAlgorithmName, Uint8Array>> {
  const running = algorithms.map((algorithm) => ({ algorithm, state: createDigest(algorithm) }));
  const buffer = new Uint8Array(BUFFER_BYTES);
  const stats = fstatSync(descriptor);
  const maximumBytes = stats.isCharacterDevice() ? LIMITS.deviceBytes : Infinity;
  let total = 0;
  for (;;) {
    const count = readWithPatience(descriptor, buffer);
    if (count === 0) break;
    const chunk = buffer.subarray(0, count);
    for (const { state } of running) state.update(chunk);
    total += count;
    if (total > maximumBytes) throw endless();
    onProgress?.(total, stats.size);
  }
  return Object.fromEntries(running.map(({ algorithm, state }) => [algorithm, state.digest()]));
}

function endless(): SigstoreError {
  return new SigstoreError(
    "file-too-large",
    `expected an artifact that ends, got a device that gave more than ${sizeText(LIMITS.deviceBytes)}`,
    { hint: "name a file, or - for standard input" },
  );
}
