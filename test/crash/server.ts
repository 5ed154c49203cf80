/**
 * A Rekor v2 log as a process of its own, for suites that kill it: `server.ts FOLDER [PORT [THREADS]]`. Prints its port as one line of JSON when it
 * is ready, stops gracefully on SIGTERM.
 */
import { startRekor } from "../../src/services/rekor/start.ts";
import { VirtualKeys } from "../../src/testing/virtual-keys.ts";

/** What suites have to know of the log. */
export const ORIGIN = "crash.example";

/** The log's key: the same in every run. */
export const LOG_SIGNER = new VirtualKeys("crash suite").signer("log", "PKIX_ED25519");

if (import.meta.main) {
  const [folder = "", port = "0", verificationThreads = "0"] = process.argv.slice(2);
  const running = await startRekor({
    origin: ORIGIN,
    folder,
    signer: LOG_SIGNER,
    port: Number(port),
    verificationThreads: Number(verificationThreads),
    metricsPort: 0,
    holder: `process ${process.pid}`,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  process.once("SIGTERM", () => {
    running.stop().catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    });
  });
  console.log(JSON.stringify({ port: running.port, metricsPort: running.metricsPort }));
}
