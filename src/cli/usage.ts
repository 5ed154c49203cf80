/**
 * Help texts, made from the commands' own data. Each fits one screen of 80 × 24 and ends with an example that works.
 */
import { COMMON_OPTIONS } from "./command.ts";
import type { Command, OptionSpec } from "./command.ts";

const SCREEN_WIDTH = 80;

/** Help of one command. */
export function commandHelp(command: Command): string {
  const options = [...command.options, ...COMMON_OPTIONS];
  const listed = options.filter(({ isRare }) => isRare !== true);
  const labels = listed.map(optionLabel);
  const width = Math.max(...labels.map((label) => label.length)) + 2;
  const blocks = [
    [`usage: sigstore ${command.name} ${command.usage}`.trimEnd(), sentence(command.summary), ...command.description],
    [
      ...listed.flatMap((option, index) => optionLines(labels[index] ?? "", option, width)),
      ...rareLines(options.filter(({ isRare }) => isRare === true)),
    ],
    command.examples.flatMap(({ does, line }) => [`# ${does}`, line]),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const RARE_INDENT = 2;

function rareLines(options: readonly OptionSpec[]): string[] {
  if (options.length === 0) return [];
  const labels = options.map((option) => optionLabel(option).trim().replaceAll(" ", "\u{a0}")).join(", ");
  const lines = wrap(`rarely: ${labels}`, RARE_INDENT);
  return lines.map((line) => `${" ".repeat(RARE_INDENT)}${line.replaceAll("\u{a0}", " ")}`);
}

/** Help of the whole program; the commands in their order, those beside another behind it. */
export function programHelp(commands: readonly Pick<Command, "name" | "summary" | "beside">[]): string {
  const listed = commands.filter(({ beside }) => beside === undefined);
  const width = Math.max(...listed.map(({ name }) => name.length)) + 2;
  const lines = [
    "usage: sigstore COMMAND [OPTION…] [TARGET…]",
    "Tells who signed a piece of software, and whether that holds; signs, too.",
    "",
    ...listed.flatMap(({ name, summary }) => [
      `  ${name.padEnd(width)}${summary}`,
      ...besideLines(
        commands.filter(({ beside }) => beside === name).map((one) => one.name),
        width + 2,
      ),
    ]),
    "",
    "exit codes: 0 yes · 1 something broke · 2 wrong usage · 3 verification failed ·",
    "4 sound, but nobody said whom to trust · 5 no signature found · 6 revoked",
    "",
    "# who signed this file, and how do I say whom I trust?",
    "sigstore verify hello.txt",
    "sigstore help verify",
  ];
  return `${lines.join("\n")}\n`;
}

function besideLines(names: readonly string[], indent: number): string[] {
  if (names.length === 0) return [];
  return wrap(`+ ${names.join(", ")}`, indent).map((line) => `${" ".repeat(indent)}${line}`);
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function optionLabel(option: OptionSpec): string {
  const short = option.short === undefined || option.short === "h" ? "" : `-${option.short}, `;
  return `  ${short}--${option.name}${option.value === undefined ? "" : ` ${option.value}`}${option.repeatable === true ? "…" : ""}`;
}

function optionLines(label: string, option: OptionSpec, width: number): string[] {
  const choices = option.choices === undefined ? "" : ` (${option.choices.join(", ")})`;
  const [first = "", ...rest] = wrap(`${option.summary}${choices}`, width);
  return [`${label.padEnd(width)}${first}`, ...rest.map((line) => `${" ".repeat(width)}${line}`)];
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > SCREEN_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
