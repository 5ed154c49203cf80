/** What reaches a handler, and what clients get that send too much, too little, too slowly or nonsense. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { utf8Decode } from "../../encoding/text.ts";
import { respondText, type ServiceHandler, type ServiceRequest } from "./message.ts";
import { type RunningServer, type ServedRequest, type ServerBounds, startServer } from "./server.ts";

const echo: ServiceHandler = async ({ method, path, query, body }) =>
  respondText(200, `${method} ${path} ${query} ${utf8Decode(body)}`);

async function withServer(
  handler: ServiceHandler,
  run: (server: RunningServer, served: ServedRequest[]) => Promise<void>,
  bounds: Partial<ServerBounds> = {},
): Promise<void> {
  const served: ServedRequest[] = [];
  const server = await startServer({
    handler,
    port: 0,
    bounds,
    nowMs: () => 0,
    observe: (one) => served.push(one),
  });
  try {
    await run(server, served);
  } finally {
    await server.stop();
  }
}

/** Sends raw bytes and returns all that comes back until the connection ends. */
function sendRaw({ port }: RunningServer, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.on("data", (bytes: Buffer) => (received += bytes.toString("latin1")));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
    for (const part of parts) socket.write(part);
  });
}

function urlOf({ port }: RunningServer, path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

test("a request reaches its handler whole, and the answer its client", async () => {
  await withServer(echo, async (server, served) => {
    const answer = await fetch(urlOf(server, "/a/b%20c?d=e&f"), { method: "POST", body: "hello" });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "POST /a/b%20c d=e&f hello");
    assert.deepEqual(served, [
      {
        method: "POST",
        path: "/a/b%20c",
        status: 200,
        requestBytes: 5,
        responseBytes: 25,
        elapsedMs: 0,
        remoteAddress: "127.0.0.1",
      },
    ]);
  });
});

const hasIpv6 = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .some(({ address }) => address === "::1");

test("a second address answers at the same port, and ends with the first", { skip: !hasIpv6 }, async () => {
  const server = await startServer({ handler: echo, port: 0, secondHost: "::1", nowMs: () => 0 });
  const hosts = ["127.0.0.1", "[::1]"];
  const ask = (host: string): Promise<Response> => fetch(`http://${host}:${server.port}/`);
  for (const host of hosts) assert.equal((await ask(host)).status, 200, host);
  await server.stop();
  for (const host of hosts) await assert.rejects(ask(host), TypeError, host);
});

test(
  "a port that is taken at the second address is taken, and the first is let go of",
  { skip: !hasIpv6 },
  async () => {
    const other = await startServer({ handler: echo, host: "::1", port: 0, nowMs: () => 0 });
    const { port } = other;
    try {
      const starting = startServer({ handler: echo, port, secondHost: "::1", nowMs: () => 0 });
      await assert.rejects(starting, { code: "EADDRINUSE", address: "::1" });
      await (await startServer({ handler: echo, port, nowMs: () => 0 })).stop();
    } finally {
      await other.stop();
    }
  },
);

test("a second address that this machine does not have is done without", async () => {
  const server = await startServer({ handler: echo, port: 0, secondHost: "192.0.2.1", nowMs: () => 0 });
  assert.equal((await fetch(urlOf(server, "/"))).status, 200);
  await server.stop();
});

test("headers are in lower case, and several of one name are joined", async () => {
  let seen: ServiceRequest | undefined;
  const handler: ServiceHandler = async (request) => {
    seen = request;
    return respondText(200, "");
  };
  await withServer(handler, async (server) => {
    await sendRaw(server, "GET / HTTP/1.1\r\nHost: x\r\nX-One: a\r\nx-one: b\r\nConnection: close\r\n\r\n");
    assert.equal(seen?.headers["x-one"], "a, b");
  });
});

test("HEAD has the length of the answer and no body", async () => {
  await withServer(echo, async (server) => {
    const answer = await fetch(urlOf(server, "/"), { method: "HEAD" });
    assert.equal(answer.headers.get("content-length"), "8");
    assert.equal(await answer.text(), "");
  });
});

test("a handler that throws is answered 500, and its words stay here", async () => {
  const handler: ServiceHandler = async () => Promise.reject(new Error("the password is swordfish"));
  await withServer(handler, async (server, served) => {
    const answer = await fetch(urlOf(server, "/"));
    assert.equal(answer.status, 500);
    assert.deepEqual(await answer.json(), { code: 13, message: "internal error", details: [] });
    assert.match(String(served[0]?.error), /swordfish/);
  });
});

