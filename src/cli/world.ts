/**
 * What a command may touch of the process it runs in. Tests hand in a world of their own.
 *
 * Writing is synchronous and goes to the descriptors: Node's own streams cost two milliseconds to set up, and a process
 * that ends right after a write to a pipe must not lose it.
 */
import { fstatSync, statSync, writeSync } from "node:fs";
import { isSigstoreError, SigstoreError } from "../errors.ts";

/** The process around a command. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Descriptor that standard input is read from. */
  readonly inputDescriptor: number;
  /** True when results go to a terminal. */
  readonly outputIsTerminal: boolean;
  /** True when talk goes to a terminal. */
  readonly talkIsTerminal: boolean;
  /** Asks whoever sits at the terminal; the line that was typed. Absent where nobody does. */
  readonly ask?: ((question: string, signal?: AbortSignal) => Promise<string>) | undefined;
  /** The same for what nobody else is to see: what is typed does not show. */
  readonly askSecret?: ((question: string) => Promise<string>) | undefined;
  /** The clock: milliseconds since 1970. */
  nowMs(): number;
  /** Results: standard output. */
  writeOutput(text: string): void;
  /** Everything else that is said: standard error. */
  writeTalk(text: string): void;
}

const INPUT = 0;
const OUTPUT = 1;
const TALK = 2;
const PAUSE_MS = 5;

/** The real process. */
export function processWorld(): World {
  return {
    environment: process.env,
    inputDescriptor: INPUT,
    get outputIsTerminal(): boolean {
      return isTerminal(OUTPUT);
    },
    get talkIsTerminal(): boolean {
      return isTerminal(TALK);
    },
    get ask(): World["ask"] {
      return isTerminal(INPUT) && isTerminal(TALK) ? askAtTerminal : undefined;
    },
    get askSecret(): World["askSecret"] {
      return isTerminal(INPUT) && isTerminal(TALK) ? askSecretAtTerminal : undefined;
    },
    nowMs: () => Date.now(),
    writeOutput: (text) => writeFully(OUTPUT, text),
    writeTalk: writeWhatCanBe,
  };
}

/**
 * Only what is a character device can be a terminal, and the commonest one is not; node:tty brings half the network with
 * it, so it is asked last.
 */
function isTerminal(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  if (!stats.isCharacterDevice() || stats.rdev === statSync("/dev/null", { throwIfNoEntry: false })?.rdev) return false;
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

async function askAtTerminal(question: string, signal?: AbortSignal): Promise<string> {
  const { createInterface } = process.getBuiltinModule("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Here Ctrl-C is a key: it is handed on as the signal that it is elsewhere.
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  // Ctrl-D, or a terminal that goes away, leaves a question open for ever.
  const gone = new AbortController();
  terminal.once("close", () => gone.abort());
  try {
    return await terminal.question(question, {
      signal: signal === undefined ? gone.signal : AbortSignal.any([signal, gone.signal]),
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AbortError") throw error;
    throw new SigstoreError("cancelled", "expected an answer to the question, got none", { cause: error });
  } finally {
    terminal.close();
  }
}

async function askSecretAtTerminal(question: string): Promise<string> {
  const { createInterface } = process.getBuiltinModule("node:readline/promises");
  const { Writable } = process.getBuiltinModule("node:stream");
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silence, terminal: true });
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  writeWhatCanBe(question);
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    writeWhatCanBe("\n");
  }
}

function faultText(code: string): string {
  return code === "ENOSPC" || code === "EDQUOT" ? "a full disk" : code;
}

/** A reader that went away (`sigstore … | head -1`) has seen what it wanted: the rest is dropped in silence. */
function writeFully(descriptor: number, text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") {
        throw new SigstoreError("file-unwritable", `expected to write the answer, got ${faultText(String(code))}`, {
          hint: "nothing counts as answered: look at where standard output goes, and run it again",
          cause: error,
        });
      }
      pause();
    }
  }
}

/** Talk that cannot be written has nobody to hear of it, and changes no answer. */
function writeWhatCanBe(text: string): void {
  try {
    writeFully(TALK, text);
  } catch (error) {
    if (!isSigstoreError(error, "file-unwritable")) throw error;
  }
}

/** A pipe that another process set to non-blocking is full: give its reader a moment. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
