/** check-imports on examples: what it must refuse, with the reason it gives, and what it must let pass. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { findForbiddenImports } from "./check-imports.ts";
import { ROOT } from "./files.ts";
import { IMPORT_TABLE } from "./import-tables.ts";

/** Messages for one file. */
function check(path: string, text: string): string[] {
  return findForbiddenImports([{ path, text }]).map(({ line, message }) => `${line}: ${message}`);
}

function refused(path: string, text: string, expected: RegExp): void {
  const messages = check(path, text);
  assert.equal(messages.length, 1, `${path}: ${text} gave ${JSON.stringify(messages)}`);
  assert.match(messages[0] ?? "", expected);
}

function passes(path: string, text: string): void {
  assert.deepEqual(check(path, text), [], `${path}: ${text}`);
}

describe("check-imports refuses", () => {
  test("a folder that the table does not open", () => {
    refused(
      "src/encoding/hex.ts",
      `\nimport { x } from "../formats/spki.ts";`,
      /^2: encoding must not import formats$/,
    );
    refused("src/formats/a/b.ts", `import { x } from "../../crypto/digest.ts";`, /formats must not import crypto/);
    refused("src/verify/a.ts", `export * from "../policy/identity.ts";`, /verify must not import policy/);
    refused("src/policy/a.ts", `const x = await import("../verdict/verdict.ts");`, /policy must not import verdict/);
  });
  test("a type of a folder that the table does not open", () => {
    refused("src/tlog/a.ts", `import type { X } from "../formats/spki.ts";`, /tlog must not import formats/);
    refused("src/tlog/a.ts", `export type X = import("../formats/spki.ts").X;`, /tlog must not import formats/);
    refused("src/tlog/a.ts", `import { type X } from "../formats/spki.ts";`, /tlog must not import formats/);
  });
  test("a value where only port types are open", () => {
    refused("src/files/a.ts", `import { x } from "../verdict/evidence.ts";`, /but its port types/);
    refused("src/clients/a.ts", `import { type X, y } from "../sign/ports.ts";`, /but its port types/);
  });
  test("testing from what is released, and anything of the product from a service beside it", () => {
    refused("src/cli/a.ts", `import { x } from "../testing/virtual.ts";`, /cli must not import testing/);
    refused(
      "src/services/rekor/a.ts",
      `import { x } from "../fulcio/b.ts";`,
      /service rekor must not import service fulcio/,
    );
  });
  test("what lies outside src, what has no ending, what is a test, and an unknown folder", () => {
    refused("src/cli/a.ts", `import { x } from "../../test/suite.ts";`, /src must not import test\/suite.ts/);
    refused("src/cli/a.ts", `import { x } from "./b";`, /names its file with the ending/);
    refused("src/cli/a.ts", `import { x } from "./b.test.ts";`, /nothing imports a test/);
    refused("src/common/a.ts", `import { x } from "../encoding/hex.ts";`, /src\/common has no line/);
    refused("src/cli/a.ts", `const name = "x"; const x = await import(name);`, /must name its module as a literal/);
  });
  test("modules of Node outside their places", () => {
    refused("src/verify/a.ts", `import { createHash } from "node:crypto";`, /node:crypto is not for this file/);
    refused("src/crypto/digest.ts", `import { createHash } from "node:crypto";`, /node:crypto is not for this file/);
    refused("src/compose/a.ts", `import { readFile } from "node:fs/promises";`, /\(files: only/);
    refused("src/compose/a.ts", `import { request } from "node:https";`, /\(sockets and fetch: only/);
    refused("src/home/a.ts", `import { spawn } from "node:child_process";`, /\(child processes: only/);
    refused("src/sign/a.ts", `import { Worker } from "node:worker_threads";`, /\(workers: only/);
    refused("src/services/rekor/service.ts", `import { DatabaseSync } from "node:sqlite";`, /\(node:sqlite: only/);
    refused("src/encoding/a.ts", `import { join } from "node:path";`, /node:path is not for this file/);
    refused("src/cli/a.ts", `import vm from "node:vm";`, /node:vm has no line in the platform table/);
  });
  test("globals of the platform outside their places", () => {
    refused("src/compose/a.ts", `export const x = process.env["HOME"];`, /\(environment and arguments: only src\/cli/);
    refused("src/sign/a.ts", `await fetch("https://example.com");`, /\(sockets and fetch: only/);
    refused("src/sign/a.ts", `await globalThis.fetch("https://example.com");`, /\(sockets and fetch: only/);
    refused("src/verify/a.ts", `export const x = Date.now();`, /\(the clock: only/);
    refused("src/verify/a.ts", `export const x = new Date();`, /\(the clock: only/);
    refused("src/verify/a.ts", `export const x = performance.now();`, /\(the clock: only/);
    refused("src/encoding/a.ts", `export const x = Buffer.alloc(1);`, /Buffer is not for this file/);
    refused("src/tlog/a.ts", `export const x = crypto.randomUUID();`, /\(web crypto: only/);
  });
  test("a clock of now in a test", () => {
    refused("src/verify/a.test.ts", `export const x = Date.now();`, /\(the clock: only/);
  });
  test("packages that are not of the table", () => {
    refused("src/verify/a.ts", `import { p256 } from "@noble/curves/nist.js";`, /package @noble\/curves is only for/);
    refused("src/cli/a.ts", `import x from "chalk";`, /package chalk has no line/);
    refused("src/encoding/a.ts", `import fc from "fast-check";`, /package fast-check has no line/);
    refused("src/tlog/a.ts", `import { x } from "#platform";`, /only src\/crypto imports #platform/);
  });
  test("an index that does more than re-export", () => {
    refused("src/index.ts", `export * from "./errors.ts";\nexport const x = 1;`, /index.ts only re-exports/);
    refused("src/index.ts", `export * from "./cli/main.ts";`, /index.ts must not import cli/);
  });
});

describe("check-imports lets pass", () => {
  test("what the tables open", () => {
    passes("src/formats/x509/a.ts", `import { x } from "../../encoding/der.ts"; import { y } from "../spki.ts";`);
    passes("src/encoding/a.ts", `import { SigstoreError } from "../errors.ts"; import { LIMITS } from "../limits.ts";`);
    passes("src/files/a.ts", `import type { Evidence } from "../verdict/evidence.ts"; import fs from "node:fs";`);
    passes("src/services/rekor/a.ts", `import { x } from "../tiled-log/sequence.ts";`);
    passes("src/services/instance/a.ts", `import { x } from "../rekor/service.ts";`);
    passes("src/crypto/platform.node.ts", `import { createHash } from "node:crypto";`);
    passes("src/crypto/digest.ts", `import { x } from "#platform";`);
    passes("src/cli/a.ts", `export const x = process.argv; export const y = Date.now();`);
    passes(
      "src/verify/a.test.ts",
      `import { x } from "../testing/virtual.ts"; import fc from "fast-check"; import "node:fs";`,
    );
    passes("src/index.ts", `export * from "./errors.ts"; export { x } from "./verdict/verdict.ts";`);
  });
  test("names that the file declares itself, names of members, and what only stands in comments and strings", () => {
    passes("src/sign/a.ts", `export function f(fetch: () => void) { fetch(); }`);
    passes("src/sign/a.ts", `export function f({ fetch }: { fetch: () => void }) { fetch(); }`);
    passes("src/sign/a.ts", `export const x = { process: 1 }; export const y = x.process; class A { fetch() {} }`);
    passes("src/sign/a.ts", `// import "node:fs"\nexport const x = 'import "node:fs"; process.env';`);
    passes("src/verify/a.ts", `export const x = new Date(5); export const y = Date.parse("x");`);
  });
  test("in tests, the material that the suites of test/ share", () => {
    refused("src/tlog/a.test.ts", `import { run } from "../../test/fuzz/run.ts";`, /src must not import test/);
    passes("src/tlog/a.test.ts", `import { vectorsPath } from "../../test/vectors-path.ts";`);
    refused("src/tlog/a.ts", `import { vectorsPath } from "../../test/vectors-path.ts";`, /src must not import test/);
  });
  test("files outside src", () => {
    passes("test/conformance/run.ts", `import { x } from "../../src/verify/verify-bundle.ts"; import "node:fs";`);
  });
});

test("ARCHITECTURE.md has the same import table, as far as the folders exist", () => {
  const architecture = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const section = architecture.split("\n## ").find((one) => one.startsWith("Imports")) ?? "";
  const exists = (folder: string): boolean => existsSync(join(ROOT, "src", folder));
  const rows = [...section.matchAll(/^\| ([a-z, ]+) \| ([a-z –,;]+) \|$/gm)].filter(
    ([, , right]) => !/\ball\b|may import/.test(right ?? ""),
  );
  assert.ok(rows.length > 8, "the table is where this test looks for it");
  for (const [, left = "", right = ""] of rows) {
    const [values = "", types = ""] = right.split(";").map((part) => part.replace(/^ of | the port types$/g, ""));
    const listed = (names: string): string[] =>
      names
        .split(", ")
        .filter((name) => name !== "–" && name !== "")
        .toSorted();
    for (const folder of left.split(", ")) {
      const rule = IMPORT_TABLE[folder];
      assert.deepEqual(rule?.folders.filter(exists).toSorted(), listed(values), folder);
      assert.deepEqual((rule?.types ?? []).filter(exists).toSorted(), listed(types), folder);
    }
  }
});
