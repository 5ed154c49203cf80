/** Bytes as they are, to a port of this machine, and what comes back: what no HTTP library would send. */
import { connect, type Socket } from "node:net";

/** How long a suite waits for a server that ought to hang up. */
const PATIENCE_MS = 20_000;

/** Sends bytes (text as Latin-1) and returns all that comes back until the server hangs up. */
export function sendRaw(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy();
      reject(new Error(`expected the server to hang up within ${PATIENCE_MS} ms, got ${JSON.stringify(received)}`));
    });
    socket.on("data", (bytes: Buffer) => (received += bytes.toString("latin1")));
    socket.on("close", () => resolve(received));
    // The server may hang up while we write.
    socket.on("error", () => resolve(received));
    for (const part of parts) socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
  });
}

/** A connection that is open. */
export function openSocket(port: number, localAddress?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", ...(localAddress !== undefined && { localAddress }) });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
  });
}

/** The statuses of the answers in what came back. */
export function statusesOf(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
