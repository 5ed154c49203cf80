/**
 * `npm run check:imports`: every import of src/ points where the tables of tools/import-tables.ts let it point, and the
 * platform (network, files, clock, …) is used only where they say.
 *
 * Seen are static and dynamic imports, `import("…")` types, re-exports, and the use of globals; a file that declares a
 * name itself (a parameter called `fetch`) does not use the global. What builds a name at run time is not seen: no rule
 * of ours stands against a colleague who wants to break it.
 */
import { matchesGlob, posix } from "node:path";
import { Visitor } from "oxc-parser";
import type { ParseResult } from "oxc-parser";
import { ROOT } from "./files.ts";
import {
  IMPORT_TABLE,
  JOINING_SERVICE,
  PACKAGE_TABLE,
  PLATFORM_TABLE,
  SHARED_SERVICES,
  TEST_FILES,
  TEST_PACKAGES,
} from "./import-tables.ts";
import type { ImportRule, PlatformRule } from "./import-tables.ts";
import { isTest, LineIndex, parseSource, readSourceFiles, reportProblems } from "./source-tree.ts";
import type { Problem, SourceFile } from "./source-tree.ts";

/** One import of a file, or one use of a global. */
interface Use {
  readonly name: string;
  readonly offset: number;
}
interface Import extends Use {
  readonly typeOnly: boolean;
}

/** Everything in these files that the tables do not allow. */
export function findForbiddenImports(files: readonly SourceFile[]): Problem[] {
  return files.filter(({ path }) => path.startsWith("src/")).flatMap((file) => problemsOfFile(file));
}

function problemsOfFile(file: SourceFile): Problem[] {
  const syntax = parseSource(file);
  const lines = new LineIndex(file.text);
  const found: { offset: number; message: string }[] = [];
  const note = (offset: number, message: string | undefined): void => {
    if (message !== undefined) found.push({ offset, message });
  };
  for (const entry of collectImports(syntax)) note(entry.offset, judgeImport(file.path, entry));
  for (const use of collectGlobals(syntax)) note(use.offset, judgeGlobal(file.path, use.name));
  if (file.path === "src/index.ts") note(0, judgeIndex(syntax));
  return found.map(({ offset, message }) => ({ path: file.path, line: lines.lineAt(offset), message }));
}

// --- what a file imports and uses ---

function collectImports(syntax: ParseResult): Import[] {
  const found: Import[] = [];
  const add = (source: { value: unknown; start: number } | null, typeOnly: boolean): void => {
    if (source !== null) found.push({ name: String(source.value), offset: source.start, typeOnly });
  };
  new Visitor({
    ImportDeclaration: (node) => {
      const inline =
        node.specifiers.length > 0 && node.specifiers.every((one) => "importKind" in one && one.importKind === "type");
      add(node.source, node.importKind === "type" || inline);
    },
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ImportExpression: (node) =>
      add("value" in node.source ? node.source : { value: "(computed)", start: node.start }, false),
    TSImportType: (node) => add(node.source, true),
  }).visit(syntax.program);
  return found;
}

/** Uses of global names and of their members; a clock read by `new Date()` is named `Date.now` too. */
function collectGlobals(syntax: ParseResult): Use[] {
  const found: Use[] = [];
  const declared = declaredNames(syntax);
  const properties = new Set<number>();
  new Visitor({
    MemberExpression: (node) => {
      if (!node.computed) properties.add(node.property.start);
      if (node.object.type !== "Identifier" || node.property.type !== "Identifier" || node.computed) return;
      if (!declared.has(node.object.name))
        found.push({ name: `${node.object.name}.${node.property.name}`, offset: node.start });
    },
    Property: (node) => {
      if (!node.computed && !node.shorthand) properties.add(node.key.start);
    },
    PropertyDefinition: (node) => {
      properties.add(node.key.start);
    },
    MethodDefinition: (node) => {
      properties.add(node.key.start);
    },
    NewExpression: (node) => {
      const readsClock =
        node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0;
      if (readsClock) found.push({ name: "Date.now", offset: node.start });
    },
    Identifier: (node) => {
      if (!properties.has(node.start) && !declared.has(node.name)) found.push({ name: node.name, offset: node.start });
    },
  }).visit(syntax.program);
  return found;
}

/** Names that the file binds anywhere: imports, variables, functions, parameters, and members of its own types. */
function declaredNames(syntax: ParseResult): Set<string> {
  const names = new Set<string>();
  const bind = (pattern: unknown): void => {
    for (const name of boundNames(pattern)) names.add(name);
  };
  const parameters = (node: { params: readonly unknown[] }): void => node.params.forEach(bind);
  new Visitor({
    ImportSpecifier: (node) => bind(node.local),
    ImportDefaultSpecifier: (node) => bind(node.local),
    ImportNamespaceSpecifier: (node) => bind(node.local),
    VariableDeclarator: (node) => bind(node.id),
    ClassDeclaration: (node) => bind(node.id),
    FunctionDeclaration: (node) => {
      bind(node.id);
      parameters(node);
    },
    FunctionExpression: parameters,
    ArrowFunctionExpression: parameters,
    TSFunctionType: parameters,
    TSMethodSignature: (node) => {
      bind(node.key);
      parameters(node);
    },
    TSPropertySignature: (node) => bind(node.key),
  }).visit(syntax.program);
  return names;
}

