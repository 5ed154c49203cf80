/**
 * A user's shell for the demo: shows each command as it would be typed, runs the real one, and shows what it says.
 */
import { closeSync, openSync } from "node:fs";
import { styleText } from "node:util";
import { runCommandLine } from "../src/cli/main.ts";

/** What a command said, and how it ended. */
export interface ShellOutcome {
  readonly exitCode: number;
  readonly said: string;
}

/** Runs commands with this environment, in the folder of the process. */
export class Shell {
  readonly #environment: Readonly<Record<string, string>>;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /** Shows `sigstore WORDS` and what it says; `isHidden` leaves out lines that tell a newcomer nothing. */
  async run(words: readonly string[], isHidden: (line: string) => boolean = () => false): Promise<ShellOutcome> {
    console.log(`  ${styleText("bold", `$ sigstore ${words.join(" ")}`)}`);
    let said = "";
    const write = (text: string): void => {
      said += text;
      for (const line of text.trimEnd().split("\n")) if (!isHidden(line)) console.log(`    ${line}`);
    };
    const nothing = openSync("/dev/null", "r");
    try {
      const exitCode = await runCommandLine(words, {
        environment: this.#environment,
        inputDescriptor: nothing,
        outputIsTerminal: false,
        talkIsTerminal: false,
        nowMs: Date.now,
        writeOutput: write,
        writeTalk: write,
      });
      return { exitCode, said };
    } finally {
      closeSync(nothing);
    }
  }
}
