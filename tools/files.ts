/**
 * Where the repository's files are. Apart from source-tree.ts, whose parser does not load under `--conditions=browser`.
 */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** Absolute paths of the files below a folder whose name ends so, without those of installed packages. */
export function filesBelow(folder: string, ending: string): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return files.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.includes("node_modules"));
}
