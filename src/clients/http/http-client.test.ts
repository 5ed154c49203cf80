/** Services that are down, slow, overloaded, half, too large, elsewhere, or that say too much. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError, type SigstoreError } from "../../errors.ts";
import { HttpClient, type HttpOptions } from "./http-client.ts";
import type { HttpRequest } from "./http-request.ts";
import {
  type Behaviour,
  deadAddress,
  type LocalServer,
  sendHalf,
  sendJson,
  startServer,
} from "./misbehaving-server.ts";

const FAST: HttpOptions = { timeoutMs: 300, firstWaitMs: 1, random: () => 0.5 };

function requestTo(url: string, extra: Partial<HttpRequest> = {}): HttpRequest {
  return { service: "test service", method: "GET", url, maxBytes: 1000, repeat: "always", ...extra };
}

function clientFor(scope: TestContext, options: HttpOptions = {}): HttpClient {
  const client = new HttpClient({ ...FAST, ...options });
  scope.after(() => client.close());
  return client;
}

/** Asks a server that behaves so; returns the answer's text or the error, and the server. */
async function ask(
  scope: TestContext,
  behaviour: Behaviour,
  extra: Partial<HttpRequest> = {},
  options: HttpOptions = {},
): Promise<{ text: string; error: SigstoreError | undefined; server: LocalServer }> {
  const server = await startServer(scope, behaviour);
  try {
    const { bytes } = await clientFor(scope, options).send(requestTo(`${server.url}/a?q=secret`, extra));
    return { text: utf8Decode(bytes), error: undefined, server };
  } catch (error) {
    assert.ok(isSigstoreError(error), String(error));
    assert.ok(error.hint !== undefined || error.code === "cancelled", error.message);
    assert.ok(!error.message.includes("q=secret"));
    return { text: "", error, server };
  }
}

describe("answers", () => {
  test("a whole one, with what was asked", async (scope) => {
    const extra = { method: "POST", body: "ä", headers: { "x-test": "1" } } as const;
    const { text, server } = await ask(scope, (response, { body }) => response.end(`got ${body.toString()}`), extra);
    assert.equal(text, "got ä");
    const [seen] = server.requests;
    assert.deepEqual([seen?.headers["x-test"], seen?.headers["content-length"]], ["1", "2"]);
  });

  test("one with a status that the caller understands", async (scope) => {
    const { text } = await ask(scope, (response) => sendJson(response, 409, "there"), { understood: [409] });
    assert.equal(text, '"there"');
  });

  test("one larger than the caller takes is not read to its end", async (scope) => {
    const { error, server } = await ask(scope, (response) => response.end("x".repeat(1_000_000)));
    assert.equal(error?.code, "service-answer-invalid");
    assert.match(error?.message ?? "", /more than 1000 bytes/);
    assert.equal(server.requests.length, 1);
  });
});

