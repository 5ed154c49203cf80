/**
 * Signing when a service fails, each in every way, over real HTTP: who failed, where, what it said and what to do; and nothing
 * half done.
 *
 * An instance runs behind a front that hands every request on but those that it is told to spoil.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { deadAddress, sendHalf, sendJson, startServer } from "../src/clients/http/misbehaving-server.ts";
import type { SeenRequest } from "../src/clients/http/misbehaving-server.ts";
import { parseBundle } from "../src/formats/bundle/bundle.ts";
import { startInstance } from "../src/services/instance/start.ts";
import { CommandFolder } from "./command-world.ts";
import type { CommandOutcome } from "./command-world.ts";
import { fetchInstanceToken } from "./instance-login.ts";

const folder = new CommandFolder(Date.now);
const log = (): void => undefined;
const instance = await startInstance({ folder: folder.at("instance"), port: 0, dev: true, log });
/** A second instance, whose answers are well made and not to be believed. */
const stranger = await startInstance({ folder: folder.at("stranger"), port: 0, dev: true, log });
const front = await startServer({ after }, answerOrSpoil);
const TOKEN_TEXT = (await fetchInstanceToken(instance.url, "dev@example.com", Date.now)).reveal();
const TOKEN = folder.write("token", TOKEN_TEXT);
const STRANGERS_TOKEN = (await fetchInstanceToken(stranger.url, "dev@example.com", Date.now)).reveal();

after(async () => {
  await Promise.all([instance.stop(), stranger.stop()]);
  folder.remove();
});

type Honest = () => ReturnType<typeof handOn>;
type Spoiler = (response: ServerResponse, request: SeenRequest, honest: Honest, count: number) => unknown;

let spoiler: { readonly path: RegExp; readonly spoil: Spoiler; count: number } | undefined;

async function answerOrSpoil(response: ServerResponse, request: SeenRequest): Promise<void> {
  if (spoiler?.path.test(request.path) === true) {
    spoiler.count += 1;
    await spoiler.spoil(response, request, async () => handOn(request), spoiler.count);
    return;
  }
  const { status, type, body } = await handOn(request);
  response.writeHead(status, { "content-type": type }).end(body);
}

async function handOn(
  { method, path, headers, body }: SeenRequest,
  to = instance.url,
): Promise<{ readonly status: number; readonly type: string; readonly body: Buffer }> {
  const answer = await fetch(`${to}${path}`, {
    method,
    headers: { "content-type": headers["content-type"] ?? "", authorization: headers.authorization ?? "" },
    ...(method === "POST" && { body }),
  });
  const type = answer.headers.get("content-type") ?? "";
  return { status: answer.status, type, body: Buffer.from(await answer.arrayBuffer()) };
}

const trustedRoot = folder.write("root.json", readFileSync(folder.at("instance/trust/trusted_root.json"), "utf8"));
const honestConfig = readFileSync(folder.at("instance/trust/signing_config.json"), "utf8");

/** A signing config with the front, or another address, in place of the instance. */
function signingConfig(name: string, change: (text: string) => string): string {
  return folder.write(name, change(honestConfig));
}

const frontConfig = signingConfig("front.json", (text) => text.replaceAll(instance.url, front.url));
let runs = 0;

async function sign(config = frontConfig, words: readonly string[] = []): Promise<CommandOutcome & { file: string }> {
  const file = folder.write(`file-${(runs += 1)}`, `content ${runs}`);
  const services = ["--trusted-root", trustedRoot, "--signing-config", config, "--identity-token-file", TOKEN];
  return { ...(await folder.run(["sign", "--timeout", "1", ...services, ...words, file])), file };
}

async function signSpoiled(path: RegExp, spoil: Spoiler): Promise<CommandOutcome & { file: string; count: number }> {
  spoiler = { path, spoil, count: 0 };
  try {
    const outcome = await sign();
    return { ...outcome, count: spoiler.count };
  } finally {
    spoiler = undefined;
  }
}

/** Nothing was written, no token was shown, and what was said fits. */
function assertRefused({ talk, output, exitCode, file }: Awaited<ReturnType<typeof sign>>, code: number): void {
  assert.equal(exitCode, code, talk);
  assert.equal(output, "");
  assert.equal(existsSync(`${file}.sigstore.json`), false);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.startsWith(".")),
    [],
  );
  assert.ok(!talk.includes(TOKEN_TEXT.slice(0, 20)) && !talk.includes(TOKEN_TEXT.slice(-20)), "a token is shown");
  assert.match(talk, /^sigstore: (?:\S+: )?expected [^\n]+\n {2}\S/m, "what was expected, and below it what to do");
}

