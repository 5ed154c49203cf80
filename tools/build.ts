/**
 * `npm run build`: makes dist/, which is what the published package holds.
 *
 * - index.js and index.browser.js: the library, each one file with its dependencies inside (ES modules);
 * - types/: its declarations;
 * - sigstore.cjs: the command's first lines, which any old Node can read; they start one of the following files.
 *   CommonJS, because Node starts it faster than a module;
 * - verify.cjs, inspect.cjs, sign.cjs: the commands that people wait for, each alone in a file, so that it loads nothing of the
 *   others: no services, no help of the program; beside them, what few runs of theirs need;
 * - verify.SYSTEM-PROCESSOR.VERSION.code, and sign. likewise: these compiled ahead for one Node, the one that builds;
 * - command.cjs: all commands (those as well: help and completion tell of all). What one of them needs is loaded
 *   when it runs;
 * - admission-worker.cjs and what else runs in threads of its own.
 *
 * With `--executable` also dist/sigstore-SYSTEM-PROCESSOR, one file that is the whole command; it is not published.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import * as esbuild from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";
import { buildExecutable } from "./build-executable.ts";
import { compileVerify } from "./compile-ahead.ts";
import { compileSign } from "./compile-sign.ts";
import { filesBelow, ROOT } from "./files.ts";

const DIST = join(ROOT, "dist");

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  charset: "utf8",
  legalComments: "inline",
  logLevel: "warning",
  // Names and lines stay readable: who audits what runs should be able to read it.
  minifySyntax: true,
  metafile: true,
} as const satisfies BuildOptions;

const LIBRARY = { ...SHARED, entryPoints: ["src/index.ts"], format: "esm" } satisfies BuildOptions;

/** Commands that have a file of their own, bin/NAME.ts. */
export const ALONE: readonly string[] = ["verify", "inspect", "sign"];

/** Modules that few runs of those need, each in a file of its own: what is not read does not delay the start. */
const LATER = ["src/crypto/curve-signing.ts"];

/** Modules that run as threads: `new Worker(new URL("./NAME.ts", import.meta.url))` becomes NAME.cjs beside the command. */
const THREADS = ["src/services/rekor/admission-worker.ts"];

/**
 * Makes dynamic imports of src/cli static, for commands that are alone in their file. From source they save reading
 * files; in one file esbuild would wrap every module that they reach in a function of its own, and V8 would read almost
 * all of them twice. So every module of such a command begins with it: parts of Node that only some runs need are to be
 * had by process.getBuiltinModule.
 */
const STATIC_IMPORTS: Plugin = {
  name: "static-imports",
  setup(build) {
    build.onLoad({ filter: /\/src\/cli\/.*\.ts$/ }, ({ path }) => {
      const names = new Map<string, string>();
      const text = readFileSync(path, "utf8").replaceAll(
        /\bimport\((?<module>"\.[^"]+\.ts")\)/g,
        (_, module: string) => {
          const name = names.get(module) ?? `imported${names.size}`;
          names.set(module, name);
          return name;
        },
      );
      const imports = [...names].map(([module, name]) => `import * as ${name} from ${module};\n`);
      return { contents: `${imports.join("")}${text}`, loader: "ts" };
    });
  },
};

/** Leaves the modules of LATER to files of their own where they are imported when needed. */
const LATER_FILES: Plugin = {
  name: "later-files",
  setup(build) {
    build.onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) => {
      const module = LATER.find((later) => join(ROOT, later) === join(resolveDir, path));
      if (kind !== "dynamic-import" || module === undefined) return undefined;
      return { path: `./${basename(module, ".ts")}.cjs`, external: true };
    });
  },
};

/** Gives the addresses of threads the names that the build gives them. */
const THREAD_ADDRESSES: Plugin = {
  name: "thread-addresses",
  setup(build) {
    build.onLoad({ filter: /\/src\/(?:services|compose)\/.*\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8").replaceAll(
        /new URL\("\.\/(?<name>[^"]+)\.ts", import\.meta\.url\)/g,
        (_, name: string) => {
          if (!THREADS.some((thread) => join(ROOT, thread) === join(dirname(path), `${name}.ts`)))
            throw new Error(`${path} names ${name}.ts as a thread, which THREADS of tools/build.ts does not have`);
          return `new URL("./${name}.cjs", OWN_ADDRESS)`;
        },
      );
      return { contents, loader: "ts" };
    });
  },
};

