/**
 * Reading from a descriptor that may be a file, a pipe or a terminal.
 */
import { readSync } from "node:fs";

const PAUSE_MS = 5;

/**
 * Reads into `buffer` from `offset` on; 0 at the end. A pipe that another process set to non-blocking is waited for.
 *
 * @returns how many bytes were read
 */
export function readWithPatience(descriptor: number, buffer: Uint8Array, offset = 0): number {
  for (;;) {
    try {
      return readSync(descriptor, buffer, offset, buffer.length - offset, null);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // Windows says EOF where a closed pipe ends.
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
