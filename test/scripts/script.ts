/**
 * Reads scripts of the command: text files in the manner of testscript. What they mean stands in README.md beside this.
 */

/** One thing that the command must do: the words to run it with, and what must come out. */
export interface CommandStep {
  readonly kind: "command";
  readonly line: number;
  readonly words: readonly string[];
  /** Variables in front of the command. */
  readonly environment: Readonly<Record<string, string>>;
  /** File that is given on standard input. */
  readonly input: string | undefined;
  /** File to which standard output goes; nothing of it is compared then. */
  readonly outputFile: string | undefined;
  readonly exitCode: number;
  readonly output: readonly string[];
  readonly talk: readonly string[];
  /** Name of the JSON Schema that standard output must meet; then it is not compared with `output`. */
  readonly schema: string | undefined;
  /** Members of that document, by dotted path, with their JSON values. */
  readonly members: readonly (readonly [path: string, json: string])[];
}

/** A fixture to make. */
export interface FixtureStep {
  readonly kind: "fixture";
  readonly line: number;
  readonly name: string;
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** A script: its steps in order, and the files that lie there before the first. */
export interface Script {
  readonly title: string;
  readonly steps: readonly (CommandStep | FixtureStep)[];
  readonly files: ReadonlyMap<string, string>;
}

const FILE_HEADER = /^-- (\S+) --$/;

/** Parses a script; throws `Error` with the line where it is none. */
export function parseScript(text: string): Script {
  const lines = text.split("\n");
  const firstFile = lines.findIndex((line) => FILE_HEADER.test(line));
  const head = firstFile < 0 ? lines : lines.slice(0, firstFile);
  return {
    title: head[0]?.replace(/^# /, "") ?? "",
    steps: parseSteps(head),
    files: parseFiles(firstFile < 0 ? [] : lines.slice(firstFile)),
  };
}

function parseSteps(lines: readonly string[]): (CommandStep | FixtureStep)[] {
  const steps: (CommandStep | FixtureStep)[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("@ ")) {
      steps.push(parseFixture(line.slice(2), at + 1));
    } else if (line.startsWith("$ ")) {
      const end = lines.findIndex((other, index) => index > at && !isExpectation(other));
      const expectations = lines.slice(at + 1, end < 0 ? lines.length : end);
      steps.push(parseCommand(line.slice(2), expectations, at + 1));
      at += expectations.length;
    } else {
      throw new Error(`line ${at + 1}: expected a comment, a command or a fixture, got ${line}`);
    }
  }
  return steps;
}

function isExpectation(line: string): boolean {
  return /^(?:> ?|! ?|exit |json |is )/.test(line);
}

const TAKING_OPTIONS: ReadonlySet<string> = new Set(["sign", "attest", "log"]);

function parseFixture(text: string, line: number): FixtureStep {
  const [name = "", ...rest] = splitWords(text);
  const isOption = (word: string): boolean => TAKING_OPTIONS.has(name) && /^[a-z-]+=/.test(word);
  const options = rest
    .filter(isOption)
    .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]);
  return {
    kind: "fixture",
    line,
    name,
    operands: rest.filter((word) => !isOption(word)),
    options: Object.fromEntries(options) as Record<string, string>,
  };
}

function parseCommand(text: string, expectations: readonly string[], line: number): CommandStep {
  const all = splitWords(text);
  const program = all.findIndex((word) => !/^[A-Z_]+=/.test(word));
  if (all[program] !== "sigstore") throw new Error(`line ${line}: expected sigstore, got ${text}`);
  const environment = all
    .slice(0, program)
    .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]);
  const [input, outputFile] = ["<", ">"].map((sign) => fileAfter(all, sign));
  const redirection = all.findIndex((word) => word === "<" || word === ">");
  const select = (sign: string): string[] =>
    expectations.filter((one) => one.startsWith(sign)).map((one) => one.slice(sign.length).replace(/^ /, ""));
  return {
    kind: "command",
    line,
    words: all.slice(program + 1, redirection < 0 ? undefined : redirection),
    environment: Object.fromEntries(environment) as Record<string, string>,
    input,
    outputFile,
    exitCode: Number(select("exit ")[0] ?? 0),
    output: select(">"),
    talk: select("!"),
    schema: select("json ")[0],
    members: select("is ").map((one) => [one.slice(0, one.indexOf(" ")), one.slice(one.indexOf(" ") + 1)]),
  };
}

function fileAfter(words: readonly string[], sign: string): string | undefined {
  const at = words.indexOf(sign);
  return at < 0 ? undefined : words[at + 1];
}

/** Words as a shell splits them, with single and double quotes and `\u{…}` for what a text file should not hold. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    words.push(word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2").replaceAll(/\\u\{([0-9a-f]+)\}/g, unescaped));
  }
  return words;
}

function unescaped(_: string, hex: string): string {
  return String.fromCodePoint(Number.parseInt(hex, 16));
}

function parseFiles(lines: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  let name = "";
  for (const line of lines) {
    const header = FILE_HEADER.exec(line);
    if (header === null) files.set(name, `${files.get(name) ?? ""}${line}\n`);
    else files.set((name = header[1] ?? ""), "");
  }
  // The script's own last line feed is not the last file's.
  const last = files.get(name);
  if (last !== undefined) files.set(name, last.replace(/\n$/, ""));
  return files;
}

/**
 * Compares what came out with what a script says: `…` stands for anything within a line, alone on a line for any lines.
 *
 * @returns undefined where it fits
 */
export function findMismatch(expected: readonly string[], found: string): string | undefined {
  const literal = (part: string): string => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pattern = expected
    .map((line) => (line === "…" ? "(?:[^\\n]*\\n)*?" : `${line.split("…").map(literal).join("[^\\n]*")}\\n`))
    .join("");
  if (new RegExp(`^${pattern}$`).test(found)) return undefined;
  return `expected:\n${expected.map((line) => `| ${line}\n`).join("")}got:\n${found.replaceAll(/^(?=[^])/gm, "| ")}`;
}
