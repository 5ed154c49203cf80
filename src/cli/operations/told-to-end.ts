/**
 * A service goes on until it is told to end: by Ctrl-C, or a signal. The second time it ends at once.
 */
import { EXIT_INTERRUPTED } from "../interrupt.ts";

const ENDS = ["SIGINT", "SIGTERM"] as const;

/** Waits for the signal to end; `reload` is what SIGHUP means meanwhile. */
export function untilToldToEnd(reload?: () => void): Promise<void> {
  return new Promise((resolve) => {
    let isEnding = false;
    const end = (): void => {
      if (isEnding) process.exit(EXIT_INTERRUPTED);
      isEnding = true;
      resolve();
    };
    for (const name of ENDS) process.on(name, end);
    process.on("SIGHUP", () => reload?.());
  });
}
