/**
 * `sigstore completion bash|zsh|fish`: a script for the shell, made from the commands' own data.
 *
 * Options after a word that begins with a dash, values of options, commands, and files for the rest.
 */
import { API_VERSION } from "../../verdict/result.ts";
import { COMMON_OPTIONS } from "../command.ts";
import type { Command, OptionSpec, ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usageError } from "../options/parse.ts";
import { writeJson } from "../output.ts";
import type { World } from "../world.ts";
import { loadCommands } from "./registry.ts";

type Shell = "bash" | "zsh" | "fish";

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `sigstore completion`. */
export const completionCommand: Command = {
  name: "completion",
  summary: "print the completion script of a shell",
  usage: "bash|zsh|fish",
  description: [],
  options: [],
  operands: { label: "bash, zsh or fish", minimum: 1, maximum: 1, completes: ["bash", "zsh", "fish"] },
  examples: [
    { does: "in ~/.bashrc: complete commands, options and files", line: 'eval "$(sigstore completion bash)"' },
  ],
  run: runCompletion,
};

async function runCompletion(request: ParsedArguments, world: World): Promise<number> {
  const [shell = ""] = request.operands;
  if (shell !== "bash" && shell !== "zsh" && shell !== "fish")
    throw usageError(`expected bash, zsh or fish, got ${shell}`);
  const script = SCRIPTS[shell](await loadCommands());
  if (request.flag("json")) writeJson(world, { apiVersion: API_VERSION, kind: "Completion", shell, script });
  else world.writeOutput(script);
  return EXIT.yes;
}

function allOptions(command: Command): readonly OptionSpec[] {
  return [...command.options, ...COMMON_OPTIONS];
}

/** The fixed words that may stand where an operand of `command` does. */
function operandWords(command: Command, commands: readonly Command[]): readonly string[] {
  const { completes } = command.operands;
  if (completes === "file") return [];
  return completes === "command" ? commands.map(({ name }) => name) : completes;
}

function bashScript(commands: readonly Command[]): string {
  const values = commands.flatMap((command) =>
    command.options.flatMap((option) => (option.value === undefined ? [] : [bashValueCase(command, option)])),
  );
  const operands = commands.map((command) => {
    const options = allOptions(command).map(({ name }) => `--${name}`);
    const words = operandWords(command, commands).join(" ");
    const other = command.operands.completes === "file" ? "compgen -f" : `compgen -W '${words}'`;
    return `    ${command.name}) if [[ $current == -* ]]; then offers=$(compgen -W '${options.join(" ")}' -- "$current"); else offers=$(${other} -- "$current"); fi ;;`;
  });
  return `_sigstore() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} offers=
  if [[ $current == = ]]; then current=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )); then
    mapfile -t COMPREPLY < <(compgen -W '${commands.map(({ name }) => name).join(" ")}' -- "$current")
    return
  fi
  case "$command $previous" in
${values.join("\n")}
    *) case "$command" in
${operands.join("\n")}
    esac ;;
  esac
  COMPREPLY=()
  [[ -n $offers ]] && mapfile -t COMPREPLY <<< "$offers"
}
complete -o filenames -F _sigstore sigstore
`;
}

function bashValueCase(command: Command, option: OptionSpec): string {
  const files = option.valueKind === "file" ? "compgen -f" : `compgen -W '${valuesOf(option)}'`;
  return `    '${command.name} --${option.name}') offers=$(${files} -- "$current") ;;`;
}

function zshScript(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) => `'${name}:${quoted(summary)}'`);
  const cases = commands.map((command) => {
    const words = operandWords(command, commands).join(" ");
    const rest = command.operands.completes === "file" ? "_files" : `(${words})`;
    const specs = allOptions(command).map((option) => `      '${zshOption(option)}'`);
    return `    ${command.name}) _arguments \\\n${[...specs, `      '*::operand:${rest}'`].join(" \\\n")} ;;`;
  });
  return `#compdef sigstore
_sigstore() {
  local -a commands=(${names.join(" ")})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _sigstore sigstore
`;
}

function zshOption(option: OptionSpec): string {
  const many = option.repeatable === true ? "*" : "";
  const head = `${many}--${option.name}[${quoted(option.summary).replaceAll(/[[\]]/gu, "")}]`;
  if (option.value === undefined) return head;
  const offered = option.valueKind === "file" ? "_files" : "";
  const values = valuesOf(option) === "" ? offered : `(${valuesOf(option)})`;
  return `${head}:${option.value}:${values}`;
}

function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const words = operandWords(command, commands).join(" ");
    const operands =
      command.operands.completes === "file"
        ? `complete -c sigstore ${seen} -F`
        : `complete -c sigstore ${seen} -f -a '${words}'`;
    return [
      `complete -c sigstore -n __fish_use_subcommand -f -a ${command.name} -d '${quoted(command.summary)}'`,
      operands,
      ...allOptions(command).map(
        (option) => `complete -c sigstore ${seen} -l ${option.name}${fishValue(option)} -d '${quoted(option.summary)}'`,
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function fishValue(option: OptionSpec): string {
  if (option.value === undefined) return "";
  if (option.valueKind === "file") return " -r -F";
  return valuesOf(option) === "" ? " -x" : ` -x -a '${valuesOf(option)}'`;
}

/** The values that are offered, as words; empty where there are none. */
function valuesOf({ choices, suggestions }: OptionSpec): string {
  return (choices ?? suggestions ?? []).join(" ");
}

/** Summaries are ours and plain; an apostrophe in one must not end the shell's quotes. */
function quoted(text: string): string {
  return text.replaceAll("'", "’");
}
