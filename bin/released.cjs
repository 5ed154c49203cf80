#!/usr/bin/env node
/**
 * First lines of the released command (`npm run build` makes dist/sigstore.cjs of this file): refuses an old Node in one line,
 * and starts dist/command.cjs with the machine code that an earlier run left behind.
 *
 * Why the second: of a cold start, compiling takes longer than verifying. Node's own compile cache keeps only what is compiled on
 * loading, a tenth of the gain (measured). Kept are files of the user alone, one for each command, below the user's
 * cache folder; what somebody else owns or may write is not read. Nothing depends on them: without them, or with SIGSTORE_CODE_CACHE=off, the
 * same program starts a little later.
 *
 * Written in the language of 2009, so that every Node understands it. NEEDED_MAJOR and BUILD are put in by the build.
 */
"use strict";

var fs = require("fs");
var path = require("path");
var vm = require("vm");

/** The user's cache folder, or undefined where none is known. */
function cacheFolder() {
  var env = process.env;
  var home = env.HOME;
  if (env.SIGSTORE_CODE_CACHE === "off") return undefined;
  if (env.XDG_CACHE_HOME) return path.join(env.XDG_CACHE_HOME, "sigstore", "code");
  if (process.platform === "win32") return env.LOCALAPPDATA && path.join(env.LOCALAPPDATA, "sigstore", "code");
  return home && path.join(home, process.platform === "darwin" ? "Library/Caches" : ".cache", "sigstore", "code");
}

/**
 * Whether a file or folder is the user's own, and nobody else's to write.
 * @param {import("node:fs").Stats} stats
 */
function isOwn(stats) {
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}

/**
 * What an earlier run of this build, under this Node, left behind for this command.
 * @param {string} file
 */
function readCode(file) {
  var descriptor;
  try {
    descriptor = fs.openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    return isOwn(fs.fstatSync(descriptor)) ? fs.readFileSync(descriptor) : undefined;
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Leaves the code of this run behind, whole or not at all; what earlier builds left is taken away.
 * @param {string} file
 * @param {Buffer} code
 */
function writeCode(file, code) {
  var folder = path.dirname(file);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(fs.statSync(folder))) return;
    fs.readdirSync(folder).forEach(function (name) {
      if (name.indexOf(BUILD) !== 0) fs.unlinkSync(path.join(folder, name));
    });
    fs.writeFileSync(file + "." + process.pid, code, { mode: 0o600, flag: "wx" });
    fs.renameSync(file + "." + process.pid, file);
  } catch {
    // A cache that cannot be written is no cache: the answer of the command stands.
  }
}
