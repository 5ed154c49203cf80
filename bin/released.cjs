#!/usr/bin/env node
/**
 * First lines of the released command (`npm run build` makes dist/sigstore.cjs of this file): refuses an old Node in
 * one line, and starts dist/command.cjs with the machine code that an earlier run left behind.
 *
 * Why the second: of a cold start, compiling takes longer than verifying. Node's own compile cache keeps only what is
 * compiled on loading, a fifth of the gain (measured). Kept is one file for each command, below the user's cache
 * folder; what somebody else owns or may write is not read. Nothing depends on it: without it, the same program starts
 * a little later. SIGSTORE_CODE_CACHE=off or on decides; unsaid, it is off where CI is set: there a cache folder may
 * travel from jobs that are trusted less to jobs that are trusted more.
 *
 * Written in the language of 2019, so that Node 12 still understands it. The build puts in NEEDED_MAJOR and BUILD.
 */
"use strict";

const fs = require("fs");
const path = require("path");
const vm = require("vm");

/** Exit codes of runs that did what the command is for: yes, refused, nobody to trust. Their code is worth keeping. */
const WORTH_KEEPING = new Set([0, 3, 4]);

/** How long what other builds left is kept: two versions may be in use side by side. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** The user's cache folder, or undefined where none is known or wanted. */
function cacheFolder() {
  const { SIGSTORE_CODE_CACHE: wish = process.env["CI"] ? "off" : "on" } = process.env;
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local, HOME: home } = process.env;
  if (wish === "off") return undefined;
  if (named !== undefined && path.isAbsolute(named)) return named;
  if (process.platform === "win32") return local;
  return home && path.join(home, process.platform === "darwin" ? "Library/Caches" : ".cache");
}

/** Where the code of this build, under this Node, for this command is kept; undefined for what is no command. */
function codeFile() {
  const folder = cacheFolder();
  const command = process.argv[2];
  if (!folder || command === undefined || !/^[a-z]{1,16}$/.test(command)) return undefined;
  return path.join(folder, "sigstore", "code", `${BUILD}-${process.version}-${process.arch}-${command}`);
}

/**
 * Whether a file or folder is the user's own, and nobody else's to write.
 * @param {import("node:fs").Stats} stats
 */
function isOwn(stats) {
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}

/**
 * What an earlier run left behind.
 * @param {string} file
 */
function readCode(file) {
  try {
    const descriptor = fs.openSync(file, "r");
    try {
      return isOwn(fs.fstatSync(descriptor)) ? fs.readFileSync(descriptor) : undefined;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/**
 * Leaves the code of this run behind, whole or not at all; what other builds left long ago is taken away.
 * @param {string} file
 * @param {Buffer} code
 */
function writeCode(file, code) {
  const folder = path.dirname(file);
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(fs.statSync(folder))) return false;
    for (const name of fs.readdirSync(folder)) {
      const old = path.join(folder, name);
      if (!name.startsWith(BUILD) && Date.now() - fs.statSync(old).mtimeMs > KEPT_MS) fs.unlinkSync(old);
    }
    fs.writeFileSync(unfinished, code, { mode: 0o600, flag: "wx" });
    fs.renameSync(unfinished, file);
    return true;
  } catch {
    return false;
  }
}

function start() {
  const program = path.join(__dirname, "command.cjs");
  const file = codeFile();
  const cachedData = file === undefined ? undefined : readCode(file);
  // The bundle is plain ASCII: read as latin1 it stays one octet a character, which V8 scans faster.
  const source = `(function (require) {${fs.readFileSync(program, "latin1")}\n})`;
  const script = new vm.Script(source, { filename: program, cachedData });
  const run = /** @type {(load: NodeJS.Require) => void} */ (script.runInThisContext());
  run(require);
  if (file === undefined || (cachedData !== undefined && !script.cachedDataRejected)) return;
  process.on("exit", (code) => {
    if (WORTH_KEEPING.has(code)) writeCode(file, script.createCachedData());
  });
}

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(`sigstore needs Node ${NEEDED_MAJOR} or newer, and this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  start();
}
