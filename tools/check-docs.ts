/**
 * `npm run check:docs`: what README.md, the other documents and the docstrings show, runs.
 *
 * Each document has a temporary folder of its own, which starts as a copy of docs/examples/ and in which its blocks run
 * in order: shell scripts with a `sigstore` on PATH that is the one of this checkout, modules to which `sigstore-ts` is
 * src/index.ts. Modules are also checked by the compiler. Blocks marked `setup` or `interop` are proved elsewhere and
 * only counted.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { LANGUAGES, readExamples, readMarkdownBlocks } from "./document-blocks.ts";
import type { Block } from "./document-blocks.ts";
import { filesBelow, ROOT } from "./files.ts";
import { isTest, readSourceFiles, reportProblems } from "./source-tree.ts";
import type { Problem, SourceFile } from "./source-tree.ts";

const PROVED_ELSEWHERE: ReadonlySet<string> = new Set(["setup", "interop"]);
const TIMEOUT_MS = 60_000;

/** What a run printed and how it ended. */
interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly all: string;
}

/** Runs every block of the documents and every example of the sources; answers what did not hold. */
export function findBrokenBlocks(documents: readonly SourceFile[], sources: readonly SourceFile[]): Problem[] {
  const read = documents.map((file) => readMarkdownBlocks(file));
  const examples = sources.map((file) => readExamples(file)).filter((blocks) => blocks.length > 0);
  const groups = [...read.map(({ blocks }) => blocks), ...examples];
  return [
    ...read.flatMap(({ problems }) => problems),
    ...groups.flatMap((blocks) => inWorkFolder((folder) => runInOrder(folder, blocks))),
    ...inWorkFolder((folder) => checkTypes(folder, groups.flat())),
  ];
}

/** A temporary folder with the examples, a home of its own, and the package by name. */
function inWorkFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "sigstore-docs-"));
  try {
    const examples = join(ROOT, "docs", "examples");
    if (existsSync(examples)) cpSync(examples, folder, { recursive: true });
    const packageFolder = join(folder, "node_modules", "sigstore-ts");
    for (const path of [join(folder, ".bin"), join(folder, ".home"), packageFolder])
      mkdirSync(path, { recursive: true });
    symlinkSync(join(ROOT, "bin", "sigstore"), join(folder, ".bin", "sigstore"));
    // A package.json in a folder above, of this very name, would answer for it.
    writeFileSync(join(folder, "package.json"), "{}\n");
    const index = pathToFileURL(join(ROOT, "src", "index.ts")).href;
    writeFileSync(join(packageFolder, "index.js"), `export * from ${JSON.stringify(index)};\n`);
    symlinkSync(join(ROOT, "src"), join(packageFolder, "src"));
    writeFileSync(
      join(packageFolder, "package.json"),
      `{"type":"module","exports":{".":"./index.js","./src/*":"./src/*"}}\n`,
    );
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runInOrder(folder: string, blocks: readonly Block[]): Problem[] {
  let last: Outcome | undefined;
  return blocks.flatMap((block, index) => {
    if (block.words.some((word) => PROVED_ELSEWHERE.has(word)) || !LANGUAGES.includes(block.language)) return [];
    if (block.language === "json") return note(block, problemOfJson(block.code));
    if (block.language === "text")
      return note(block, block.words.includes("output") ? problemOfOutput(block.code, last) : undefined);
    last = block.language === "sh" ? runScript(folder, block.code) : runModule(folder, block.code, index);
    const expected = Number(block.words.find((word) => word.startsWith("exit="))?.slice("exit=".length) ?? 0);
    return note(
      block,
      last.status === expected ? undefined : `expected exit code ${expected}, got ${last.status}\n${last.all}`,
    );
  });
}

function note({ path, line }: Block, message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ path, line, message }];
}

function runScript(folder: string, code: string): Outcome {
  return run(folder, "sh", ["-eu", "-c", code]);
}

function runModule(folder: string, code: string, index: number): Outcome {
  const path = join(folder, `block-${index}.mts`);
  writeFileSync(path, code);
  return run(folder, process.execPath, [path]);
}

function run(folder: string, command: string, args: readonly string[]): Outcome {
  const { PATH: searchPath = "", NODE_COMPILE_CACHE: cache = "" } = process.env;
  const path = [join(folder, ".bin"), dirname(process.execPath), searchPath].join(delimiter);
  const env = { PATH: path, HOME: join(folder, ".home"), NODE_COMPILE_CACHE: cache, LC_ALL: "C.UTF-8" };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    env,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  return { status: status ?? -1, stdout, all: `${stdout}${stderr}`.trimEnd() };
}

function problemOfJson(code: string): string | undefined {
  try {
    JSON.parse(code);
    return undefined;
  } catch (error) {
    return `is not JSON: ${String(error)}`;
  }
}

/** Compares line by line; `…` stands for anything, alone on a line for any lines. */
function problemOfOutput(expected: string, last: Outcome | undefined): string | undefined {
  if (last === undefined) return "is marked as output, and no block before it was run";
  const literal = (text: string): string =>
    text
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join("[^\\n]*");
  const lines = expected.trimEnd().split("\n");
  const pattern = lines.map((line) => (line.trim() === "…" ? "(?:[^\\n]*\\n)*?" : `${literal(line)}\\n`)).join("");
  if (new RegExp(`^${pattern}$`).test(`${last.stdout.trimEnd()}\n`)) return undefined;
  return `is not what the block before it prints:\n${last.stdout.trimEnd()}`;
}

/** Lets the compiler read all modules at once, each in a file that is named after its place. */
function checkTypes(folder: string, blocks: readonly Block[]): Problem[] {
  const modules = blocks.filter(
    ({ language, words }) => language === "ts" && !words.some((word) => PROVED_ELSEWHERE.has(word)),
  );
  if (modules.length === 0) return [];
  const files = modules.map((_, index) => `module-${index}.mts`);
  for (const [index, { code }] of modules.entries())
    writeFileSync(join(folder, files[index] ?? ""), `${code}\nexport {};\n`);
  const paths = { "sigstore-ts": [join(ROOT, "src", "index.ts")], "sigstore-ts/src/*": [join(ROOT, "src", "*")] };
  const compilerOptions = {
    paths,
    typeRoots: [join(ROOT, "node_modules", "@types")],
    noUnusedLocals: false,
    noPropertyAccessFromIndexSignature: false,
  };
  const project = { extends: join(ROOT, "tsconfig.json"), compilerOptions, files, include: [], exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { all } = run(folder, process.execPath, [compiler, "--project", folder, "--pretty", "false"]);
  return all.split("\n").flatMap((line) => problemOfCompiler(line, modules));
}

function problemOfCompiler(line: string, modules: readonly Block[]): Problem[] {
  const [, index, row, message = ""] = /module-(\d+)\.mts\((\d+),\d+\): (.*)$/.exec(line) ?? [];
  const block = modules[Number(index)];
  return block === undefined ? [] : [{ path: block.path, line: block.line + Number(row) - 1, message }];
}

if (import.meta.main) {
  const paths = [
    ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "RUNBOOK.md"].map((name) => join(ROOT, name)),
    ...filesBelow(join(ROOT, "docs"), ".md"),
  ];
  const documents = paths
    .filter((path) => existsSync(path))
    .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, "utf8") }));
  const sources = readSourceFiles(ROOT, ["src"]).filter(({ path }) => !isTest(path));
  const examples = sources.reduce((count, file) => count + readExamples(file).length, 0);
  reportProblems(
    "check-docs",
    `${documents.length} documents, ${examples} examples of docstrings`,
    findBrokenBlocks(documents, sources),
  );
}
