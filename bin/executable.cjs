/**
 * First lines of the executable (`npm run build -- --executable` makes dist/sigstore-SYSTEM-PROCESSOR of this file): one file
 * with Node, the command and what was compiled ahead inside. Node's "single executable applications" say how it holds files.
 *
 * Does what bin/released.cjs does, with the difference that every file comes out of the executable: whatever a file of the
 * command requires, or starts as a thread, is in there or is a part of Node. Nothing is looked for on the disk.
 *
 * The build puts in as ALONE the names of the commands that have a file of their own.
 */
"use strict";

const { getAssetKeys, getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

/** @typedef {(exports: unknown, require: (name: string) => unknown, module: { exports: unknown }, filename: string, folder: string) => void} Program */

/**
 * What stands in a file of the command, which is ASCII.
 *
 * @param {string} file
 */
function textOf(file) {
  return Buffer.from(getRawAsset(file)).toString("latin1");
}

/**
 * Runs a file of the command, by way of what was compiled ahead where there is such a thing; answers what it exports.
 *
 * @param {string} name
 */
function start(name) {
  const file = `${name}.cjs`;
  // tools/compile-ahead.ts wraps it in the same words.
  const source = `(function (exports, require, module, __filename, __dirname) {${textOf(file)}\n})`;
  const code = `${name}.code`;
  const script = getAssetKeys().includes(code)
    ? new Script(source, { filename: file, cachedData: Buffer.from(getRawAsset(code)) })
    : new Script(source, { filename: file });
  if (script.cachedDataRejected === true && process.env["SIGSTORE_DEBUG"] !== undefined)
    process.stderr.write(`${code} is not of this Node\n`);
  const program = /** @type {Program} */ (script.runInThisContext());
  const module = { exports: {} };
  program(module.exports, requireInside, module, `${process.execPath}.d/${file}`, `${process.execPath}.d`);
  return module.exports;
}

/**
 * What a file of the command requires: another one, or a part of Node.
 *
 * @param {string} name
 * @returns {unknown}
 */
function requireInside(name) {
  if (name.startsWith("./")) return start(name.slice(2).replace(/\.cjs$/, ""));
  // Here `require` knows nothing but the parts of Node.
  const part = /** @type {unknown} */ (require(name));
  return name === "node:worker_threads"
    ? threadsInside(/** @type {typeof import("node:worker_threads")} */ (part))
    : part;
}

/**
 * The threads of Node, but for that one starts from a file of the executable.
 *
 * @param {typeof import("node:worker_threads")} threads
 */
function threadsInside(threads) {
  return {
    ...threads,
    Worker: class extends threads.Worker {
      /**
       * @param {URL} address
       * @param {import("node:worker_threads").WorkerOptions} options
       */
      constructor(address, options) {
        super(textOf(address.pathname.slice(address.pathname.lastIndexOf("/") + 1)), { ...options, eval: true });
      }
    },
  };
}

// As a program that was started as `sigstore` has no script: src/cli sees by it that there is none.
process.argv[1] = process.execPath;
const word = String(process.argv[2]);
start(ALONE.includes(word) ? word : "command");
