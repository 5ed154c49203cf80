/**
 * The command in this process: a world for it, and what came out. Files are those of the disk; home is a folder of the test's.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../src/cli/main.ts";
import type { World } from "../src/cli/world.ts";

/** What a run came to. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly output: string;
  readonly talk: string;
}

/** What a run is given besides its words. */
export interface CommandSurroundings {
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
  /** What whoever sits at the terminal answers; absent where nobody does. */
  readonly answers?: (question: string) => string | Promise<string>;
  /** Told what the command says on the error output, as it says it. */
  readonly onTalk?: (text: string) => void;
  /** What they type where it does not show. */
  readonly secrets?: (question: string) => string;
}

/** A folder of a test and the command in it. */
export class CommandFolder {
  readonly path: string;
  readonly #now: () => number;

  /** `now` is the clock that the command sees: services check what they are sent against theirs. */
  constructor(now: () => number) {
    this.path = mkdtempSync(join(tmpdir(), "sigstore-command-"));
    this.#now = now;
  }

  /** The path of `name` in the folder. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file and answers with its path. */
  write(name: string, text: string): string {
    writeFileSync(this.at(name), text);
    return this.at(name);
  }

  /** Runs the command with `words`. */
  async run(words: readonly string[], surroundings: CommandSurroundings = {}): Promise<CommandOutcome> {
    const { environment = {}, input = "", answers, secrets, onTalk } = surroundings;
    const descriptor = openSync(this.write("standard-input", input), "r");
    const written = { output: "", talk: "" };
    const world: World = {
      environment: { SIGSTORE_HOME: this.at("home"), ...environment },
      inputDescriptor: descriptor,
      outputIsTerminal: false,
      talkIsTerminal: false,
      ...(answers !== undefined && { ask: async (question: string) => answers(question) }),
      ...(secrets !== undefined && { askSecret: async (question: string) => Promise.resolve(secrets(question)) }),
      nowMs: this.#now,
      writeOutput: (text) => {
        written.output += text;
      },
      writeTalk: (text) => {
        written.talk += text;
        onTalk?.(text);
      },
    };
    try {
      return { exitCode: await runCommandLine(words, world), ...written };
    } finally {
      closeSync(descriptor);
    }
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
