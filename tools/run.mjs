/**
 * Runs a program of this repository under the Node that the project needs: `node tools/run.mjs [node options] FILE
 * [arguments]`.
 *
 * Every npm script and bin/sigstore go through here, because the Node that started us (a distribution's 18 or 20) may
 * be too old for the sources. Looked for, in this order: the pinned package of the private workspace tools/node,
 * wherever npm hoisted it; the Node that runs this file; each `node` on PATH. A FILE that is no path but the name of an
 * installed development tool (`tsc`) is taken from node_modules/.bin. Children find the same Node first on their PATH.
 *
 * Plain JavaScript of 2020 on purpose: this file itself is read by the old Node.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Major version that a Node binary reports, 0 when it cannot be run (another platform's or another libc's binary).
 * @param {string} binary
 */
function majorVersion(binary) {
  if (binary === process.execPath) return Number.parseInt(process.versions.node, 10);
  const outcome = spawnSync(binary, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return outcome.status === 0 ? Number.parseInt(outcome.stdout.slice(1), 10) : 0;
}

/** The pinned Node of this platform in the places where npm may have put it. */
function pinnedNodes() {
  const folders = [join(root, "node_modules"), join(root, "tools", "node", "node_modules")];
  return folders.map((folder) => join(folder, `node-${process.platform}-${process.arch}`, "bin", "node"));
}

/** Every `node` that PATH offers. */
function nodesOnPath() {
  const { PATH: searchPath = "" } = process.env;
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, "node"));
}

/** Path of the first usable Node, or undefined. */
function findNode() {
  const present = pinnedNodes().filter((binary) => existsSync(binary));
  const candidates = [...present.map((binary) => realpathSync(binary)), process.execPath, ...nodesOnPath()];
  return candidates.find((binary) => existsSync(binary) && majorVersion(binary) >= NEEDED_MAJOR);
}

/**
 * Replaces the bare name of a development tool by its path.
 * @param {string[]} args
 */
function resolveTool(args) {
  const tool = join(root, "node_modules", ".bin", args[0] ?? "");
  return /^[a-z]+$/.test(args[0] ?? "") && existsSync(tool) ? [realpathSync(tool), ...args.slice(1)] : args;
}

/**
 * What children see: the same Node first on PATH, and compiled code kept between runs.
 * @param {string} node
 */
function childEnvironment(node) {
  const { PATH: searchPath = "", NODE_COMPILE_CACHE: cache = join(root, "node_modules", ".cache", "node-compile") } =
    process.env;
  const path = [dirname(node), join(root, "node_modules", ".bin"), searchPath].join(delimiter);
  return { ...process.env, PATH: path, NODE_COMPILE_CACHE: cache };
}

/**
 * Starts Node with our standard streams and ends as it ends.
 * @param {string} node
 * @param {string[]} args
 */
function run(node, args) {
  const child = spawn(node, resolveTool(args), { stdio: "inherit", env: childEnvironment(node) });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`cannot start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

const node = findNode();
if (node === undefined) {
  const here = `${process.platform}-${process.arch}`;
  process.stderr.write(
    `sigstore-ts needs Node ${NEEDED_MAJOR} or newer to run its sources, and found only ${process.versions.node}: ` +
      `run "npm ci" (it brings one for linux-x64 and linux-arm64; this is ${here}) or put a newer node on PATH\n`,
  );
  process.exitCode = 1;
} else {
  run(node, process.argv.slice(2));
}
