/**
 * Answers of services that do not stand up to verification, as errors that say whose they are.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";

/** A service in the words of an error. */
export interface AskedService {
  /** What it is: "certificate authority". */
  readonly service: string;
  readonly address: string;
}

/**
 * What `check` returns; a refusal by it becomes `service-answer-refused`, which names the service and keeps the refusal as
 * its cause and its code in `details`. Nothing of ours goes on with such an answer.
 */
export function holdToAnswer<Checked>({ service, address }: AskedService, what: string, check: () => Checked): Checked {
  try {
    return check();
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw new SigstoreError(
      "service-answer-refused",
      `expected ${what} that verifies from the ${service} ${address}, got one that is refused: ${error.message}`,
      {
        hint: "nothing was written; if the instance has renewed its keys, trust it anew (sigstore trust use ADDRESS); if not, tell who runs the service",
        details: { service, address, refusedWith: error.code },
        cause: error,
      },
    );
  }
}
