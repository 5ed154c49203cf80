/**
 * `npm run build`: makes dist/, which is what the published package holds.
 *
 * - index.js and index.browser.js: the library, each one file with its dependencies inside (ES modules);
 * - types/: its declarations;
 * - sigstore.cjs: the command's first lines, which any old Node can read, and command.cjs: the command, one file.
 *   CommonJS, because Node starts it faster than a module.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import type { BuildOptions, Plugin } from "esbuild";
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

/**
 * Makes the command's dynamic imports static. From source they save reading files; in one file esbuild would wrap every
 * module that they reach in a function of its own, and V8 would read almost all of them twice. So every module of the
 * command begins with it: parts of Node that only some commands need are to be had by process.getBuiltinModule.
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

const COMMAND = {
  ...SHARED,
  format: "cjs",
  platform: "node",
  target: "node24",
  charset: "ascii",
  // Names stay: they stand in the stack that SIGSTORE_DEBUG shows. Shorter ones save 2 % of a cold start (measured).
  minifyWhitespace: true,
  plugins: [STATIC_IMPORTS],
  stdin: {
    // The command writes its output synchronously; to leave at once saves Node's tidying up, a tenth of a short run.
    contents: `import { main } from "./src/cli/main.ts"; main(process.argv.slice(2)).then((code) => process.exit(code));`,
    resolveDir: ROOT,
  },
  outfile: "dist/command.cjs",
} satisfies BuildOptions;

/** The first lines, as they are but for the number. */
async function writeFirstLines(): Promise<void> {
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["bin/released.cjs"],
    outfile: "dist/sigstore.cjs",
    define: { NEEDED_MAJOR: String(neededMajor()) },
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
    esbuild.build(COMMAND),
  ]);
  await writeFirstLines();
  emitDeclarations();
  const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  return new Map(outputs.map(([path, { imports }]) => [path, [...new Set(imports.map((one) => one.path))]]));
}

if (import.meta.main) {
  const built = await buildPackage();
  for (const path of [...built.keys(), "dist/sigstore.cjs"]) {
    console.log(`${path.padEnd(24)} ${(statSync(join(ROOT, path)).size / 1024).toFixed(1).padStart(8)} KiB`);
  }
  console.log(`dist/types               ${filesBelow(join(DIST, "types"), ".d.ts").length} declaration files`);
}
