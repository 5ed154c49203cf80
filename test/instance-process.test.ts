/** The process of an instance: in the background, killed at any moment, told to end. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findViolations, readSchema } from "./scripts/json-schema.ts";

const COMMAND = join(dirname(fileURLToPath(import.meta.url)), "..", "bin", "sigstore.ts");
const folder = mkdtempSync(join(tmpdir(), "instance-process-"));
after(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly talk: string;
}

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...words], { stdio: ["ignore", "pipe", "pipe"] });
}

async function run(...words: readonly string[]): Promise<Outcome> {
  const child = start(words);
  let [output, talk] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (talk += chunk.toString()));
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, output, talk };
}

interface Running {
  readonly name: string;
  readonly url: string;
  readonly fingerprint: string;
  readonly isNew: boolean;
}

/** Starts an instance in the background; whoever calls ends it. */
async function up(data: string, ...words: readonly string[]): Promise<Running> {
  const { exitCode, output, talk } = await run("up", "--detach", "--dev", "--json", "--data", data, ...words);
  assert.equal(exitCode, 0, talk);
  return documentOf("running-instance", output) as unknown as Running;
}

/** An answer of `--json` that meets its schema. */
function documentOf(schema: string, output: string): Readonly<Record<string, unknown>> {
  const document = JSON.parse(output) as Record<string, unknown>;
  assert.deepEqual(findViolations(readSchema(`${schema}.json`), document), []);
  return document;
}

function pidOf(data: string): number {
  return (JSON.parse(readFileSync(join(data, "run.json"), "utf8")) as { pid: number }).pid;
}

describe("an instance in the background", () => {
  test("is healthy when the command returns, tells how it is, and ends when it is told to", async () => {
    const data = join(folder, "background");
    const { url } = await up(data, "--port", "0");
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const status = await run("status", "--json", "--data", data);
    assert.equal(status.exitCode, 0);
    const { isWell, services } = documentOf("instance-status", status.output);
    const well = (services as { isWell: boolean }[]).map((one) => one.isWell);
    assert.deepEqual([isWell, well], [true, [true, true, true, true, true]]);
    documentOf("instance-examination", (await run("doctor", "--json", "--data", data)).output);
    documentOf("instance-log", (await run("logs", "--json", "--data", data)).output);
    const second = await run("up", "--data", data);
    assert.equal(second.exitCode, 1);
    assert.match(second.talk, new RegExp(`held by process ${pidOf(data)}, which serves ${url}`));
    assert.match((await run("logs", "--data", data)).output, new RegExp(`serves ${url}`));
    const rotation = documentOf("ca-rotation", (await run("ca", "rotate", "--json", "--data", data)).output);
    assert.deepEqual([rotation["certificateAuthority"], rotation["isInUse"]], ["ca-2", true]);
    const end = documentOf("instance-end", (await run("down", "--json", "--data", data)).output);
    assert.equal(end["wasRunning"], true);
    await assert.rejects(fetch(`${url}/healthz`));
    const ended = await run("status", "--data", data);
    assert.deepEqual([ended.exitCode, ended.output.startsWith("not running")], [1, true]);
    assert.match((await run("down", "--data", data)).output, /^nothing to end/);
  });

  test("that cannot start says why", async () => {
    const taken = await up(join(folder, "taken"), "--port", "0");
    const { port } = new URL(taken.url);
    const { exitCode, talk } = await run("up", "--detach", "--data", join(folder, "late"), "--port", port);
    await run("down", "--data", join(folder, "taken"));
    assert.equal(exitCode, 1);
    assert.match(talk, new RegExp(`expected to listen on 127\\.0\\.0\\.1:${port}, got: somebody else listens there`));
  });

  test("that was killed goes on with the same keys and logs", async () => {
    const data = join(folder, "killed");
    const first = await up(data, "--port", "0");
    process.kill(pidOf(data), "SIGKILL");
    const second = await up(data);
    assert.deepEqual(
      [second.name, second.url, second.fingerprint, second.isNew],
      [first.name, first.url, first.fingerprint, false],
    );
    await run("down", "--data", data);
  });
});

test("a first start that is killed at any moment is taken up, or begun anew", async () => {
  const seen = new Set<boolean>();
  for (const delayMs of [80, 150, 220, 320]) {
    const data = join(folder, `first-${delayMs}`);
    const child = start(["up", "--dev", "--port", "0", "--data", data]);
    await sleep(delayMs);
    child.kill("SIGKILL");
    await once(child, "close");
    const { url, isNew, fingerprint } = await up(data, "--port", "0");
    seen.add(isNew);
    assert.equal((await fetch(`${url}/healthz`)).status, 200, `killed after ${delayMs} ms`);
    await run("down", "--data", data);
    const again = await up(data, "--port", "0");
    assert.deepEqual([again.isNew, again.fingerprint], [false, fingerprint]);
    await run("down", "--data", data);
  }
  assert.equal(seen.has(true), true, "some kills came before the first start was through");
});

test("a service alone serves by its configuration, and ends by a signal", async () => {
  const data = join(folder, "alone");
  await up(data, "--port", "0");
  await run("down", "--data", data);
  const config = join(folder, "tsa.json");
  const settings = { certificateChain: "alone/tsa/tsa-1.pem", privateKey: "alone/keys/tsa-1.pem", port: 0 };
  writeFileSync(config, JSON.stringify(settings));
  const child = start(["serve", "tsa", "--config", config, "--json"]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  while (!output.includes("\n}")) await once(child.stdout ?? child, "data");
  const { port } = documentOf("running-service", output);
  const chain = await fetch(`http://localhost:${String(port)}/api/v1/timestamp/certchain`);
  assert.equal(await chain.text(), readFileSync(join(data, "tsa/tsa-1.pem"), "utf8"));
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "close"), [0, null]);
});

test("an authority of its own making is named to whoever is to trust the instance", async () => {
  const data = join(folder, "tls");
  const { exitCode, output, talk } = await run("up", "--detach", "--tls", "--port", "0", "--data", data);
  await run("down", "--data", data);
  assert.equal(exitCode, 0, talk);
  assert.match(output, /^ {2}sigstore trust use https:\/\/localhost:\d+ --ca-file \S+\/tls\/trust\/tls-ca\.pem$/m);
  assert.match((await run("status", "--data", data)).output, /start it with: sigstore up --data \S+\/tls$/m);
});

test("what systemd starts has its data where it may write, its files as credentials, and a low port", async () => {
  const words = ["--data", "/srv/x", "--port", "443", "--tls-cert=/etc/c.pem", "--tls-key", "/etc/k.pem"];
  const { output } = await run("up", "--print", "systemd", ...words);
  assert.match(output, / up --data %S\/sigstore --port 443 --tls-cert %d\/tls-cert --tls-key %d\/tls-key\n/);
  assert.match(output, /^LoadCredential=tls-cert:\/etc\/c\.pem\nLoadCredential=tls-key:\/etc\/k\.pem$/m);
  assert.match(output, /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
  assert.doesNotMatch((await run("up", "--print", "systemd")).output, /CAP_NET|^LoadCredential=/m);
});

test("a signal ends an instance in the terminal in good order", async () => {
  const child = start(["up", "--dev", "--port", "0", "--data", join(folder, "terminal")]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  while (!output.includes("Ctrl-C ends it")) await once(child.stdout ?? child, "data");
  child.kill("SIGINT");
  assert.deepEqual(await once(child, "close"), [0, null]);
});
