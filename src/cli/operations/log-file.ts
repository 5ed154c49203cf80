/**
 * The log file of an instance in the background: its last lines, and those that come.
 *
 * A file that was emptied or put in place of another is read from its beginning.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** So much of the end of a file is looked at. */
const TAIL_BYTES = 1024 * 1024;
const STEP_MS = 200;

/** Bytes of a file, 0 where there is none. */
export function sizeOfFile(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of a file, oldest first, none that begins before byte `from`. */
export function tailOf(path: string, lines: number, from = 0): string[] {
  const { size } = statSync(path);
  const text = readFrom(path, Math.max(from, size - TAIL_BYTES)).text.replace(/\n$/, "");
  return text === "" ? [] : text.split("\n").slice(-lines);
}

/** Hands on what is written to a file from now on, until the signal. */
export async function followFile(path: string, write: (text: string) => void, signal: AbortSignal): Promise<void> {
  let { size: at, ino } = statSync(path);
  while (!signal.aborted) {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now !== undefined && (now.size < at || now.ino !== ino)) at = 0;
    if (now !== undefined && now.size > at) {
      const { text, end } = readFrom(path, at);
      write(text);
      at = end;
    }
    ino = now?.ino ?? ino;
    await sleep(STEP_MS, undefined, { signal }).catch(() => undefined);
  }
}

function readFrom(path: string, start: number): { readonly text: string; readonly end: number } {
  const descriptor = openSync(path, "r");
  try {
    const length = Math.max(0, Math.min(fstatSync(descriptor).size - start, TAIL_BYTES));
    const bytes = new Uint8Array(length);
    const count = readSync(descriptor, bytes, 0, length, start);
    return { text: new TextDecoder().decode(bytes.subarray(0, count)), end: start + count };
  } finally {
    closeSync(descriptor);
  }
}
