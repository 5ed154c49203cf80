import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommandLine } from "./main.ts";
import { internalError, writeJson } from "./output.ts";
import { Progress } from "./progress.ts";
import type { World } from "./world.ts";

interface Recorder extends World {
  output: string;
  talk: string;
}

function recorder(overrides: Partial<World> = {}): Recorder {
  const world: Recorder = {
    environment: {},
    inputDescriptor: 0,
    outputIsTerminal: false,
    talkIsTerminal: false,
    nowMs: () => 0,
    output: "",
    talk: "",
    writeOutput(text) {
      world.output += text;
    },
    writeTalk(text) {
      world.talk += text;
    },
    ...overrides,
  };
  return world;
}

/** A world that breaks while a result is written stands for every bug of ours. */
function breaking(environment: Record<string, string>): Recorder {
  return recorder({
    environment,
    writeOutput: () => {
      throw new RangeError("the sky fell\nsecond line");
    },
  });
}

test("a bug is one line that says so, with exit code 1", async () => {
  const world = breaking({});
  assert.equal(await runCommandLine(["version"], world), 1);
  assert.match(
    world.talk,
    /^sigstore: expected no such thing to happen, got: the sky fell\n {2}this is a bug of ours: .*SIGSTORE_DEBUG=1.*\n$/,
  );
});

test("SIGSTORE_DEBUG shows the stack", async () => {
  const world = breaking({ SIGSTORE_DEBUG: "1" });
  assert.equal(await runCommandLine(["version"], world), 1);
  assert.match(world.talk, /^ +at /m);
});

test("what is thrown need not be an Error", () => {
  assert.match(internalError("text").message, /got: text$/);
});

test("JSON on a terminal moves no cursor either", () => {
  const world = recorder();
  const value = { subject: "a\u202e\u009b\u001b\u{e0041}é" };
  writeJson(world, value);
  assert.equal(world.output, '{\n  "subject": "a\\u202e\\u009b\\u001b\\udb40\\udc41é"\n}\n');
  assert.deepEqual(JSON.parse(world.output), value);
});

test("progress shows after a second, on a terminal only, and goes away", () => {
  let nowMs = 0;
  const mebibyte = 1024 * 1024;
  const world = recorder({ talkIsTerminal: true, nowMs: () => nowMs });
  const progress = new Progress(world);
  progress.listener?.(1024, 600 * mebibyte);
  assert.equal(world.talk, "");
  nowMs = 1500;
  progress.listener?.(300 * mebibyte, 600 * mebibyte);
  nowMs = 1501;
  progress.listener?.(301 * mebibyte, 600 * mebibyte);
  progress.end();
  assert.equal(world.talk, "\r\u001b[Kreading… 300 of 600 MiB (50 %)\r\u001b[K");
  assert.equal(new Progress(recorder()).listener, undefined);
});

test("progress of a pipe tells no share", () => {
  let nowMs = 0;
  const world = recorder({ talkIsTerminal: true, nowMs: () => nowMs });
  const progress = new Progress(world);
  nowMs = 1500;
  progress.listener?.(300 * 1024 * 1024, 0);
  assert.equal(world.talk, "\r\u001b[Kreading… 300 MiB");
});
