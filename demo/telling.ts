/**
 * How the demo speaks: chapters, answers with their reason, and a last line that says whether all went as told.
 */
import { styleText } from "node:util";
import { verify } from "../src/index.ts";
import type { ErrorCode, IdentityExpectation, Trust, Verdict, VerificationResult } from "../src/index.ts";

const COLOURS = { verified: "green", sound: "yellow", failed: "red", revoked: "red" } as const;
const WORDS = { verified: "verified", sound: "who is that?", failed: "refused", revoked: "revoked" } as const;

let answers = 0;
let surprises = 0;

/** One question to the verifier and the answer that it must give. */
export interface Question {
  readonly about: string;
  readonly bundle: string | Uint8Array;
  readonly artifact: Uint8Array;
  readonly trust: Trust;
  readonly identities?: readonly IdentityExpectation[];
  readonly nowMs: number;
  readonly latestTimeMs?: number;
  readonly expected: Verdict;
  readonly code?: ErrorCode;
}

/** Opens a chapter. */
export function chapter(title: string): void {
  console.log(`\n${styleText("bold", title)}\n`);
}

/** Says one thing beside the answers. */
export function say(text: string): void {
  console.log(`    ${styleText("dim", text)}`);
}

/** Asks the verifier, and tells its answer and its reason; one that is not as expected is counted against the demo. */
export function ask(question: Question): VerificationResult {
  const { about, artifact, expected, code, ...rest } = question;
  const result = verify({ artifact: { kind: "bytes", bytes: artifact }, ...rest });
  const word = styleText(COLOURS[result.verdict], WORDS[result.verdict].padEnd(12));
  console.log(`  ${word} ${about}`);
  if (result.failure !== undefined) say(`${result.failure.step}: ${result.failure.message}`);
  count(
    result.verdict === expected && (code === undefined || result.failure?.code === code),
    `${result.verdict} ${result.failure?.code ?? ""}`,
  );
  return result;
}

/** Counts one more thing that had to go as told; `got` is what came instead. */
export function count(asExpected: boolean, got: string): void {
  answers += 1;
  if (asExpected) return;
  surprises += 1;
  console.log(`  ${styleText("red", "NOT AS TOLD")}: ${got}`);
}

/** Closes the demo; exit code 1 when an answer was not the expected one. */
export function finish(): void {
  console.log(
    surprises === 0 ? `\n${answers} answers, all as told` : `\n${surprises} of ${answers} answers were not as told`,
  );
  process.exitCode = surprises === 0 ? 0 : 1;
}