const SERVICES = [
  { service: "certificate authority", path: /signingCert/, field: "caUrls", repeats: false },
  { service: "timestamp authority", path: /timestamp/, field: "tsaUrls", repeats: true },
  { service: "transparency log", path: /log\/entries/, field: "rekorTlogUrls", repeats: true },
] as const;

test("the front is honest where it is not told otherwise", async () => {
  const { exitCode, talk } = await sign();
  assert.equal(exitCode, 0, talk);
});

for (const { service, path, field, repeats } of SERVICES) {
  const named = new RegExp(`${service} ${front.url}`);
  describe(`the ${service}`, () => {
    test("is down", async () => {
      const dead = await deadAddress();
      const config = signingConfig("dead.json", (text) => {
        const whole = JSON.parse(text) as Record<string, { url: string }[]>;
        for (const one of whole[field] ?? []) one.url = one.url.replace(instance.url, dead);
        return JSON.stringify(whole);
      });
      const outcome = await sign(config);
      assertRefused(outcome, 1);
      assert.match(outcome.talk, new RegExp(`${service} ${dead}[^\\n]*ECONNREFUSED[^\\n]*after 3 tries`));
      assert.match(outcome.talk, /is the service running/);
    });

    test("does not answer", async () => {
      const outcome = await signSpoiled(path, () => undefined);
      assertRefused(outcome, 1);
      assert.match(outcome.talk, named);
      assert.match(outcome.talk, /no whole answer in time/);
      assert.equal(outcome.count, repeats ? 3 : 1);
    });

    for (const status of [400, 401, 403, 404] as const) {
      test(`refuses with ${status}, once`, async () => {
        const outcome = await signSpoiled(path, (response) => sendJson(response, status, { message: "not today" }));
        assertRefused(outcome, 1);
        assert.match(outcome.talk, named);
        assert.match(outcome.talk, new RegExp(`status ${status}: not today`));
        assert.equal(outcome.count, 1);
      });
    }

    for (const status of [500, 503] as const) {
      test(`answers ${status}: again where that does no harm`, async () => {
        const outcome = await signSpoiled(path, (response) => sendJson(response, status, { message: "a fault" }));
        assertRefused(outcome, 1);
        assert.match(outcome.talk, new RegExp(`status ${status}: a fault`));
        // A 503 was surely not taken up; after a 500 of the certificate authority nobody knows.
        assert.equal(outcome.count, repeats || status === 503 ? 3 : 1);
      });
    }

    test("answers 429 with a time to wait, and is asked again after it", async () => {
      const outcome = await signSpoiled(path, async (response, _, honest, count) => {
        if (count === 1) return sendJson(response, 429, { message: "slowly" }, { "retry-after": "0" });
        const { status, type, body } = await honest();
        return response.writeHead(status, { "content-type": type }).end(body);
      });
      assert.equal(outcome.exitCode, 0, outcome.talk);
      assert.equal(outcome.count, 2);
    });

    test("asks to wait longer than anybody does", async () => {
      const outcome = await signSpoiled(path, (response) =>
        sendJson(response, 429, { message: "tomorrow" }, { "retry-after": "86400" }),
      );
      assertRefused(outcome, 1);
      assert.match(outcome.talk, /status 429: tomorrow/);
      assert.match(outcome.talk, /wait 86400 seconds/);
      assert.equal(outcome.count, 1);
    });

    test("hangs up in the middle", async () => {
      const outcome = await signSpoiled(path, async (response, _, honest) => {
        const { body } = await honest();
        sendHalf(response, body.toString("latin1").slice(0, 100));
      });
      assertRefused(outcome, 1);
      assert.match(outcome.talk, /broke before the answer was whole/);
    });

    test("answers something else, or shows the token", async () => {
      const outcome = await signSpoiled(path, (response, { headers }) =>
        sendJson(response, 200, { page: "hello", seen: headers.authorization ?? TOKEN_TEXT }),
      );
      assertRefused(outcome, 1);
      assert.match(outcome.talk, named);
    });

    test("sends us elsewhere", async () => {
      const outcome = await signSpoiled(path, (response) =>
        response.writeHead(307, { location: `${stranger.url}/elsewhere` }).end(),
      );
      assertRefused(outcome, 1);
      assert.match(outcome.talk, /a redirect to/);
    });

    test("is another instance's", async () => {
      const outcome = await signSpoiled(path, async (response, request) => {
        const headers = {
          ...request.headers,
          ...(request.headers.authorization && { authorization: `Bearer ${STRANGERS_TOKEN}` }),
        };
        const { status, type, body } = await handOn({ ...request, headers }, stranger.url);
        response.writeHead(status, { "content-type": type }).end(body);
      });
      assertRefused(outcome, 3);
      assert.match(outcome.talk, named);
      assert.match(outcome.talk, /that verifies/);
      assert.match(outcome.talk, /trust it anew/);
    });

    test("gives an answer of before", async () => {
      let before: { readonly type: string; readonly body: Buffer } | undefined;
      const replay: Spoiler = async (response, request) => {
        before ??= await handOn(request);
        response.writeHead(200, { "content-type": before.type }).end(before.body);
      };
      const first = await signSpoiled(path, replay);
      assert.equal(first.exitCode, 0, first.talk);
      const second = await signSpoiled(path, replay);
      assertRefused(second, 3);
      assert.match(second.talk, named);
    });
  });
}

