/**
 * Finds what documents promise to be runnable: fenced code blocks of Markdown, and the `@example` of docstrings.
 *
 * A fence's info string is a language and words about the block: `sh` (a shell script), `ts` (a module), `json` (a
 * document), `text output` (what the block before it prints), `text` (anything). Words: `setup` (proved by .ci/run),
 * `interop` (proved by `npm run interop`), `exit=N` (the script ends with this code).
 */
import { parseSource } from "./source-tree.ts";
import type { Problem, SourceFile } from "./source-tree.ts";

/** Languages that a block may be written in. */
export const LANGUAGES: readonly string[] = ["sh", "ts", "json", "text"];

/** One block, and where it stands. */
export interface Block {
  readonly path: string;
  /** Line of its first line of code. */
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly code: string;
}

/** The blocks of a Markdown file in order, and what is wrong with their fences. */
export function readMarkdownBlocks(file: SourceFile): { blocks: Block[]; problems: Problem[] } {
  const blocks: Block[] = [];
  const lines = file.text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^( *)(`{3,})(.*)$/.exec(lines[at] ?? "");
    if (fence === null) continue;
    const [, margin = "", ticks = "", info = ""] = fence;
    const end = lines.findIndex((line, index) => index > at && line.trim() === ticks);
    const body = lines.slice(at + 1, end === -1 ? lines.length : end);
    const code = body
      .map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line.trimStart()))
      .join("\n");
    const [language = "", ...words] = info.trim().split(/\s+/);
    blocks.push({ path: file.path, line: at + 2, language, words, code });
    at = end === -1 ? lines.length : end;
  }
  return { blocks, problems: blocks.flatMap((block) => problemsOfFence(block)) };
}

function problemsOfFence(block: Block): Problem[] {
  const { path, line, language } = block;
  if (LANGUAGES.includes(language)) return [];
  return [
    {
      path,
      line,
      message: `expected a block of ${LANGUAGES.join(", ")}, got ${language === "" ? "no language" : language}`,
    },
  ];
}

/**
 * The `@example` parts of the docstrings of a module. An example that imports nothing sees what the module exports;
 * where it stands in a fence, only the fence's content is the example.
 */
export function readExamples(file: SourceFile): Block[] {
  if (!file.text.includes("@example")) return [];
  const { comments, module } = parseSource(file);
  const docstrings = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  const exported = module.staticExports
    .flatMap(({ entries }) => entries)
    .filter((entry) => !entry.isType && entry.moduleRequest === null && entry.exportName.name !== null);
  const names = exported.map((entry) => entry.exportName.name).join(", ");
  return docstrings.flatMap((comment) => {
    const firstLine = file.text.slice(0, comment.start).split("\n").length;
    return examplesOf(comment.value).map(({ code, line }) => ({
      path: file.path,
      line: firstLine + line,
      language: "ts",
      words: [],
      code: /^import\b/m.test(code) ? code : `import { ${names} } from "sigstore-ts/${file.path}"; ${code}`,
    }));
  });
}

function examplesOf(comment: string): { code: string; line: number }[] {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
  const found: { code: string; line: number }[] = [];
  for (const [line, text] of lines.entries()) {
    if (!text.startsWith("@example")) continue;
    const next = lines.findIndex((other, index) => index > line && /^@[a-z]/.test(other));
    const part = [text.slice("@example".length), ...lines.slice(line + 1, next === -1 ? undefined : next)].join("\n");
    const fenced = /```\w*\n([\s\S]*?)\n```/.exec(part);
    found.push({ code: (fenced?.[1] ?? part).trim(), line });
  }
  return found;
}
