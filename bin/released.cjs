#!/usr/bin/env node
/**
 * First lines of the released command (`npm run build` makes dist/sigstore.cjs of this file): refuses an old Node in
 * one line, otherwise starts the file that holds the command: its own where one must start fast, or the whole.
 *
 * What tools/compile-ahead.ts compiled for this very Node lies beside it and belongs to the release, as the command does.
 * Nothing compiled by earlier runs is kept for the next one: a cache that travels between jobs or users would decide
 * what a verifier says.
 *
 * Written in the language of 2019, so that Node 12 still understands it. The build puts in NEEDED_MAJOR, and as ALONE the
 * names of the commands that have a file of their own.
 */
"use strict";

/**
 * The bytes of a file, or nothing where it is not there.
 *
 * @param {string} path
 */
function readIfPresent(path) {
  try {
    return require("node:fs").readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Starts the command in the file `name`, by way of what was compiled ahead where that is for this Node.
 *
 * @param {string} name
 */
function start(name) {
  const path = `${__dirname}/${name}.cjs`;
  const cachedData = readIfPresent(`${__dirname}/${name}.${process.platform}-${process.arch}.${process.version}.code`);
  if (cachedData === undefined) {
    require(path);
    return;
  }
  const { Script } = require("node:vm");
  const text = require("node:fs").readFileSync(path, "latin1");
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const script = new Script(source, { filename: path, cachedData });
  const command = /** @type {(...words: unknown[]) => void} */ (script.runInThisContext());
  command({}, require, {}, path, __dirname);
}

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(`sigstore needs Node ${NEEDED_MAJOR} or newer, and this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  const word = String(process.argv[2]);
  start(ALONE.includes(word) ? word : "command");
}
