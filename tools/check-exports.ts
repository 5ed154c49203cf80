/**
 * `npm run check:exports`: every export of src/ has a docstring, and every function and class that the library exports
 * (src/index.ts, through any number of re-exports) has an `@example`; tools/check-docs.ts runs these.
 *
 * A docstring is a block comment of two stars that ends directly above the declaration and says something. The header
 * of a module is no docstring of its first export: a blank line or an import lies between them.
 */
import { posix } from "node:path";
import type { ParseResult } from "oxc-parser";
import { ROOT } from "./files.ts";
import { isTest, LineIndex, parseSource, readSourceFiles, reportProblems } from "./source-tree.ts";
import type { Problem, SourceFile } from "./source-tree.ts";

/** Fewer letters than this say nothing. */
const SHORTEST_DOCSTRING = 8;

type Statement = ParseResult["program"]["body"][number];

/** A declaration of a module, exported or not. */
interface Declaration {
  readonly names: readonly string[];
  readonly offset: number;
  readonly docstring: string | undefined;
  readonly callable: boolean;
}

/** What one module declares, exports under its own name, and passes on from others. */
interface ModuleExports {
  readonly file: SourceFile;
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly exported: ReadonlyMap<string, string>;
  readonly passedOn: readonly { module: string; names: readonly { imported: string; exported: string }[] | "all" }[];
}

/** Exports without a docstring, and public functions without an example. */
export function findUndocumentedExports(files: readonly SourceFile[]): Problem[] {
  const sources = files.filter(({ path }) => path.startsWith("src/") && !isTest(path));
  const modules = new Map(sources.map((file) => [file.path, readExports(file)]));
  const missing = [...modules.values()].flatMap((module) => undocumentedOf(module));
  return [...missing, ...withoutExample(modules)];
}

function undocumentedOf(module: ModuleExports): Problem[] {
  const locals = [...new Set(module.exported.values())];
  return locals.flatMap((name) => {
    const declaration = module.declarations.get(name);
    if (declaration === undefined || declaration.docstring !== undefined) return [];
    return [problem(module, declaration, `export ${name} has no docstring`)];
  });
}

function withoutExample(modules: ReadonlyMap<string, ModuleExports>): Problem[] {
  const found = new Set<Declaration>();
  const problems: Problem[] = [];
  for (const { module, name } of publicExports(modules, "src/index.ts", new Set())) {
    const declaration = module.declarations.get(name);
    if (declaration === undefined || found.has(declaration)) continue;
    found.add(declaration);
    if (!declaration.callable || declaration.docstring?.includes("@example") === true) continue;
    problems.push(problem(module, declaration, `public export ${name} has no @example`));
  }
  return problems;
}

function problem(module: ModuleExports, declaration: Declaration, message: string): Problem {
  return { path: module.file.path, line: new LineIndex(module.file.text).lineAt(declaration.offset), message };
}

/** Follows re-exports to the modules that declare; a circle of re-exports ends where it began. */
function publicExports(
  modules: ReadonlyMap<string, ModuleExports>,
  path: string,
  seen: Set<string>,
): { module: ModuleExports; name: string; exported: string }[] {
  const module = modules.get(path);
  if (module === undefined || seen.has(path)) return [];
  const own = [...module.exported].map(([exported, name]) => ({ module, name, exported }));
  const others = module.passedOn.flatMap(({ module: specifier, names }) => {
    const target = posix.normalize(posix.join(posix.dirname(path), specifier));
    const all = publicExports(modules, target, new Set([...seen, path]));
    if (names === "all") return all;
    return names.flatMap(({ imported, exported }) =>
      all.filter((one) => one.exported === imported).map((one) => ({ module: one.module, name: one.name, exported })),
    );
  });
  return [...own, ...others];
}

// --- reading one module ---

function readExports(file: SourceFile): ModuleExports {
  const syntax = parseSource(file);
  const docstrings = docstringsByEnd(syntax);
  const declarations = new Map<string, Declaration>();
  const exported = new Map<string, string>();
  const passedOn: ModuleExports["passedOn"][number][] = [];
  for (const statement of syntax.program.body) {
    const declaration = readDeclaration(file, statement, docstrings);
    for (const name of declaration?.names ?? []) {
      // The first overload carries the docstring.
      if (declaration !== undefined && !declarations.has(name)) declarations.set(name, declaration);
      if (statement.type === "ExportNamedDeclaration") exported.set(name, name);
    }
    readExportList(statement, exported, passedOn);
  }
  return { file, declarations, exported, passedOn };
}

function readExportList(
  statement: Statement,
  exported: Map<string, string>,
  passedOn: ModuleExports["passedOn"][number][],
): void {
  if (statement.type === "ExportAllDeclaration") passedOn.push({ module: statement.source.value, names: "all" });
  if (statement.type !== "ExportNamedDeclaration") return;
  const names = statement.specifiers.map((one) => ({ imported: nameOf(one.local), exported: nameOf(one.exported) }));
  if (statement.source !== null) passedOn.push({ module: statement.source.value, names });
  else for (const one of names) exported.set(one.exported, one.imported);
}

function readDeclaration(
  file: SourceFile,
  statement: Statement,
  docstrings: readonly { end: number; text: string }[],
): Declaration | undefined {
  const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (inner === null) return undefined;
  const names = declaredNames(inner);
  if (names.length === 0) return undefined;
  const above = docstrings.find(
    ({ end }) => end <= statement.start && /^[ \t]*\n?[ \t]*$/.test(file.text.slice(end, statement.start)),
  );
  const says = (above?.text ?? "").replaceAll(/[^\p{Letter}\p{Number}]/gu, "").length >= SHORTEST_DOCSTRING;
  const callable =
    inner.type === "FunctionDeclaration" || inner.type === "ClassDeclaration" || isFunctionConstant(inner);
  return { names, offset: statement.start, docstring: says ? above?.text : undefined, callable };
}

function declaredNames(node: object & { type: string }): string[] {
  if (node.type === "VariableDeclaration" && "declarations" in node && Array.isArray(node.declarations)) {
    return (node.declarations as { id: unknown }[]).map(({ id }) => nameOf(id));
  }
  return "id" in node && node.id !== null ? [nameOf(node.id)] : [];
}

function isFunctionConstant(node: object & { type: string }): boolean {
  if (node.type !== "VariableDeclaration" || !("declarations" in node) || !Array.isArray(node.declarations))
    return false;
  const [first] = node.declarations as { init: { type: string } | null }[];
  return first?.init?.type === "ArrowFunctionExpression" || first?.init?.type === "FunctionExpression";
}

function nameOf(node: unknown): string {
  if (typeof node !== "object" || node === null) return "";
  if ("name" in node) return String(node.name);
  return "value" in node ? String(node.value) : "";
}

function docstringsByEnd(syntax: ParseResult): { end: number; text: string }[] {
  return syntax.comments
    .filter((comment) => comment.type === "Block" && comment.value.startsWith("*"))
    .map((comment) => ({ end: comment.end, text: comment.value }));
}

if (import.meta.main) {
  const files = readSourceFiles(ROOT, ["src"]);
  reportProblems(
    "check-exports",
    `${files.filter(({ path }) => !isTest(path)).length} files`,
    findUndocumentedExports(files),
  );
}
