/**
 * How results and errors leave the command: one JSON document, or lines for people.
 *
 * Errors for people go to standard error in the manner `sigstore: …`, with what to do below; with `--json` they are a
 * document of kind `Error` on standard output (docs/schemas/error.json).
 */
import { SigstoreError } from "../errors.ts";
import { API_VERSION } from "../verdict/result.ts";
import { printable, talkStyle } from "./terminal.ts";
import type { World } from "./world.ts";

/** An error as a document. */
export interface ErrorDocument {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "Error";
  readonly exitCode: number;
  /** The target that it is about, where it is about one. */
  readonly target?: string;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/** Writes `document` as JSON that is also safe to look at. */
export function writeJson(world: World, document: unknown): void {
  const text = JSON.stringify(document, null, 2);
  world.writeOutput(`${text.replace(/[\u007f-\u{10ffff}]/gu, escapedInJson)}\n`);
}

/** JSON.stringify escapes C0 controls only; what else is invisible or moves text about is escaped here. */
function escapedInJson(character: string): string {
  if (printable(character) === character) return character;
  return Array.from(
    { length: character.length },
    (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** Answers with a help text, as a document or as it is. */
export function writeHelp(world: World, text: string, asJson: boolean): void {
  if (asJson) writeJson(world, { apiVersion: API_VERSION, kind: "Help", text });
  else world.writeOutput(text);
}

/** The document of `error`. */
export function errorDocument(error: SigstoreError, exitCode: number, target?: string): ErrorDocument {
  return {
    apiVersion: API_VERSION,
    kind: "Error",
    exitCode,
    ...(target === undefined ? {} : { target }),
    error: {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
    },
  };
}

/** A broken invariant of ours, in one line that says where to report it. */
export function internalError(error: unknown): SigstoreError {
  const [message = ""] = error instanceof Error ? error.message.split("\n", 1) : [String(error)];
  return new SigstoreError("internal", `expected no such thing to happen, got: ${message}`, {
    hint: "this is a bug of ours: please report it, with what SIGSTORE_DEBUG=1 shows",
    cause: error,
  });
}

/** Says `error` to people, and which target it is about where the message does not name it. */
export function writeError(world: World, error: SigstoreError, target?: string): void {
  const about = target === undefined || error.details["path"] === target ? "" : `${printable(target)}: `;
  const style = talkStyle(world);
  const lines = [`${style.bad("sigstore:")} ${about}${printable(error.message)}`];
  for (const line of error.hint?.split("\n") ?? []) lines.push(`  ${printable(line)}`);
  world.writeTalk(`${lines.join("\n")}\n`);
}

/** Says `warning` to people. */
export function writeWarning(world: World, warning: string): void {
  world.writeTalk(`${talkStyle(world).caution("warning:")} ${printable(warning)}\n`);
}
