/** check-package on examples of what must not be published. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findLockProblems, findPackageProblems } from "./check-package.ts";

const GOOD_FILES = [
  "LICENSE",
  "README.md",
  "CHANGELOG.md",
  "package.json",
  "dist/index.js",
  "dist/index.browser.js",
  "dist/types/index.d.ts",
  "dist/sigstore.cjs",
  "dist/command.cjs",
  "dist/verify.cjs",
  "dist/inspect.cjs",
  "dist/sign.cjs",
  "dist/curve-signing.cjs",
  "dist/admission-worker.cjs",
];

interface Example {
  files?: string[];
  size?: number;
  manifest?: Record<string, unknown>;
  imports?: [string, string[]][];
}

function check({ files = GOOD_FILES, size = 1000, manifest = {}, imports = [] }: Example): string[] {
  return findPackageProblems({ size, files: files.map((path) => ({ path })) }, manifest, new Map(imports));
}

test("what is as it should be passes", () => {
  const imports: [string, string[]][] = [
    ["dist/command.cjs", ["node:crypto"]],
    ["dist/index.browser.js", []],
  ];
  assert.deepEqual(check({ manifest: { scripts: { test: "x" }, devDependencies: {} }, imports }), []);
});

test("files that are not for users, files that they miss, and too many bytes", () => {
  assert.deepEqual(check({ files: [...GOOD_FILES, "tools/node/package.json", "src/index.ts", "dist/types/a.ts"] }), [
    "tools/node/package.json must not be published",
    "src/index.ts must not be published",
    "dist/types/a.ts must not be published",
  ]);
  assert.deepEqual(check({ files: GOOD_FILES.filter((path) => path !== "LICENSE") }), ["LICENSE is not published"]);
  assert.deepEqual(check({ size: 3_000_001 }), ["the package has 3000001 bytes, more than 3000000"]);
});

test("anything that would be installed or run at installation", () => {
  assert.deepEqual(check({ manifest: { scripts: { postinstall: "x" } } }), ["the package has a script postinstall"]);
  assert.deepEqual(check({ manifest: { dependencies: {} } }), ["the package has dependencies"]);
  assert.deepEqual(check({ manifest: { optionalDependencies: {} } }), ["the package has optionalDependencies"]);
});

test("imports that are left in what is built", () => {
  assert.deepEqual(check({ imports: [["dist/index.js", ["@noble/curves"]]] }), [
    "dist/index.js imports @noble/curves from outside",
  ]);
  assert.deepEqual(check({ imports: [["dist/index.browser.js", ["node:crypto"]]] }), [
    "dist/index.browser.js imports node:crypto from outside",
  ]);
});

test("a lock without the packages of other platforms", () => {
  const wants = { optionalDependencies: { "@tool/linux": "1.0.0", "@tool/darwin": "1.0.0" } };
  const locked = { "": {}, "node_modules/tool": wants, "node_modules/@tool/linux": {} };
  assert.deepEqual(findLockProblems(locked), [
    "package-lock.json has no @tool/darwin@1.0.0, which node_modules/tool asks for",
  ]);
  assert.deepEqual(findLockProblems({ ...locked, "node_modules/tool/node_modules/@tool/darwin": {} }), []);
});
