/**
 * How the demo speaks: chapters, answers with their reason, and a last line that says whether all went as told.
 */
import { styleText } from "node:util";
import type { VerificationResult } from "../src/index.ts";

const COLOURS = { verified: "green", sound: "yellow", failed: "red", revoked: "red" } as const;
const WORDS = { verified: "verified", sound: "who is that?", failed: "refused", revoked: "revoked" } as const;

let answers = 0;
let surprises = 0;

/** Opens a chapter. */
export function chapter(title: string): void {
  console.log(`\n${styleText("bold", title)}`);
}

/** Says one thing beside the answers. */
export function say(text: string): void {
  console.log(`    ${styleText("dim", text)}`);
}

/** Tells an answer and its reason; `asExpected` false is counted against the demo. */
export function answer(about: string, result: VerificationResult, asExpected: boolean): void {
  answers += 1;
  const word = styleText(COLOURS[result.verdict], WORDS[result.verdict].padEnd(12));
  console.log(`  ${word} ${about}`);
  if (result.failure !== undefined) say(`${result.failure.step}: ${result.failure.message}`);
  if (asExpected) return;
  surprises += 1;
  console.log(`  ${styleText("red", "NOT AS TOLD")}: ${result.verdict} ${result.failure?.code ?? ""}`);
}

/** Closes the demo; exit code 1 when an answer was not the expected one. */
export function finish(): void {
  console.log(
    surprises === 0 ? `\n${answers} answers, all as told` : `\n${surprises} of ${answers} answers were not as told`,
  );
  process.exitCode = surprises === 0 ? 0 : 1;
}
