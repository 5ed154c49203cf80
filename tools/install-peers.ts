/**
 * Installs what one suite alone needs, from the package.json and lockfile of its own folder, unless that is done
 * already: `node tools/run.mjs tools/install-peers.ts bench`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./files.ts";

/** Whether the folder's packages are those of its lockfile: npm notes what it installed in a hidden lockfile. */
function isInstalled(folder: string): boolean {
  const installed = join(folder, "node_modules", ".package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs;
}

for (const name of process.argv.slice(2)) {
  const folder = join(ROOT, name);
  if (isInstalled(folder)) continue;
  console.error(`installing the peers of ${name}`);
  const { status } = spawnSync("npm", ["ci", "--no-workspaces", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error(`npm could not install the packages of ${name}/package-lock.json`);
}
