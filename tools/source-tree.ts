/**
 * The repository's TypeScript files as the checks see them: path, text, and syntax tree.
 *
 * The tree comes from oxc-parser, because TypeScript 7 has no programming interface of its own. Tests of the checks
 * make source files from text in memory; nothing here needs them to lie on disk.
 */
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseSync } from "oxc-parser";
import type { ParseResult } from "oxc-parser";
import { filesBelow } from "./files.ts";

/** One file; the path is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A breach of a rule. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Reads all `.ts` files below the named folders; a folder that does not exist has none. */
export function readSourceFiles(root: string, folders: readonly string[]): SourceFile[] {
  const paths = folders.flatMap((folder) => filesBelow(join(root, folder), ".ts")).toSorted();
  return paths.map((path) => ({
    path: relative(root, path).split(sep).join("/"),
    text: readFileSync(path, "utf8"),
  }));
}

/** Parses a file; throws when it is not TypeScript. */
export function parseSource(file: SourceFile): ParseResult {
  const result = parseSync(file.path, file.text, { sourceType: "module" });
  const [first] = result.errors;
  if (first !== undefined) throw new Error(`${file.path}: cannot be parsed: ${first.message}`);
  return result;
}

/** True for the files that only tests load. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** Turns offsets into 1-based line numbers. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  /** Line of the character at this offset. */
  lineAt(offset: number): number {
    const after = this.#starts.findIndex((start) => start > offset);
    return after === -1 ? this.#starts.length : after;
  }
}

/** Prints the problems, one a line; sets the exit code to 1 when there is any. */
export function reportProblems(rule: string, checked: string, problems: readonly Problem[]): void {
  for (const { path, line, message } of problems) console.log(`${path}:${line}: ${message}`);
  console.log(problems.length === 0 ? `${rule}: ${checked}, nothing found` : `${rule}: ${problems.length} found`);
  if (problems.length > 0) process.exitCode = 1;
}
