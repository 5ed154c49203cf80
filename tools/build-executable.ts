/**
 * `npm run build -- --executable`: besides dist/, one file that is the whole command, Node included; it starts in less time, and
 * runs where no Node is installed. It is no part of the npm package.
 *
 * Node's "single executable applications": the files of the command and what was compiled ahead become one section of a copy
 * of the very Node that builds, put there by postject. bin/executable.cjs says how they run. On Linux alone: elsewhere an
 * executable must be signed anew after that.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { ROOT } from "./files.ts";

/** Where Node looks for the section; it says so in its documentation. */
const SECTION = "NODE_SEA_BLOB";
/** The words in Node's executable by which postject switches that on. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** Files of dist/ that the executable holds. */
const FILES = ["verify", "sign", "inspect", "command", "curve-signing", "admission-worker"].map(
  (name) => `${name}.cjs`,
);

/** What the executable for this machine is called. */
export const EXECUTABLE_NAME = `sigstore-${process.platform}-${process.arch}`;

/** Makes the executable of what lies in `dist`, in the folder `target`; `alone` are the commands with a file of their own. */
export async function buildExecutable(dist: string, target: string, alone: readonly string[]): Promise<string> {
  if (process.platform !== "linux")
    throw new Error(`expected linux, where executables need no signature, got ${process.platform}`);
  const material = mkdtempSync(join(target, "executable-"));
  try {
    const made = join(material, EXECUTABLE_NAME);
    copyFileSync(process.execPath, made);
    chmodSync(made, 0o755);
    const section = await writeSection(dist, material, alone);
    const postject = fileURLToPath(import.meta.resolve("postject/dist/cli.js"));
    run(process.execPath, [postject, made, SECTION, section, "--sentinel-fuse", FUSE]);
    renameSync(made, join(target, EXECUTABLE_NAME));
  } finally {
    rmSync(material, { recursive: true });
  }
  return join(target, EXECUTABLE_NAME);
}

async function writeSection(dist: string, material: string, alone: readonly string[]): Promise<string> {
  const main = join(material, "main.cjs");
  const section = join(material, "section");
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["bin/executable.cjs"],
    outfile: main,
    define: { ALONE: JSON.stringify(alone) },
  });
  const compiled = alone.flatMap((name) => {
    const path = join(dist, `${name}.${process.platform}-${process.arch}.${process.version}.code`);
    return existsSync(path) ? [[`${name}.code`, path]] : [];
  });
  const config = {
    main,
    output: section,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // Whoever sets NODE_OPTIONS means some other program of theirs: it could preload a file, or lower what TLS asks for.
    execArgvExtension: "none",
    // Both for short runs. With that much young memory nothing is collected before a verification ends (V8 begins with 1 MiB);
    // one thread beside the program's own instead of four spares their starting and ending. Together 5 % of its time.
    execArgv: ["--min-semi-space-size=16", "--v8-pool-size=1"],
    assets: Object.fromEntries([...FILES.map((file) => [file, join(dist, file)]), ...compiled]) as Record<
      string,
      string
    >,
  };
  const configFile = join(material, "config.json");
  writeFileSync(configFile, JSON.stringify(config));
  run(process.execPath, ["--experimental-sea-config", configFile]);
  return section;
}

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: ROOT, env: {} });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