test("a body over the limit is 413 that names limit and size; the connection goes on", async () => {
  await withServer(
    echo,
    async (server) => {
      const answer = await fetch(urlOf(server, "/"), { method: "POST", body: "x".repeat(101) });
      assert.equal(answer.status, 413);
      assert.match(await answer.text(), /expected at most 100 bytes, got 101/);
      assert.equal((await fetch(urlOf(server, "/"), { method: "POST", body: "x".repeat(100) })).status, 200);
      const chunked = `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${"64\r\n".concat("y".repeat(100), "\r\n").repeat(3)}0\r\n\r\n`;
      const both = await sendRaw(server, chunked, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assert.match(both, /^HTTP\/1.1 413[^]*HTTP\/1.1 200/);
    },
    { bodyBytes: 100 },
  );
});

test("a body without end is cut off", async () => {
  await withServer(
    echo,
    async (server) => {
      const endless = await sendRaw(
        server,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        `2000\r\n${"z".repeat(0x2000)}\r\n`,
      );
      assert.match(endless, /^HTTP\/1.1 413[^]*connection: close/i);
      const announced = await sendRaw(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
      assert.match(announced, /^HTTP\/1.1 413/);
    },
    { bodyBytes: 100 },
  );
});

test("a client that withholds its headers or its body is let go", async () => {
  await withServer(
    echo,
    async (server) => {
      assert.match(await sendRaw(server, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow"), /^HTTP\/1.1 408/);
      assert.match(
        await sendRaw(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"),
        /^HTTP\/1.1 408/,
      );
      assert.match(await (await fetch(urlOf(server, "/"))).text(), /GET/);
    },
    { headersMs: 100, requestMs: 200 },
  );
});

test("nonsense, too many headers and smuggled lengths are refused", async () => {
  await withServer(echo, async (server) => {
    for (const [raw, status] of [
      ["hello\r\n\r\n", 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"h".repeat(20_000)}\r\n\r\n`, 431],
      ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
      ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400],
      ["GET / HTTP/1.1\r\n\r\n", 400],
      [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), 400],
    ] as const)
      assert.match(await sendRaw(server, raw), new RegExp(`^HTTP/1.1 ${status}`), String(raw).slice(0, 40));
  });
});

test("pipelined requests are answered in their order", async () => {
  const slowFirst: ServiceHandler = async ({ path }) => {
    if (path === "/1")
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    return respondText(200, `<${path}>`);
  };
  await withServer(slowFirst, async (server) => {
    const one = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
    const all = await sendRaw(server, one("/1") + one("/2") + one("/3", "Connection: close\r\n"));
    assert.deepEqual(all.match(/<\/\d>/g), ["</1>", "</2>", "</3>"]);
  });
});

test("a server that stops lets a request end, and takes no new one", async () => {
  const gate = Promise.withResolvers<undefined>();
  const waiting: ServiceHandler = async () => {
    await gate.promise;
    return respondText(200, "done");
  };
  const server = await startServer({ handler: waiting, port: 0, nowMs: () => 0 });
  const answer = fetch(urlOf(server, "/"));
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  const stopped = server.stop();
  await assert.rejects(fetch(urlOf(server, "/")));
  gate.resolve(undefined);
  assert.equal(await (await answer).text(), "done");
  await stopped;
});

test("a port that is taken is told", async () => {
  await withServer(echo, async ({ port }) => {
    await assert.rejects(startServer({ handler: echo, port, nowMs: () => 0 }), { code: "EADDRINUSE" });
  });
});

test("requests of one connection wait for each other; those of others do not", async () => {
  const gate = Promise.withResolvers<undefined>();
  const begun: string[] = [];
  const waiting: ServiceHandler = async ({ path }) => {
    begun.push(path);
    if (path === "/1") await gate.promise;
    return respondText(200, path);
  };
  await withServer(waiting, async (server) => {
    const one = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
    const both = sendRaw(server, one("/1") + one("/2", "Connection: close\r\n"));
    while (!begun.includes("/1"))
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    assert.equal(await (await fetch(urlOf(server, "/3"))).text(), "/3");
    assert.deepEqual(begun, ["/1", "/3"]);
    gate.resolve(undefined);
    assert.match(await both, /\/1HTTP[^]*\/2$/);
  });
});

test("a server that stops says good-bye to connections that would ask on", async () => {
  const gate = Promise.withResolvers<undefined>();
  const begun = Promise.withResolvers<undefined>();
  const waiting: ServiceHandler = async () => {
    begun.resolve(undefined);
    await gate.promise;
    return respondText(200, "done");
  };
  const server = await startServer({ handler: waiting, port: 0, nowMs: () => 0 });
  const answer = sendRaw(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await begun.promise;
  const stopped = server.stop();
  gate.resolve(undefined);
  assert.match(await answer, /^HTTP\/1.1 200[^]*connection: close[^]*done$/i);
  await stopped;
});

test("a server that stops does not wait for connections that never asked anything", async () => {
  const server = await startServer({ handler: echo, port: 0, nowMs: () => 0, bounds: { stopMs: 600_000 } });
  const answer = sendRaw(server, "");
  const half = sendRaw(server, "GET / HTTP/1.1\r\nHost");
  await sendRaw(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await server.stop();
  assert.deepEqual(await Promise.all([answer, half]), ["", ""]);
});

test("an absolute target counts, not the Host beside it; what two servers would read differently is refused", async () => {
  const hosts: unknown[] = [];
  const handler: ServiceHandler = async ({ path, headers }) => {
    hosts.push(headers["host"]);
    return respondText(200, path);
  };
  await withServer(handler, async (server) => {
    const close = "Connection: close\r\n\r\n";
    assert.match(await sendRaw(server, `GET http://a.example HTTP/1.1\r\nHost: b\r\n${close}`), /\r\n\r\n\/$/);
    assert.match(await sendRaw(server, `GET HTTPS://a.example:1/p?q HTTP/1.1\r\nHost: b\r\n${close}`), /\r\n\r\n\/p$/);
    assert.deepEqual(hosts, ["a.example", "a.example:1"]);
    for (const [raw, status] of [
      [`GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n${close}`, 400],
      [`GET / HTTP/1.1\r\nHost: a b\r\n${close}`, 400],
      [`OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}`, 400],
      [`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n${close}0\r\n\r\n`, 501],
      [`GET / HTTP/1.1\r\nHost: a\r\n${"a: b\r\n".repeat(200)}${close}`, 431],
    ] as const)
      assert.match(await sendRaw(server, raw), new RegExp(`^HTTP/1.1 ${status}`), raw.slice(0, 60));
    assert.equal(hosts.length, 2);
  });
});
