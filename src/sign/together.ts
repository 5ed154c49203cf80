/**
 * Several services asked at once: all answer, or the first failure ends the others too.
 */

/** What every one of `calls` returns, in their order; they are given a signal that ends with `signal` or with the first failure. */
export async function askTogether<Answer>(
  calls: readonly ((signal: AbortSignal) => Promise<Answer>)[],
  signal: AbortSignal | undefined,
): Promise<readonly Answer[]> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  try {
    return await Promise.all(calls.map(async (call) => call(either)));
  } catch (error) {
    failure.abort();
    throw error;
  }
}