describe("what is tried again", () => {
  for (const status of [429, 503]) {
    test(`status ${status}, whatever the request does`, async (scope) => {
      const behaviour: Behaviour = (response, _request, count) => sendJson(response, count < 3 ? status : 200, {});
      const { text, server } = await ask(scope, behaviour, { repeat: "untaken", method: "POST" });
      assert.deepEqual([text, server.requests.length], ["{}", 3]);
    });
  }

  for (const status of [408, 500, 502, 504]) {
    test(`status ${status}, only where it does no harm`, async (scope) => {
      const behaviour: Behaviour = (response, _request, count) => sendJson(response, count < 2 ? status : 200, {});
      assert.equal((await ask(scope, behaviour)).server.requests.length, 2);
      const once = await ask(scope, behaviour, { repeat: "untaken" });
      assert.deepEqual([once.error?.code, once.server.requests.length], ["service-unavailable", 1]);
    });
  }

  for (const status of [400, 401, 403, 404, 413, 422, 501]) {
    test(`not status ${status}`, async (scope) => {
      const { error, server } = await ask(scope, (response) =>
        sendJson(response, status, { message: "no\u001b[31m\nway" }),
      );
      assert.deepEqual([error?.code, server.requests.length], ["service-refused", 1]);
      assert.match(
        error?.message ?? "",
        /expected the test service http:\/\/localhost:\d+\/a to take the request, got status \d+: no \[31m way$/,
      );
      assert.deepEqual([error?.details["status"], error?.details["service"]], [status, "test service"]);
    });
  }

  test("an end to the tries", async (scope) => {
    const { error, server } = await ask(scope, (response) => response.writeHead(503).end("sorry"));
    assert.deepEqual([error?.code, server.requests.length], ["service-unavailable", 3]);
    assert.match(error?.message ?? "", /status 503: sorry \(after 3 tries\)/);
  });

  test("half an answer, only where it does no harm", async (scope) => {
    const behaviour: Behaviour = (response, _request, count) => {
      if (count === 1) sendHalf(response, "half");
      else response.end("whole");
    };
    assert.equal((await ask(scope, behaviour)).text, "whole");
    const { error } = await ask(scope, behaviour, { repeat: "untaken" });
    assert.equal(error?.code, "service-answer-invalid");
    assert.match(error?.message ?? "", /expected an answer of the test service http:\/\/localhost/);
  });

  test("a connection that breaks before the answer", async (scope) => {
    const behaviour: Behaviour = (response, _request, count) =>
      count === 1 ? response.destroy() : response.end("whole");
    assert.equal((await ask(scope, behaviour)).text, "whole");
    assert.equal((await ask(scope, behaviour, { repeat: "untaken" })).error?.code, "service-answer-invalid");
  });

  test("nobody there", async (scope) => {
    const request = requestTo(await deadAddress(), { repeat: "untaken" });
    await assert.rejects(clientFor(scope).send(request), (error: SigstoreError) => {
      assert.equal(error.code, "service-unreachable");
      assert.match(error.message, /ECONNREFUSED.*\(after 3 tries\)/);
      return true;
    });
  });
});

describe("time", () => {
  const silent: Behaviour = () => undefined;

  test("a silent service, once where a repetition might do harm", async (scope) => {
    const { error, server } = await ask(scope, silent, { repeat: "untaken" }, { timeoutMs: 50 });
    assert.deepEqual([error?.code, server.requests.length], ["service-timeout", 1]);
    assert.match(error?.message ?? "", /no whole answer in time/);
  });

  test("one that begins and does not end", async (scope) => {
    const { error } = await ask(scope, (response) => response.write("begin"), {}, { timeoutMs: 50, tries: 2 });
    assert.equal(error?.code, "service-timeout");
  });

  test("Retry-After is waited for, in seconds or as a date", async (scope) => {
    const date = new Date(1_772_366_400_000).toUTCString();
    for (const headers of [{ "retry-after": "0" }, { "retry-after": date, date }]) {
      const behaviour: Behaviour = (response, _request, count) =>
        sendJson(response, count < 2 ? 429 : 200, {}, headers);
      assert.equal((await ask(scope, behaviour)).text, "{}");
    }
  });

  test("a wait that is too long is told, not kept", async (scope) => {
    const { error, server } = await ask(scope, (response) => sendJson(response, 429, {}, { "retry-after": "3600" }));
    assert.deepEqual([error?.code, server.requests.length], ["service-unavailable", 1]);
    assert.match(error?.hint ?? "", /3600 seconds/);
    assert.equal(error?.details["retryAfterMs"], 3_600_000);
  });

  test("the caller's end: before, during the answer, between tries", async (scope) => {
    assert.equal((await ask(scope, silent, { signal: AbortSignal.abort() })).error?.code, "cancelled");
    assert.equal((await ask(scope, silent, { signal: AbortSignal.timeout(20) })).error?.code, "cancelled");
    const busy: Behaviour = (response) => sendJson(response, 503, {}, { "retry-after": "5" });
    assert.equal((await ask(scope, busy, { signal: AbortSignal.timeout(50) })).error?.code, "cancelled");
  });
});

describe("redirects", () => {
  function redirectTo(location: string, status = 302): Behaviour {
    return (response, { path }) =>
      path.startsWith("/a") ? response.writeHead(status, { location }).end() : response.end("there");
  }

  test("are followed on the same origin, with a secret too", async (scope) => {
    assert.equal((await ask(scope, redirectTo("/b"), { secrets: ["s3cr3t"] })).text, "there");
    assert.equal((await ask(scope, redirectTo("/b", 307), { method: "POST", body: "x" })).text, "there");
  });

  test("are followed elsewhere where nothing is carried", async (scope) => {
    const other = await startServer(scope, (response) => response.end("elsewhere"));
    assert.equal((await ask(scope, redirectTo(`${other.url}/b`))).text, "elsewhere");
  });

  for (const [what, extra] of [
    ["a secret", { secrets: ["s3cr3t"] }],
    ["a body", { method: "POST", body: "x" }],
  ] as const) {
    test(`are not followed elsewhere with ${what}`, async (scope) => {
      const other = await startServer(scope, (response) => response.end("elsewhere"));
      for (const status of [302, 307]) {
        const { error } = await ask(scope, redirectTo(`${other.url}/b?t=1`, status), extra);
        assert.equal(error?.code, "service-answer-invalid");
        assert.ok(error?.message.includes(`${other.url}/b`) && !error.message.includes("t=1"), error?.message);
      }
      assert.equal(other.requests.length, 0);
    });
  }

  for (const [what, location, status] of [
    ["in circles", "/a", 302],
    ["to no address", "http://", 302],
    ["to a file", "file:///etc/passwd", 302],
    ["from POST to GET", "/b", 303],
  ] as const) {
    test(`are not followed ${what}`, async (scope) => {
      const extra = status === 303 ? ({ method: "POST", body: "x" } as const) : {};
      const { error, server } = await ask(scope, redirectTo(location, status), extra);
      assert.equal(error?.code, "service-answer-invalid");
      assert.ok(server.requests.length <= 6);
    });
  }
});

describe("secrets", () => {
  const token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.c2ln";

  test("are cut out of what a service says", async (scope) => {
    for (const said of [{ message: `bad ${token}` }, { error_description: `bad ${token.slice(0, 30)}` }]) {
      const { error } = await ask(scope, (response) => sendJson(response, 400, said), { secrets: [token] });
      assert.ok(!JSON.stringify([error?.message, error?.details]).includes(token.slice(0, 12)), error?.message);
    }
    const { error } = await ask(scope, (response) => response.writeHead(400).end("code=s3cr3t!"), {
      secrets: ["s3cr3t!"],
    });
    assert.match(error?.message ?? "", /code=\[secret\]$/);
  });

  test("are not sent over plain http to another machine", async (scope) => {
    const client = clientFor(scope);
    for (const host of ["example.test", "localhost.example.test", "127.evil.test", "10.0.0.1"]) {
      const sending = client.send(requestTo(`http://${host}/`, { secrets: ["s3cr3t"] }));
      await assert.rejects(sending, { code: "service-unreachable", message: /expected an https address/ });
    }
    await assert.rejects(client.send(requestTo("ftp://localhost/", { secrets: ["s3cr3t"] })), TypeError);
  });
});

describe("proxies", () => {
  test("are used for what they are for, from the environment that is handed in", async (scope) => {
    const proxy = await startServer(scope, (response, { path }) => response.end(`proxied ${path}`));
    const environment = { HTTP_PROXY: proxy.url, NO_PROXY: "localhost" };
    const client = clientFor(scope, { environment });
    const { bytes } = await client.send(requestTo("http://service.example.test/x"));
    assert.equal(utf8Decode(bytes), "proxied http://service.example.test/x");
    const direct = await startServer(scope, (response) => response.end("direct"));
    assert.equal(utf8Decode((await client.send(requestTo(direct.url))).bytes), "direct");
  });

  test("never see what is asked of this machine, such as a token over plain http", async (scope) => {
    const proxy = await startServer(scope, (response) => response.end("proxied"));
    const client = clientFor(scope, { environment: { HTTP_PROXY: proxy.url, http_proxy: proxy.url } });
    const here = await startServer(scope, (response) => response.end("direct"));
    const { port } = new URL(here.url);
    for (const host of ["localhost", "log.localhost", "127.0.0.1"]) {
      const request = requestTo(`http://${host}:${port}/`, {
        secrets: ["s3cr3t"],
        headers: { authorization: "s3cr3t" },
      });
      assert.equal(utf8Decode((await client.send(request)).bytes), "direct", host);
    }
    assert.deepEqual(proxy.requests, []);
  });

  test("that refuse are told", async (scope) => {
    const proxy = await startServer(scope, (response) => response.writeHead(403).end());
    const client = clientFor(scope, { environment: { https_proxy: proxy.url } });
    await assert.rejects(client.send(requestTo("https://service.example.test/")), { code: "service-unreachable" });
  });
});
