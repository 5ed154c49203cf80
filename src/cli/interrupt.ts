/**
 * Ctrl-C, and being told to end: what runs is told once, and may tidy up; the second time ends it at once.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { EXIT } from "./exit-codes.ts";

/** What shells answer for a program that Ctrl-C ended. */
export const EXIT_INTERRUPTED = EXIT.interrupted;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `wish` with a signal that is aborted when the process is told to end.
 *
 * @throws SigstoreError `cancelled` where that ended the wish, and what `wish` throws otherwise
 */
export async function interruptible<Value>(wish: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const end = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, end);
  try {
    return await wish(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted || !isSigstoreError(error, "cancelled")) throw error;
    throw new SigstoreError("cancelled", "expected to finish, got told to end", {
      details: { isInterrupted: true },
      cause: error,
    });
  } finally {
    for (const name of SIGNALS) process.off(name, end);
  }
}