describe("a log that lies", () => {
  for (const [what, pattern, replacement] of [
    ["about the index", /"logIndex":"\d+"/, '"logIndex":"7777"'],
    ["about its tree", /"rootHash":"[^"]{4}/, '"rootHash":"AAAA'],
    ["about the entry", /"canonicalizedBody":"[^"]{40}/, `"canonicalizedBody":"${"A".repeat(40)}`],
    ["with a checkpoint of nobody", /\\u2014 [^ ]+ [A-Za-z0-9+/]{8}/, "\\u2014 nobody AAAAAAAA"],
  ] as const) {
    test(what, async () => {
      const outcome = await signSpoiled(/log\/entries/, async (response, _, honest) => {
        const text = JSON.stringify(JSON.parse((await honest()).body.toString())).replace("—", String.raw`\u2014`);
        assert.match(text, pattern);
        response.writeHead(201, { "content-type": "application/json" }).end(text.replace(pattern, () => replacement));
      });
      assert.ok(outcome.exitCode === 3 || outcome.exitCode === 1, outcome.talk);
      assertRefused(outcome, outcome.exitCode);
      assert.match(outcome.talk, new RegExp(`transparency log ${front.url}`));
    });
  }
});

describe("several files", () => {
  test("of which one cannot be signed: the others are, and it is said which", async () => {
    const files = ["a", "b", "c", "d"].map((name) => folder.write(`several-${name}`, name));
    const words = ["--trusted-root", trustedRoot, "--signing-config", frontConfig, "--identity-token-file", TOKEN];
    spoiler = {
      path: /log\/entries/,
      count: 0,
      spoil: async (response, _, honest, count) => {
        if (count === 2) return sendJson(response, 400, { message: "not this one" });
        const { status, type, body } = await honest();
        return response.writeHead(status, { "content-type": type }).end(body);
      },
    };
    const { exitCode, talk, output } = await folder.run(["sign", ...words, ...files]);
    spoiler = undefined;
    assert.equal(exitCode, 1);
    assert.equal(files.filter((file) => existsSync(`${file}.sigstore.json`)).length, 3);
    assert.equal(output.match(/^signed: /gm)?.length, 3);
    assert.match(talk, /not this one/);
    const missing = files.find((file) => !existsSync(`${file}.sigstore.json`)) ?? "";
    assert.match(talk, new RegExp(`3 of 4 signed; not signed:\n  ${missing}\n$`));
  });

  test("with a log that is down are left after some failures", async () => {
    const files = Array.from({ length: 100 }, (_, index) => folder.write(`left-${index}`, `${index}`));
    const words = ["--trusted-root", trustedRoot, "--signing-config", frontConfig, "--identity-token-file", TOKEN];
    spoiler = { path: /log\/entries/, count: 0, spoil: (response) => sendJson(response, 400, { message: "closed" }) };
    const { exitCode, output } = await folder.run(["sign", "--json", ...words, ...files]);
    const { count } = spoiler;
    spoiler = undefined;
    assert.equal(exitCode, 1);
    const { items } = JSON.parse(output) as { items: { error: { code: string } }[] };
    assert.equal(items.length, 100);
    assert.ok(items.some(({ error }) => error.code === "cancelled"));
    assert.ok(count < 60, `asked ${count} times`);
  });
});

