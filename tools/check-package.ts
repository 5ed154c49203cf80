/**
 * `npm run check:package`: that `npm ci` finds a whole lock; builds, and looks at what `npm publish` would publish: which
 * files, how large, nothing to install, nothing imported from outside; the command starts, and says so on a Node that is
 * too old; a stranger's program compiles against the declarations and runs; and the executable, which is not published,
 * does what the command does.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { buildPackage } from "./build.ts";
import type { BuiltImports } from "./build.ts";
import { checkExecutable } from "./check-executable.ts";
import { ROOT } from "./files.ts";

const LARGEST_BYTES = 3_000_000;
const NEEDED_FILES = [
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
const PUBLISHED =
  /^(?:LICENSE|README\.md|CHANGELOG\.md|SECURITY\.md|package\.json|dist\/[^/]+\.c?js|dist\/(?:verify|sign)\.[^/]+\.code|dist\/types\/.+\.d\.ts)$/;
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare", "prepublish"];
const DEPENDENCIES = ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies"];

/** What `npm pack --json` says of the package. */
export interface Listing {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** What package-lock.json says of one package; the empty path is the project itself. */
export interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Packages of other platforms that the lock leaves out. `npm ci` then refuses the whole lock ("Missing: … from lock
 * file") wherever the registry has them, and always from npm 11 on; npm leaves them out in silence when it writes the
 * lock from a registry whose platform packages come later than the package that wants them.
 */
export function findLockProblems(packages: Readonly<Record<string, LockedPackage>>): string[] {
  const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !locked.has(name))
      .map(([name, version]) => `package-lock.json has no ${name}@${version}, which ${path} asks for`),
  );
}

/** What may not be published, or is missing; `built` is what each built file imports. */
export function findPackageProblems(
  listing: Listing,
  manifest: Record<string, unknown>,
  built: BuiltImports,
): string[] {
  const paths = listing.files.map(({ path }) => path);
  const scripts = (manifest["scripts"] ?? {}) as Record<string, string>;
  return [
    ...(listing.size > LARGEST_BYTES ? [`the package has ${listing.size} bytes, more than ${LARGEST_BYTES}`] : []),
    ...paths.filter((path) => !PUBLISHED.test(path)).map((path) => `${path} must not be published`),
    ...NEEDED_FILES.filter((path) => !paths.includes(path)).map((path) => `${path} is not published`),
    ...INSTALL_SCRIPTS.filter((name) => name in scripts).map((name) => `the package has a script ${name}`),
    ...DEPENDENCIES.filter((name) => name in manifest).map((name) => `the package has ${name}`),
    ...[...built].flatMap(([file, imports]) => imports.flatMap((name) => problemOfBuiltImport(file, name))),
  ];
}

function problemOfBuiltImport(file: string, name: string): string[] {
  const isBeside = NEEDED_FILES.includes(name.replace(/^\.\//, "dist/"));
  // Some packages name parts of Node without `node:`.
  const allowed = isBeside || (isBuiltin(name) && !file.includes("browser"));
  return allowed ? [] : [`${file} imports ${name} from outside`];
}

// --- what the built package does ---

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], cwd: string): Run {
  return spawnSync(command, args, { cwd, encoding: "utf8", timeout: 60_000 });
}

