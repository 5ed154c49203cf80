/**
 * A Rekor v2 log as a process of its own, for suites that kill it, starve it and measure it: `server.ts FOLDER [SETTINGS]`, settings in JSON as
 * `startRekor` takes them. Prints its ports and process id as one line of JSON when it is ready, or what is wrong as another; stops gracefully on SIGTERM.
 */
import { isSigstoreError } from "../../src/errors.ts";
import type { RekorConfig } from "../../src/services/rekor/config.ts";
import { startRekor } from "../../src/services/rekor/start.ts";
import { VirtualKeys } from "../../src/testing/virtual-keys.ts";

/** What suites have to know of the log. */
export const ORIGIN = "crash.example";

/** The log's key: the same in every run. */
export const LOG_SIGNER = new VirtualKeys("crash suite").signer("log", "PKIX_ED25519");

/** What a suite may set. */
export type ServerSettings = Partial<Pick<RekorConfig, "port" | "verificationThreads" | "bounds" | "pace" | "origin">>;

if (import.meta.main) {
  const [folder = "", settings = "{}"] = process.argv.slice(2);
  try {
    await serve(folder, JSON.parse(settings) as ServerSettings);
  } catch (error) {
    console.log(JSON.stringify({ error: describe(error) }));
    process.exitCode = 1;
  }
}

async function serve(folder: string, settings: ServerSettings): Promise<void> {
  const running = await startRekor({
    origin: ORIGIN,
    folder,
    signer: LOG_SIGNER,
    port: 0,
    metricsPort: 0,
    holder: `process ${process.pid}`,
    log: (line) => process.stderr.write(`${line}\n`),
    ...settings,
  });
  process.once("SIGTERM", () => {
    running.stop().catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    });
  });
  console.log(JSON.stringify({ port: running.port, metricsPort: running.metricsPort, pid: process.pid }));
}

function describe(error: unknown): { readonly code: string; readonly message: string; readonly hint: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const hint = isSigstoreError(error) ? (error.hint ?? "") : "";
  return { code, message: error instanceof Error ? error.message : String(error), hint };
}
