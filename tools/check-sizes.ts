/**
 * `npm run check:sizes`: functions and files stay small enough to be read at once.
 *
 * Counted are whole lines, comments and blank lines included. A function is what has a name and a body in braces:
 * declarations, methods, and function values of constants and members; callbacks written inside a call count to the
 * function around them, and are bound by the hard limit alone, but for those of `describe`, which only group. A table
 * (a literal of more than 20 lines without a function in it) does not count, in a function as in a file. Medians are
 * taken over what is released and what runs it; a test file is bound by the hard limits alone.
 */
import { Visitor } from "oxc-parser";
import { ROOT } from "./files.ts";
import { isTest, LineIndex, parseSource, readSourceFiles, reportProblems } from "./source-tree.ts";
import type { Problem, SourceFile } from "./source-tree.ts";

/** The budgets, in lines. */
export const BUDGETS = {
  functionMedian: 12,
  /** 95 of 100 functions stay within this. */
  functionMost: 45,
  functionLongest: 80,
  fileMedian: 130,
  fileLongest: 500,
  /** A literal longer than this is a table. */
  table: 20,
} as const;

interface Measured {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  readonly lines: number;
  /** Whether it counts for median and 95 %. */
  readonly counted: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Every budget that these files break. */
export function findOversized(files: readonly SourceFile[]): Problem[] {
  const measured = files.map((file) => measure(file));
  const functions = measured.flatMap((one) => one.functions);
  const sizes = measured.map((one) => one.file);
  return [
    ...tooLong(functions, BUDGETS.functionLongest, "function"),
    ...tooLong(sizes, BUDGETS.fileLongest, "file"),
    ...tooLongAt(functions, 0.5, BUDGETS.functionMedian, "median of functions"),
    ...tooLongAt(functions, 0.95, BUDGETS.functionMost, "95 % of functions"),
    ...tooLongAt(sizes, 0.5, BUDGETS.fileMedian, "median of files"),
  ];
}

function tooLong(all: readonly Measured[], limit: number, what: string): Problem[] {
  const over = all.filter(({ lines }) => lines > limit);
  return over.map(({ path, line, name, lines }) => ({
    path,
    line,
    message: `${what} ${name} has ${lines} lines, more than ${limit}`,
  }));
}

function tooLongAt(all: readonly Measured[], quantile: number, limit: number, what: string): Problem[] {
  const at = elementAt(all, quantile);
  if (at === undefined || at.lines <= limit) return [];
  return [{ path: at.path, line: at.line, message: `${what} is ${at.lines} lines (${at.name}), more than ${limit}` }];
}

/** The element at a quantile of those that count, smallest first. */
function elementAt(all: readonly Measured[], quantile: number): Measured | undefined {
  const sorted = all.filter(({ counted }) => counted).toSorted((a, b) => a.lines - b.lines);
  return sorted[Math.ceil(sorted.length * quantile) - 1];
}

/** One line that tells how much of the budgets is used. */
function summarize(files: readonly SourceFile[]): string {
  const measured = files.map((file) => measure(file));
  const functions = measured.flatMap((one) => one.functions).filter(({ counted }) => counted);
  const sizes = measured.map((one) => one.file).filter(({ counted }) => counted);
  const [median, most] = [0.5, 0.95].map((quantile) => elementAt(functions, quantile)?.lines ?? 0);
  const fileMedian = elementAt(sizes, 0.5)?.lines ?? 0;
  return `${functions.length} functions (median ${median}, 95 % ${most}), ${sizes.length} files (median ${fileMedian})`;
}

// --- measuring one file ---

function measure(file: SourceFile): { file: Measured; functions: Measured[] } {
  const lines = new LineIndex(file.text);
  const { path } = file;
  const counted = !isTest(path);
  const { functions, tables } = collectRanges(file, lines);
  const size = (range: Range): number =>
    linesOf(range, lines) -
    tables.filter((table) => contains(range, table)).reduce((sum, table) => sum + linesOf(table, lines), 0);
  const whole = { start: 0, end: file.text.trimEnd().length };
  return {
    file: { path, line: 1, name: path, lines: size(whole), counted },
    functions: functions.map((one) => ({
      path,
      line: lines.lineAt(one.start),
      name: one.name ?? "(callback)",
      lines: size(one),
      counted: counted && one.name !== undefined,
    })),
  };
}

type NamedRange = Range & { readonly name: string | undefined };

/** Functions with a body in braces, named where they have a name, and the outermost tables. */
function collectRanges(file: SourceFile, lines: LineIndex): { functions: NamedRange[]; tables: Range[] } {
  const functions: NamedRange[] = [];
  const literals: Range[] = [];
  const names = new Map<number, string>();
  const name = (value: { start: number } | null, key: { start: number; end: number }): void => {
    if (value !== null) names.set(value.start, file.text.slice(key.start, key.end));
  };
  const literal = (node: Range): void => {
    if (linesOf(node, lines) > BUDGETS.table) literals.push({ start: node.start, end: node.end });
  };
  const add = (node: Range, own: string | undefined): void => {
    functions.push({ start: node.start, end: node.end, name: own ?? names.get(node.start) });
  };
  const groups = new Set<number>();
  new Visitor({
    CallExpression: (node) => {
      const describes = node.callee.type === "Identifier" && node.callee.name === "describe";
      for (const argument of describes ? node.arguments : []) groups.add(argument.start);
    },
    VariableDeclarator: (node) => name(node.init, node.id),
    Property: (node) => name(node.value, node.key),
    PropertyDefinition: (node) => name(node.value, node.key),
    MethodDefinition: (node) => name(node.value, node.key),
    FunctionDeclaration: (node) => add(node, node.id?.name ?? "(default)"),
    FunctionExpression: (node) => add(node, node.id?.name),
    ArrowFunctionExpression: (node) => {
      if (node.body.type === "BlockStatement" && !groups.has(node.start)) add(node, undefined);
    },
    ArrayExpression: literal,
    ObjectExpression: literal,
    TemplateLiteral: literal,
  }).visit(parseSource(file).program);
  return { functions, tables: outermost(literals.filter((table) => !functions.some((one) => contains(table, one)))) };
}

function outermost(ranges: readonly Range[]): Range[] {
  return ranges.filter((range) => !ranges.some((other) => other !== range && contains(other, range)));
}

function contains(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function linesOf(range: Range, lines: LineIndex): number {
  return lines.lineAt(range.end) - lines.lineAt(range.start) + 1;
}

if (import.meta.main) {
  const files = readSourceFiles(ROOT, ["src", "test", "tools", "bench", "demo"]);
  reportProblems("check-sizes", summarize(files), findOversized(files));
}
