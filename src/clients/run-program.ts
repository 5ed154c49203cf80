/**
 * What another program prints: for identities that only a program of the CI system hands out.
 *
 * No shell, nothing on its input, an end in time. What it prints is a secret and stays out of errors; so does what it says on
 * its error output, which may hold one too.
 */
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";

const TIMEOUT_MS = 30_000;

/** Standard output of `program` with `args`. @throws SigstoreError `identity-token-missing` where it does not end well */
export async function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: LIMITS.serviceAnswerBytes, encoding: "utf8" as const };
  const { execFile } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    execFile(program, [...args], signal === undefined ? options : { ...options, signal }, (error, output) => {
      if (error === null) return resolve(output);
      const found = typeof error.code === "string" ? error.code : `the status ${error.code ?? "of a signal"}`;
      reject(
        new SigstoreError("identity-token-missing", `expected an identity token from ${program}, got ${found}`, {
          hint: `run ${program} yourself to see what it says, or give a token by SIGSTORE_ID_TOKEN`,
        }),
      );
    });
  });
}
