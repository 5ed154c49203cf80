/**
 * Requests that two servers would read differently (RFC 9112 §11.2, request smuggling), and requests that are none.
 *
 * Behind each of them on the same connection stands a second request, which a server that misread the first would answer. Each is told with
 * what must come back; what is refused must not have reached the handler.
 */
import { respondText } from "../../src/services/http/message.ts";
import { type RunningServer, startServer } from "../../src/services/http/server.ts";
import type { Suite } from "../suite.ts";
import { sendRaw, statusesOf } from "./raw.ts";

const POST = "POST / HTTP/1.1\r\nHost: x\r\n";
const GET = "GET / HTTP/1.1\r\nHost: x\r\n";
const CLOSE = "Connection: close\r\n\r\n";
const SECOND = `GET /second HTTP/1.1\r\nHost: x\r\n${CLOSE}`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

/** Refused, and the connection ends: name, bytes, status. */
const REFUSED: readonly (readonly [string, string, number])[] = [
  [
    "length and transfer coding",
    `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`,
    400,
  ],
  [
    "transfer coding and length",
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SECOND}`,
    400,
  ],
  ["two lengths that agree", `${POST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc${SECOND}`, 400],
  ["two lengths that do not", `${POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd${SECOND}`, 400],
  ["a list of lengths", `${POST}Content-Length: 3, 3\r\n\r\nabc${SECOND}`, 400],
  ["a length with a sign", `${POST}Content-Length: +3\r\n\r\nabc${SECOND}`, 400],
  ["a negative length", `${POST}Content-Length: -3\r\n\r\nabc${SECOND}`, 400],
  ["a hexadecimal length", `${POST}Content-Length: 0x3\r\n\r\nabc${SECOND}`, 400],
  ["an empty length", `${POST}Content-Length: \r\n\r\n${SECOND}`, 400],
  ["a length beyond numbers", `${POST}Content-Length: 99999999999999999999999\r\n\r\nabc${SECOND}`, 400],
  ["the coding identity", `${POST}Transfer-Encoding: identity\r\n\r\n${SECOND}`, 400],
  ["an unknown coding", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SECOND}`, 400],
  ["chunked not last", `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SECOND}`, 400],
  ["chunked twice", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`, 400],
  ["compressed and chunked", `${POST}Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`, 501],
  ["a coding behind a vertical tab", `${POST}Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n${SECOND}`, 400],
  ["a coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
  ["a space before the colon", `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SECOND}`, 400],
  ["a folded header", `${GET}X-A: b\r\n c\r\n${CLOSE}`, 400],
  ["a folded coding", `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${SECOND}`, 400],
  ["lines that end with LF alone", "GET / HTTP/1.1\nHost: x\nConnection: close\n\n", 400],
  ["one line that ends with LF alone", `GET / HTTP/1.1\r\nHost: x\nX-B: c\r\n${CLOSE}`, 400],
  ["a CR within a header", `GET / HTTP/1.1\r\nHost: x\rX: y\r\n${CLOSE}`, 400],
  ["a NUL within a header", `${GET}X-A: a\0b\r\n${CLOSE}`, 400],
  ["chunks that end with LF alone", `${CHUNKED}3\nabc\n0\n\n${SECOND}`, 400],
  ["a negative chunk", `${CHUNKED}-3\r\nabc\r\n0\r\n\r\n${SECOND}`, 400],
  ["a chunk of 0x3", `${CHUNKED}0x3\r\nabc\r\n0\r\n\r\n${SECOND}`, 400],
  ["a chunk beyond 64 bits", `${CHUNKED}fffffffffffffffff3\r\nabc\r\n0\r\n\r\n${SECOND}`, 400],
  ["a chunk without its end", `${CHUNKED}3\r\nabcX0\r\n\r\n${SECOND}`, 400],
  ["a flood of chunk extensions", `${CHUNKED}3;${"a=b;".repeat(8000)}\r\nabc\r\n0\r\n\r\n${SECOND}`, 400],
  ["two hosts", `${GET}Host: y\r\n${CLOSE}`, 400],
  ["no host", `GET / HTTP/1.1\r\n${CLOSE}`, 400],
  ["a list of hosts", `GET / HTTP/1.1\r\nHost: x, y\r\n${CLOSE}`, 400],
  ["a host with a path", `GET / HTTP/1.1\r\nHost: x/y\r\n${CLOSE}`, 400],
  ["HTTP/0.9", "GET /\r\n\r\n", 400],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["HTTP/1.2", `GET / HTTP/1.2\r\nHost: x\r\n${CLOSE}`, 400],
  ["a target without slash", `GET http://u@evil/p HTTP/1.1\r\nHost: x\r\n${CLOSE}`, 400],
  ["a target of all", `OPTIONS * HTTP/1.1\r\nHost: x\r\n${CLOSE}`, 400],
  ["a tab in the target", `GET /a\tb HTTP/1.1\r\nHost: x\r\n${CLOSE}`, 400],
  ["a target that is no ASCII", `GET /a\u00e9\u00ff HTTP/1.1\r\nHost: x\r\n${CLOSE}`, 400],
  ["no method", `FOO / HTTP/1.1\r\nHost: x\r\n${CLOSE}`, 400],
  ["TLS on a plain port", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000", 400],
  ["a long target", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n${CLOSE}`, 431],
  ["one long header", `${GET}X: ${"h".repeat(20_000)}\r\n${CLOSE}`, 431],
  ["very many headers", `${GET}${"a: b\r\n".repeat(4000)}${CLOSE}`, 431],
  ["an unknown expectation", `${POST}Expect: tea\r\nContent-Length: 3\r\n${CLOSE}abc`, 417],
];

/** Understood, the second request too: name, bytes, what the handler must have seen of both. */
const UNDERSTOOD: readonly (readonly [string, string, readonly string[]])[] = [
  ["a body by its length", `${POST}Content-Length: 3\r\n\r\nabc${SECOND}`, ["POST / abc", "GET /second "]],
  ["a body in chunks", `${CHUNKED}1;x=y\r\na\r\n2\r\nbc\r\n0\r\n\r\n${SECOND}`, ["POST / abc", "GET /second "]],
  ["GET with a body", `${GET}Content-Length: 3\r\n\r\nabc${SECOND}`, ["GET / abc", "GET /second "]],
  ["an absolute target", `GET http://x/p?q HTTP/1.1\r\nHost: evil\r\n\r\n${SECOND}`, ["GET /p ", "GET /second "]],
  ["an offer to upgrade", `${GET}Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n`, ["GET / "]],
  ["names of objects as headers", `${GET}__proto__: a\r\nconstructor: b\r\n\r\n${SECOND}`, ["GET / ", "GET /second "]],
  ["fifty requests at once", `${GET}\r\n`.repeat(49) + SECOND, [...Array<string>(49).fill("GET / "), "GET /second "]],
];

/** All cases of this file. */
export async function framingCases(suite: Suite): Promise<void> {
  const seen: string[] = [];
  const server = await startServer({
    port: 0,
    nowMs: () => 0,
    bounds: { headersMs: 2000, requestMs: 2000, idleMs: 2000 },
    handler: async ({ method, path, body }) => {
      seen.push(`${method} ${path} ${Buffer.from(body).toString("latin1")}`);
      return respondText(200, "ok");
    },
  });
  try {
    for (const [name, bytes, status] of REFUSED)
      await suite.case(`${name}: ${status}`, () => isRefused(server, seen, bytes, status));
    for (const [name, bytes, expected] of UNDERSTOOD)
      await suite.case(name, () => isUnderstood(server, seen, bytes, expected));
  } finally {
    await server.stop();
  }
}

async function isRefused({ port }: RunningServer, seen: string[], bytes: string, status: number): Promise<void> {
  seen.length = 0;
  const received = await sendRaw(port, bytes);
  const [first, ...others] = statusesOf(received);
  if (first !== status || others.length > 0)
    throw new Error(`expected ${status} and the end of the connection, got ${JSON.stringify(received)}`);
  if (seen.length > 0) throw new Error(`expected nothing to reach the handler, got ${seen.join(", ")}`);
}

async function isUnderstood(
  { port }: RunningServer,
  seen: string[],
  bytes: string,
  expected: readonly string[],
): Promise<void> {
  seen.length = 0;
  const statuses = statusesOf(await sendRaw(port, bytes));
  if (statuses.length !== expected.length || statuses.some((status) => status !== 200))
    throw new Error(`expected ${expected.length} answers of 200, got ${statuses.join(", ")}`);
  if (seen.join("\n") !== expected.join("\n"))
    throw new Error(`expected ${expected.join(", ")}, got ${seen.join(", ")}`);
}
