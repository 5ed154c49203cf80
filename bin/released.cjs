#!/usr/bin/env node
/**
 * First lines of the released command (`npm run build` makes dist/sigstore.cjs of this file): refuses an old Node in
 * one line, otherwise starts the file that holds the command: its own where one must start fast, or the whole.
 *
 * Machine code of earlier runs is not kept for the next one: a cache that travels between jobs or users would decide
 * what a verifier says.
 *
 * Written in the language of 2019, so that Node 12 still understands it. The build puts in NEEDED_MAJOR and ALONE, the names of the commands
 * that have a file of their own.
 */
"use strict";

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(`sigstore needs Node ${NEEDED_MAJOR} or newer, and this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
} else {
  const word = String(process.argv[2]);
  require(`${__dirname}/${ALONE.includes(word) ? word : "command"}.cjs`);
}
