/**
 * The library as a browser gets it: one bundle without any import, in a world that has nothing of Node, judging the public
 * cases like the sources do.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { createContext, runInContext } from "node:vm";
import * as esbuild from "esbuild";
import { listCalls } from "../conformance/cases.ts";
import { runClient } from "../conformance/client.ts";
import type { Library } from "../conformance/client.ts";
import { EXPECTED_REFUSALS } from "../conformance/expected.ts";
import { skipReason, vectorsPath } from "../vectors-path.ts";

/** What a page has, of what the library may use. No process, no require, no Buffer, no crypto. */
const PAGE_GLOBALS = { TextDecoder, TextEncoder, Uint8Array };

let imports: readonly string[] = [];
let library: Library;

before(() => {
  // Synchronous on purpose: no service is left running beside the tests of the same process.
  const { metafile, outputFiles } = esbuild.buildSync({
    entryPoints: ["src/index.ts"],
    absWorkingDir: `${import.meta.dirname}/../..`,
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    conditions: ["browser"],
    format: "iife",
    globalName: "library",
    outfile: "library.js",
    target: "es2022",
  });
  imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  const page = createContext({ ...PAGE_GLOBALS });
  library = runInContext(`${outputFiles[0]?.text ?? ""}\nlibrary`, page) as Library;
});

describe("the library in a browser", () => {
  it("is one file that imports nothing", () => {
    assert.deepEqual(imports, []);
  });

  it("exports what the sources export", async () => {
    const sources = await import("../../src/index.ts");
    assert.deepEqual(Object.keys(library).toSorted(), Object.keys(sources).toSorted());
  });

  const folder = vectorsPath("sigstore-conformance", "bundle-verify");
  it("has the public cases at hand", { skip: skipReason }, () => {
    assert.ok(folder !== undefined);
  });
  for (const { argv, caseName, label } of folder === undefined ? [] : listCalls(folder)) {
    it(label, () => {
      const answer = runClient(argv, library);
      assert.equal(
        answer.verified ? "verified" : answer.code,
        EXPECTED_REFUSALS[caseName]?.code ?? "verified",
        answer.message,
      );
    });
  }
});
