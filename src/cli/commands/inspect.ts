/**
 * `sigstore inspect FILE…`: what does it say? Nothing is verified, and that stands on top.
 */
import { inspectBytes } from "../../compose/inspect.ts";
import type { Inspection } from "../../compose/inspect.ts";
import { isSigstoreError } from "../../errors.ts";
import type { SigstoreError } from "../../errors.ts";
import { readDescriptor, readFile, withDescriptor } from "../../files/read.ts";
import { LIMITS } from "../../limits.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { Command, ParsedArguments } from "../command.ts";
import { combineExitCodes, EXIT, exitCodeOfError } from "../exit-codes.ts";
import { usageError } from "../options/parse.ts";
import { errorDocument, writeError, writeJson } from "../output.ts";
import { outputStyle } from "../terminal.ts";
import { inspectionReport } from "../tree.ts";
import type { World } from "../world.ts";

/** `sigstore inspect`. */
export const inspectCommand: Command = {
  name: "inspect",
  summary: "show what a file says, without verifying any of it",
  usage: "[OPTION…] FILE…",
  description: [
    "FILE is a bundle, trusted root, signing config, client trust config,",
    "certificate, public key, DSSE envelope, statement, log entry body, checkpoint,",
    "signed note, timestamp or list of SCTs, found out from its content; or -.",
  ],
  options: [],
  operands: { label: "FILE", minimum: 1, maximum: 10_000, completes: "file" },
  examples: [{ does: "what is in this bundle?", line: "sigstore inspect hello.txt.sigstore.json" }],
  run: runInspect,
};

/** What became of one file. */
type Answer =
  | { readonly source: string; readonly inspection: Inspection }
  | { readonly source: string; readonly exitCode: number; readonly error: SigstoreError };

async function runInspect(request: ParsedArguments, world: World): Promise<number> {
  if (request.operands.filter((word) => word === "-").length > 1)
    throw usageError("expected standard input once, got it twice");
  const answers: Answer[] = [];
  for (const word of request.operands) {
    const answer = inspectOne(word, world);
    answers.push(answer);
    if (request.flag("json")) continue;
    if ("error" in answer) writeError(world, answer.error, answer.source);
    else world.writeOutput(inspectionReport(answer.inspection, outputStyle(world)));
  }
  if (request.flag("json")) writeJson(world, answersDocument(answers));
  return combineExitCodes(answers.map((answer) => ("error" in answer ? answer.exitCode : EXIT.yes)));
}

function inspectOne(word: string, world: World): Answer {
  const source = word === "-" ? "standard input" : word;
  try {
    return { source, inspection: inspectBytes(readInput(word, source, world), source) };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return { source, exitCode: exitCodeOfInspection(error), error };
  }
}

function readInput(word: string, source: string, world: World): Uint8Array {
  const what = "a file to inspect";
  if (word !== "-") return readFile(word, LIMITS.bundleBytes, what);
  const read = (descriptor: number): Uint8Array => readDescriptor(descriptor, LIMITS.bundleBytes, what, source);
  return withDescriptor(world.inputDescriptor, source, what, read);
}

/** Files that cannot be opened are broken (1), files that cannot be understood malformed (3). */
function exitCodeOfInspection(error: SigstoreError): number {
  return error.code.startsWith("file-") ? exitCodeOfError(error) : EXIT.failed;
}

function answersDocument(answers: readonly Answer[]): unknown {
  const items = answers.map((answer) =>
    "error" in answer ? errorDocument(answer.error, answer.exitCode, answer.source) : answer.inspection,
  );
  return items.length === 1 ? items[0] : { apiVersion: API_VERSION, kind: "InspectionList", items };
}