function pack(): Listing {
  const { status, stdout, stderr } = run(
    "npm",
    ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"],
    ROOT,
  );
  if (status !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  const answer = JSON.parse(stdout) as Listing[] | Record<string, Listing>;
  const [listing] = Object.values(answer);
  if (listing === undefined) throw new Error(`npm pack listed no package:\n${stdout}`);
  return listing;
}

/** Command lines that start each file, what they print, and the file that is then loaded. */
const STARTS: readonly (readonly [args: readonly string[], output: RegExp, file: string])[] = [
  [["--version"], /^sigstore \d/, "command.cjs"],
  [["help", "verify"], /^usage: sigstore verify/, "command.cjs"],
  [["verify", "--help"], /^usage: sigstore verify/, "verify.cjs"],
  [["inspect", "--help"], /^usage: sigstore inspect/, "inspect.cjs"],
  [["sign", "--help"], /^usage: sigstore sign/, "sign.cjs"],
];

/** Every file of the command starts, and from it the one that is meant and no other. */
function checkCommand(): string[] {
  const command = JSON.stringify(join(ROOT, "dist", "sigstore.cjs"));
  return STARTS.flatMap(([args, output, file]) => {
    // Another version of Node, for which nothing was compiled ahead.
    const program = `process.argv = ["node", ${[command, ...args.map((word) => JSON.stringify(word))].join()}];
      Object.defineProperty(process, "version", { value: "v99.0.0" });
      process.on("exit", () => console.error(Object.keys(require.cache).slice(1).join())); require(${command});`;
    const { status, stdout, stderr } = run(process.execPath, ["-e", program], ROOT);
    const isGood = status === 0 && output.test(stdout) && stderr.trim() === join(ROOT, "dist", file);
    return isGood ? [] : [`sigstore ${args.join(" ")} exits with ${status}: ${stdout}${stderr}`];
  });
}

/** On the Node that built it, the command starts by way of what was compiled ahead, and V8 takes that for its own. */
function checkCompiled(): string[] {
  const command = JSON.stringify(join(ROOT, "dist", "sigstore.cjs"));
  const program = `process.argv = ["node", ${command}, "verify", "--help"];
    const vm = require("node:vm");
    vm.Script = class extends vm.Script {
      constructor(...args) { super(...args); console.error(this.cachedDataRejected); }
    };
    require(${command});`;
  const { stdout, stderr } = run(process.execPath, ["-e", program], ROOT);
  const isGood = stderr === "false\n" && stdout.startsWith("usage: sigstore verify");
  return isGood ? [] : [`what was compiled ahead is not used: ${stdout.slice(0, 40)}${stderr}`];
}

/** The thread that admits to the log starts, and refuses what is no proposal. */
function checkThread(): string[] {
  const thread = JSON.stringify(join(ROOT, "dist", "admission-worker.cjs"));
  const program = `const worker = new (require("node:worker_threads").Worker)(${thread}, { workerData: [] });
    worker.on("message", ({ refusal }) => { console.log(typeof refusal.code); worker.terminate(); });
    worker.postMessage({ id: 1, body: new Uint8Array() });`;
  const { status, stdout, stderr } = run(process.execPath, ["-e", program], ROOT);
  return stdout === "string\n" ? [] : [`admission-worker.cjs exits with ${status}: ${stdout}${stderr}`];
}

/** Node 12 must understand the first lines (nothing is left to translate for it), and say one line. */
function checkOldNode(): string[] {
  const command = join(ROOT, "dist", "sigstore.cjs");
  const text = readFileSync(command, "utf8");
  const [forOld, forNew] = ["node12", "esnext"].map((target) => transformSync(text, { target }).code);
  if (forOld !== forNew) return ["the first lines of the command use what Node 12 does not understand"];
  const old = `Object.defineProperty(process.versions, "node", { value: "18.20.4" });`;
  const pretend = `${old} require(${JSON.stringify(command)});`;
  const { status, stdout, stderr } = run(process.execPath, ["-e", pretend], ROOT);
  const expected = "sigstore needs Node 24 or newer, and this is Node 18.20.4\n";
  return status === 1 && stdout === "" && stderr === expected
    ? []
    : [`on an old Node: exit code ${status}, ${stdout}${stderr}`];
}

/** A program elsewhere that has the package installed: compiled without Node's types, and run under both conditions. */
function checkConsumer(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "sigstore-consumer-"));
  try {
    const installed = join(folder, "node_modules", "sigstore-ts");
    mkdirSync(installed, { recursive: true });
    for (const name of ["package.json", "dist"]) symlinkSync(join(ROOT, name), join(installed, name));
    writeFileSync(join(folder, "consumer.mts"), CONSUMER);
    writeFileSync(
      join(folder, "names.mjs"),
      `import * as all from "sigstore-ts"; process.stdout.write(Object.keys(all).join());`,
    );
    const options = [
      "--strict",
      "--noEmit",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024",
      "--types",
      "",
    ];
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const compiled = run(process.execPath, [compiler, ...options, "consumer.mts"], folder);
    const compilerProblems =
      compiled.status === 0 ? [] : [`a program that uses the library does not compile:\n${compiled.stdout}`];
    return [...compilerProblems, ...checkNames(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CONSUMER = `import { parseBundle, SigstoreError, verify } from "sigstore-ts";
import type { Bundle } from "sigstore-ts";
export const bundle: Bundle = parseBundle("{}");
export const functions: unknown[] = [verify, SigstoreError];
`;

function checkNames(folder: string): string[] {
  const preserve = ["--preserve-symlinks"];
  const onNode = run(process.execPath, [...preserve, "names.mjs"], folder);
  const inBrowser = run(process.execPath, [...preserve, "--conditions=browser", "names.mjs"], folder);
  if (onNode.stdout !== "" && onNode.stdout === inBrowser.stdout) return [];
  return [
    `the library exports ${onNode.stdout}${onNode.stderr} on Node, ${inBrowser.stdout}${inBrowser.stderr} in browsers`,
  ];
}

if (import.meta.main) {
  const built = await buildPackage();
  const listing = pack();
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>;
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const problems = [
    ...findLockProblems(lock.packages),
    ...findPackageProblems(listing, manifest, built),
    ...checkCommand(),
    ...checkCompiled(),
    ...checkThread(),
    ...checkOldNode(),
    ...checkConsumer(),
    ...(await checkExecutable(join(ROOT, "dist"))),
  ];
  for (const problem of problems) console.log(problem);
  const size = `${listing.files.length} files, ${(listing.size / 1000).toFixed(0)} kB packed`;
  console.log(
    problems.length === 0 ? `check-package: ${size}, nothing found` : `check-package: ${problems.length} found`,
  );
  if (problems.length > 0) process.exitCode = 1;
}
