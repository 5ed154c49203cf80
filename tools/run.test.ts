/** The launcher: which Node it takes, what it hands on, and what it says when there is none. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "./files.ts";

const PRETEND_OLD = `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})`;
const checkout = mkdtempSync(join(tmpdir(), "sigstore-launcher-"));
after(() => rmSync(checkout, { recursive: true, force: true }));
mkdirSync(join(checkout, "tools"));
const launcher = join(checkout, "tools", "run.mjs");
copyFileSync(join(ROOT, "tools", "run.mjs"), launcher);

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the copied launcher, as if by Node 20, with only this on PATH. */
function launchByOldNode(path: string, ...args: string[]): Outcome {
  const options = { env: { PATH: path }, encoding: "utf8" as const };
  return spawnSync(process.execPath, ["--import", PRETEND_OLD, launcher, ...args], options);
}

/** An executable called node that tells this version, and else what it was given. */
function makeNode(folder: string, version: string): string {
  const path = join(checkout, folder, "node");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "${folder} ran: $*"\n`);
  chmodSync(path, 0o755);
  return dirname(path);
}

test("without any Node that is new enough it says in one line what is missing", () => {
  const { status, stdout, stderr } = launchByOldNode(makeNode("old", "v22.1.0"), "x.ts");
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^sigstore-ts needs Node 24 or newer .*found only 20\.20\.2: run "npm ci".* newer node on PATH\n$/,
  );
  assert.equal(stderr.split("\n").length, 2);
});

test("a newer Node on PATH is taken, the pinned package before it, and one that cannot run is passed over", () => {
  const onPath = `${makeNode("older", "v18.0.0")}:${makeNode("newer", "v26.0.0")}`;
  assert.equal(launchByOldNode(onPath, "x.ts", "--flag").stdout, "newer ran: x.ts --flag\n");
  const pinned = makeNode(`node_modules/node-${process.platform}-${process.arch}/bin`, "v24.21.0");
  assert.match(launchByOldNode(onPath, "x.ts").stdout, /bin ran: x.ts\n$/);
  writeFileSync(join(pinned, "node"), "made for another machine");
  assert.equal(launchByOldNode(onPath, "x.ts").stdout, "newer ran: x.ts\n");
});

test("arguments, exit code and the right Node on PATH are handed on", () => {
  const script =
    "process.stdout.write(process.argv.slice(1).join() + process.env.PATH.split(':')[0]); process.exitCode = 7;";
  const run = [join(ROOT, "tools", "run.mjs"), "-e", script, "a b", "--c"];
  const { status, stdout } = spawnSync(process.execPath, run, { encoding: "utf8" });
  assert.equal(status, 7);
  assert.equal(stdout, `a b,--c${dirname(process.execPath)}`);
});

test("a signal that ends the program is told by the exit code", () => {
  const run = [
    join(ROOT, "tools", "run.mjs"),
    "-e",
    "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1000);",
  ];
  assert.equal(spawnSync(process.execPath, run).status, 143);
});

test("a development tool is called by its name", () => {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "tools", "run.mjs"), "tsc", "--version"], {
    encoding: "utf8",
  });
  assert.equal(status, 0);
  assert.match(stdout, /^Version 7/);
});
