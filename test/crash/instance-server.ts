/** An instance as a process of its own: `instance-server.ts FOLDER SETTINGS`; prints and ends as server.ts does. */
import { startInstance } from "../../src/services/instance/start.ts";

const [folder = ""] = process.argv.slice(2);
const running = await startInstance({ folder, port: 0, dev: true, log: (line) => process.stderr.write(`${line}\n`) });
process.once("SIGTERM", () => {
  running.stop().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
});
console.log(JSON.stringify({ port: running.port, metricsPort: 0, pid: process.pid }));