test("Ctrl-C leaves whole bundles or none, and says what was not signed", async () => {
  const files = Array.from({ length: 50 }, (_, index) => folder.write(`stopped-${index}`, `${index}`));
  const words = ["--trusted-root", trustedRoot, "--signing-config", frontConfig, "--identity-token-file", TOKEN];
  const { promise: hasBegun, resolve: begin } = Promise.withResolvers<undefined>();
  spoiler = {
    path: /log\/entries/,
    count: 0,
    // Ten are let through; the eleventh and all after it wait for ever.
    spoil: async (response, _, honest, count) => {
      if (count > 10) return begin(undefined);
      const { status, type, body } = await honest();
      return response.writeHead(status, { "content-type": type }).end(body);
    },
  };
  const program = new URL("../bin/sigstore.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, "sign", ...words, ...files], {
    env: { SIGSTORE_HOME: folder.at("home") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let talk = "";
  child.stderr.on("data", (chunk: Buffer) => {
    talk += chunk.toString();
  });
  await hasBegun;
  // The ten may still be on their way to the disk: the first of them shows that they come.
  while (!files.some((file) => existsSync(`${file}.sigstore.json`))) await sleep(10);
  child.kill("SIGINT");
  const [exitCode] = (await once(child, "close")) as [number | null];
  spoiler = undefined;
  assert.equal(exitCode, 130, talk);
  const written = files.filter((file) => existsSync(`${file}.sigstore.json`));
  assert.ok(written.length > 0 && written.length <= 10, `${written.length} written`);
  for (const file of written) parseBundle(readFileSync(`${file}.sigstore.json`));
  assert.match(talk, new RegExp(`${written.length} of 50 signed; not signed:`));
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.startsWith(".")),
    [],
  );
});

describe("an identity provider", () => {
  for (const [what, spoil, message] of [
    ["that is no provider", (response: ServerResponse) => sendJson(response, 404, {}), /status 404/],
    [
      "that says it is another",
      (response: ServerResponse) => sendJson(response, 200, { issuer: "https://other.example.com" }),
      /issuer/,
    ],
    ["that answers a page", (response: ServerResponse) => response.writeHead(200).end("<html>"), /identity provider/],
  ] as const) {
    test(`${what} is told`, async () => {
      spoiler = { path: /openid-configuration/, spoil, count: 0 };
      const { exitCode, talk } = await folder.run(["login", "--device", "--signing-config", frontConfig]);
      spoiler = undefined;
      assert.equal(exitCode, 1);
      assert.match(talk, new RegExp(`identity provider ${front.url}`));
      assert.match(talk, message);
    });
  }
});

describe("an instance that shows itself", () => {
  test("with two trusted roots is not trusted", async () => {
    const stealthy: Spoiler = async (response, request) => {
      const { body, type } = await handOn(request, stranger.url);
      response.writeHead(200, { "content-type": type }).end(body);
    };
    spoiler = { path: /trusted_root\.json/, spoil: stealthy, count: 0 };
    const { exitCode, talk } = await folder.run(["trust", "use", front.url, "--yes"]);
    spoiler = undefined;
    assert.equal(exitCode, 3);
    assert.match(talk, /two that differ/);
  });

  test("with a changed one is not trusted by --yes alone", async () => {
    const name = ["--name", "front"];
    assert.equal((await folder.run(["trust", "use", front.url, "--yes", ...name])).exitCode, 0);
    const stealthy: Spoiler = async (response, request) => {
      const { body, type } = await handOn(request, stranger.url);
      response.writeHead(200, { "content-type": type }).end(body);
    };
    spoiler = { path: /\/trust\//, spoil: stealthy, count: 0 };
    const { exitCode, talk } = await folder.run(["trust", "use", front.url, "--yes", ...name]);
    spoiler = undefined;
    assert.equal(exitCode, 2);
    assert.match(talk, /has changed/);
    assert.match(talk, new RegExp(`${stranger.fingerprintHex}[^]*${instance.fingerprintHex}`));
  });
});
