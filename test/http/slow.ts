/**
 * Clients that withhold: headers, bodies, their ears, the end of the connection. Each is let go after its time, and others are served meanwhile.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RekorClient, requestOf } from "../crash/client.ts";
import { LogProcess } from "../crash/process.ts";
import type { Suite } from "../suite.ts";
import { openSocket, sendRaw, statusesOf } from "./raw.ts";

const BOUNDS = { headersMs: 1500, requestMs: 3000, idleMs: 1500 };
const DRIP_MS = 50;
const SLOW_CLIENTS = 200;
const MIB = 1024 * 1024;
/** What clients that do not read may cost together. */
const DEAF_BYTES = 512 * MIB;

/** All cases of this file. */
export async function slowCases(suite: Suite): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "abuse-"));
  const log = await LogProcess.start(join(folder, "log"), { settings: { bounds: BOUNDS } });
  try {
    await suite.case("headers that come a byte at a time: 408", () =>
      drips(log, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
    );
    await suite.case("a body that comes a byte at a time: 408", () =>
      drips(log, "POST /api/v2/log/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"),
    );
    await suite.case("a chunked body that never ends: 408", () =>
      drips(log, "POST /api/v2/log/entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n"),
    );
    await suite.case("a connection without a byte is let go", () => isLetGo(log, ""));
    await suite.case("a connection after an answer is let go", () =>
      isLetGo(log, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    );
    await suite.case(`${SLOW_CLIENTS} slow clients, and one that is served`, () => servedBesideSlow(log));
    await suite.case("a client that ends its side while it waits can ask again", () => halfClosed(log));
    await suite.case("a client that ends its side in the middle of a request is let go", () => halfRequest(log));
    await suite.case("clients that do not read their answers cost no memory to speak of", () => deaf(log));
    await log.stop();
  } finally {
    await log.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Sends a byte at a time until the server has had enough. */
async function drips({ port }: LogProcess, beginning: string): Promise<void> {
  const socket = await openSocket(port);
  let received = "";
  socket.on("data", (bytes: Buffer) => (received += bytes.toString("latin1")));
  socket.write(beginning);
  const timer = setInterval(() => socket.write("a"), DRIP_MS);
  await once(socket, "close");
  clearInterval(timer);
  if (statusesOf(received).join(" ") !== "408") throw new Error(`expected 408, got ${received}`);
}

async function isLetGo({ port }: LogProcess, bytes: string): Promise<void> {
  const socket = await openSocket(port);
  socket.resume();
  if (bytes !== "") socket.write(bytes);
  await once(socket, "close");
}

async function servedBesideSlow(log: LogProcess): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: SLOW_CLIENTS }, () => openSocket(log.port)));
  for (const socket of sockets)
    socket.write("POST /api/v2/log/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  const told = await new RekorClient(log.port).submit("beside slow clients");
  const open = sockets.filter((socket) => !socket.destroyed && socket.readable).length;
  for (const socket of sockets) socket.destroy();
  if (told === undefined) throw new Error("expected an entry, got nothing");
  if (open === 0) throw new Error("expected slow clients that still wait, got none: this case showed nothing");
}

async function halfClosed({ port }: LogProcess): Promise<void> {
  const body = await requestOf("half-closed");
  const socket = await openSocket(port);
  let received = "";
  socket.on("data", (bytes: Buffer) => (received += bytes.toString("latin1")));
  socket.end(`POST /api/v2/log/entries HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await once(socket, "close");
  const told = await new RekorClient(port).submit("half-closed");
  if (told === undefined) throw new Error(`expected the entry or another try, got nothing, and before ${received}`);
}

async function halfRequest({ port }: LogProcess): Promise<void> {
  const socket = await openSocket(port);
  socket.resume();
  socket.end("POST /api/v2/log/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  await once(socket, "close");
  const health = await sendRaw(port, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  if (statusesOf(health).join(" ") !== "200") throw new Error(`expected a log that serves, got ${health}`);
}

/** Each asks for a bundle of entries a thousand times and reads nothing; the server stops answering until they do, and then lets them go. */
async function deaf(log: LogProcess): Promise<string> {
  const client = new RekorClient(log.port);
  for (let wave = 0; wave < 16; wave += 1)
    await Promise.all(Array.from({ length: 16 }, (_, number) => client.submit(`bundle/${wave}/${number}`)));
  const path = "/api/v2/tile/entries/000";
  const before = log.residentBytes();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => openSocket(log.port)));
  for (const socket of sockets) {
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(1000));
  }
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, log.residentBytes())), DRIP_MS);
  await Promise.all(sockets.map(ended));
  clearInterval(timer);
  const grown = peak - before;
  if (grown > DEAF_BYTES) throw new Error(`expected at most ${DEAF_BYTES / MIB} MiB more, got ${grown / MIB}`);
  return `${Math.round(grown / MIB)} MiB at the most`;
}

/** When the server has ended a connection; what it had sent by then is thrown away. */
async function ended(socket: Socket): Promise<void> {
  const patience = setTimeout(() => socket.resume(), BOUNDS.requestMs + 3 * BOUNDS.idleMs);
  await once(socket, "close");
  clearTimeout(patience);
}