const COMMAND = {
  ...SHARED,
  format: "cjs",
  platform: "node",
  target: "node24",
  charset: "ascii",
  // Names stay: they stand in the stack that SIGSTORE_DEBUG shows. Shorter ones save 2 % of a cold start (measured).
  minifyWhitespace: true,
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  entryNames: "[name]",
  // What was compiled ahead is a script, and so is all that the executable holds: they have no modules to import.
  supported: { "dynamic-import": false },
} satisfies BuildOptions;

const COMMANDS: readonly (typeof COMMAND & BuildOptions)[] = [
  {
    ...COMMAND,
    entryPoints: ALONE.map((name) => `bin/${name}.ts`),
    plugins: [STATIC_IMPORTS, LATER_FILES],
  },
  { ...COMMAND, entryPoints: LATER },
  {
    ...COMMAND,
    entryPoints: [{ in: "bin/sigstore.ts", out: "command" }],
    plugins: [THREAD_ADDRESSES],
    banner: { js: `const OWN_ADDRESS=require("node:url").pathToFileURL(__filename);` },
  },
  { ...COMMAND, entryPoints: THREADS },
];

/** The first lines, as they are but for the number. */
async function writeFirstLines(): Promise<void> {
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["bin/released.cjs"],
    outfile: "dist/sigstore.cjs",
    define: { NEEDED_MAJOR: String(neededMajor()), ALONE: JSON.stringify(ALONE) },
  });
  chmodSync(join(DIST, "sigstore.cjs"), 0o755);
}

function neededMajor(): number {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { engines: { node: string } };
  return Number.parseInt(engines.node.replace(">=", ""), 10);
}

function emitDeclarations(): void {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "--project", "tsconfig.build.json"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the compiler refused the declarations:\n${stdout}`);
  // Declarations name each other as the sources do; what lies beside them is called .d.ts.
  for (const path of filesBelow(join(DIST, "types"), ".d.ts")) {
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/((?:from|import\() ?"\.[^"]*)\.ts"/g, '$1.js"'));
  }
}

/** Names of the modules that each built file still imports from outside. */
export type BuiltImports = ReadonlyMap<string, readonly string[]>;

/** Makes dist/ anew. */
export async function buildPackage(): Promise<BuiltImports> {
  rmSync(DIST, { recursive: true, force: true });
  const results = await Promise.all([
    esbuild.build({ ...LIBRARY, platform: "node", target: "node24", outfile: "dist/index.js" }),
    esbuild.build({
      ...LIBRARY,
      platform: "browser",
      conditions: ["browser"],
      target: "es2022",
      outfile: "dist/index.browser.js",
    }),
    ...COMMANDS.map((options) => esbuild.build(options)),
  ]);
  await writeFirstLines();
  await compileVerify(DIST);
  await compileSign(DIST);
  emitDeclarations();
  const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  return new Map(outputs.map(([path, { imports }]) => [path, [...new Set(imports.map((one) => one.path))]]));
}

if (import.meta.main) {
  const built = await buildPackage();
  const compiled = filesBelow(DIST, ".code").map((path) => relative(ROOT, path));
  for (const path of [...built.keys(), ...compiled, "dist/sigstore.cjs"]) {
    console.log(`${path.padEnd(24)} ${(statSync(join(ROOT, path)).size / 1024).toFixed(1).padStart(8)} KiB`);
  }
  console.log(`dist/types               ${filesBelow(join(DIST, "types"), ".d.ts").length} declaration files`);
  if (process.argv.includes("--executable")) {
    const path = await buildExecutable(DIST, DIST, ALONE);
    console.log(`${relative(ROOT, path).padEnd(24)} ${(statSync(path).size / 1024).toFixed(1).padStart(8)} KiB`);
  }
}
