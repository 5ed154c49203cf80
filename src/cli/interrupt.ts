/**
 * Ctrl-C, and being told to end: what runs is told once, and may tidy up; the second time ends it at once.
 */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `wish` with a signal that is aborted when the process is told to end. */
export async function interruptible<Value>(wish: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const end = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, end);
  try {
    return await wish(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, end);
  }
}

/** What shells answer for a program that Ctrl-C ended: 128 and the number of the signal. */
export const EXIT_INTERRUPTED = 130;