/** Names inside a binding pattern, read structurally: identifiers, defaults, rests, objects and arrays. */
function boundNames(pattern: unknown): string[] {
  if (typeof pattern !== "object" || pattern === null || !("type" in pattern)) return [];
  if (pattern.type === "Identifier" && "name" in pattern) return [String(pattern.name)];
  const inner: unknown[] = [];
  for (const key of ["left", "argument", "value", "parameter"])
    if (key in pattern) inner.push(Reflect.get(pattern, key));
  for (const key of ["properties", "elements"]) {
    const list: unknown = Reflect.get(pattern, key);
    if (Array.isArray(list)) inner.push(...(list as unknown[]));
  }
  return inner.flatMap((one) => boundNames(one));
}

// --- what the tables say of it ---

function judgeImport(path: string, entry: Import): string | undefined {
  if (entry.name === "(computed)") return "an import must name its module as a literal";
  if (entry.name.startsWith(".")) return judgeRelative(path, entry);
  if (entry.name === "#platform")
    return path.startsWith("src/crypto/") ? undefined : "only src/crypto imports #platform";
  if (entry.name.startsWith("node:")) return judgeNodeModule(path, entry.name);
  return judgePackage(path, entry.name);
}

function judgeRelative(path: string, entry: Import): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), entry.name));
  if (isTest(path) && matchesGlob(target, TEST_FILES)) return undefined;
  if (!target.startsWith("src/")) return `src must not import ${target}: it stands alone`;
  if (!/\.(ts|json)$/.test(target)) return `an import names its file with the ending: ${entry.name}`;
  if (isTest(target)) return `nothing imports a test: ${entry.name}`;
  if (target === "src/errors.ts" || target === "src/limits.ts") return undefined;
  return judgeFolders(path, folderOf(path), folderOf(target), target, entry.typeOnly);
}

function judgeFolders(path: string, from: string, to: string, target: string, typeOnly: boolean): string | undefined {
  const rule = IMPORT_TABLE[from];
  if (rule === undefined) return `src/${from} has no line in the import table`;
  if (from === "services" && to === "services") return judgeServices(path, target);
  if (isOpen(rule, from, to, typeOnly)) return undefined;
  if (isTest(path) && (to === "testing" || to === "testing/instance")) return undefined;
  const typesOnly = rule.types?.includes(to) === true ? " but its port types, with `import type`" : "";
  return `${from} must not import ${to}${typesOnly}`;
}

function isOpen(rule: ImportRule, from: string, to: string, typeOnly: boolean): boolean {
  return from === to || rule.folders.includes(to) || (typeOnly && rule.types?.includes(to) === true);
}

function judgeServices(path: string, target: string): string | undefined {
  const [from, to] = [path, target].map((one) => one.split("/")[2] ?? "");
  if (from === to || from === JOINING_SERVICE || (to !== undefined && SHARED_SERVICES.includes(to))) return undefined;
  return `service ${from} must not import service ${to}`;
}

/** `formats` of src/formats/x509/name.ts; `testing/instance` stands alone; a file directly in src is its own name. */
function folderOf(path: string): string {
  const [, folder = "", next = ""] = path.split("/");
  return folder === "testing" && next === "instance" ? "testing/instance" : folder;
}

function judgeNodeModule(path: string, module: string): string | undefined {
  if (isTest(path)) return undefined;
  const rule = PLATFORM_TABLE.find(({ modules }) => modules?.includes(module) === true);
  if (rule === undefined) return `${module} has no line in the platform table`;
  return judgePlatform(path, rule, module);
}

function judgeGlobal(path: string, name: string): string | undefined {
  const rule = PLATFORM_TABLE.find(
    (one) => one.globals?.includes(name) === true || one.members?.includes(name) === true,
  );
  if (rule === undefined || (isTest(path) && rule.bindsTests !== true)) return undefined;
  return judgePlatform(path, rule, name === "Date.now" ? "Date.now() or new Date()" : name);
}

function judgePlatform(path: string, rule: PlatformRule, used: string): string | undefined {
  if (rule.allowed.some((pattern) => matchesGlob(path, pattern))) return undefined;
  return `${used} is not for this file (${rule.what}: only ${rule.allowed.join(", ")})`;
}

function judgePackage(path: string, specifier: string): string | undefined {
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  if (isTest(path) && TEST_PACKAGES.includes(name)) return undefined;
  const allowed = PACKAGE_TABLE[name];
  if (allowed === undefined) return `package ${name} has no line in the package table`;
  return allowed.some((pattern) => matchesGlob(path, pattern))
    ? undefined
    : `package ${name} is only for ${allowed.join(", ")}`;
}

/** The public door has no room behind it: re-exports only. */
function judgeIndex(syntax: ParseResult): string | undefined {
  const other = syntax.program.body.find((node) => {
    const reExports = node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration";
    return !reExports || node.source === null;
  });
  return other === undefined ? undefined : `index.ts only re-exports, and has ${other.type}`;
}

if (import.meta.main) {
  const files = readSourceFiles(ROOT, ["src"]);
  reportProblems("check-imports", `${files.length} files`, findForbiddenImports(files));
}
