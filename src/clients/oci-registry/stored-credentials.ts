/**
 * Credentials from the files that others keep, and from credential helpers (docker-credential-helpers, "Development").
 *
 * A helper is asked only where a file names it for the registry: its output is a secret and stays out of errors. Says nothing
 * where nobody knows the registry; a helper that fails is an error, since asking anonymously instead would hide it.
 */
import { spawn } from "node:child_process";
import { parseJson } from "../../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { findStoredCredential } from "../../formats/oci/credentials-file.ts";
import type { CredentialsFile, StoredCredential } from "../../formats/oci/credentials-file.ts";
import { isObject } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import type { FindCredential, RegistryCredential } from "./credential.ts";

const TIMEOUT_MS = 30_000;
/** What helpers print for a registry that they do not know; some say it in other words, but all of them so far with these. */
const UNKNOWN = /credentials not found|no credentials (?:server|username)/i;

/** Runs a helper: what it printed, and whether it ended well. */
export type RunHelper = (
  program: string,
  input: string,
) => Promise<{ readonly output: string; readonly isWell: boolean }>;

/** Looks in `files` in their order; the first that knows the registry has the word. */
export function findInFiles(files: readonly CredentialsFile[], run: RunHelper = runHelper): FindCredential {
  return async (registry, repository) => {
    for (const file of files) {
      const stored = findStoredCredential(file, registry, repository);
      const found = stored === undefined ? undefined : await credentialIn(file, stored, run);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

async function credentialIn(
  { path }: CredentialsFile,
  stored: StoredCredential,
  run: RunHelper,
): Promise<RegistryCredential | undefined> {
  if (stored.kind !== "helper") return { ...stored, from: path };
  const program = `docker-credential-${stored.helper}`;
  const { output, isWell } = await run(program, stored.serverAddress);
  if (!isWell && UNKNOWN.test(output)) return undefined;
  const found = isWell ? readAnswer(output) : undefined;
  if (found === undefined) throw helperError(program, path, isWell ? "something else" : "a failure");
  const { username, secret } = found;
  const from = `${program} (named in ${path})`;
  if (username === "<token>") return { kind: "identity-token", identityToken: secret, from };
  return { kind: "password", username, password: secret, from };
}

function readAnswer(output: string): { readonly username: string; readonly secret: string } | undefined {
  try {
    const value = parseJson(output);
    const [username, secret] = isObject(value) ? [value["Username"], value["Secret"]] : [];
    return typeof username === "string" && typeof secret === "string" ? { username, secret } : undefined;
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return undefined;
  }
}

async function runHelper(program: string, input: string): ReturnType<RunHelper> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > LIMITS.serviceAnswerBytes) child.kill();
    });
    child.once("error", () => reject(helperError(program, undefined, "that it cannot be started")));
    child.once("close", (status) => resolve({ output, isWell: status === 0 }));
    // One that does not read its input ends in its own way.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(`${input}\n`);
  });
}

function helperError(program: string, path: string | undefined, got: string): SigstoreError {
  const named = path === undefined ? "" : ` (named in ${path})`;
  return new SigstoreError("registry-credentials-invalid", `expected credentials from ${program}${named}, got ${got}`, {
    hint: `run "${program} list" to see what it says, or log in to the registry again`,
    details: { program },
  });
}
