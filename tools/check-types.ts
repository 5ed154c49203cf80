/**
 * `npm run types`: the compiler over everything, and over the pure folders once more without Node's types; both at
 * once.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./files.ts";

const PROJECTS = ["tsconfig.json", "tsconfig.pure.json"];

async function check(project: string): Promise<boolean> {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const child = spawn(process.execPath, [compiler, "--project", join(ROOT, project), "--pretty", "false"], {
    cwd: ROOT,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const status = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  console.log(`${project}: ${status === 0 ? "no error" : `failed\n${output}`}`);
  return status === 0;
}

const outcomes = await Promise.all(PROJECTS.map((project) => check(project)));
if (outcomes.includes(false)) process.exitCode = 1;
