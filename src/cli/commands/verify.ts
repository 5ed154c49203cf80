/**
 * `sigstore verify TARGET…`: who signed this, and does it hold?
 */
import { chooseTrust } from "../../compose/instance.ts";
import { fileKey } from "../../compose/trust.ts";
import { readBundleFile, readBundleStream, targetName, verifyArtifact } from "../../compose/verify-artifact.ts";
import type { ArtifactVerification, BundleFile, Target } from "../../compose/verify-artifact.ts";
import { isSigstoreError } from "../../errors.ts";
import type { SigstoreError } from "../../errors.ts";
import { findHome } from "../../home/folder.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { VerificationResult } from "../../verdict/result.ts";
import { exitCodeOf } from "../../verdict/verdict.ts";
import { adviseFailure, adviseError } from "../advice.ts";
import type { Command, ParsedArguments } from "../command.ts";
import { combineExitCodes, exitCodeOfError } from "../exit-codes.ts";
import { readInstanceChoice } from "../options/instance.ts";
import { usageError } from "../options/parse.ts";
import { passOverBundles } from "../options/passed-over.ts";
import { findTarget } from "../options/target.ts";
import { readVerificationWish, VERIFICATION_OPTIONS } from "../options/verification.ts";
import { errorDocument, writeError, writeJson, writeWarning } from "../output.ts";
import type { ErrorDocument } from "../output.ts";
import { Progress } from "../progress.ts";
import { checksReport, optionWord, resultReport, trustAdvice } from "../report.ts";
import { outputStyle } from "../terminal.ts";
import type { World } from "../world.ts";

/** `sigstore verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "tell who signed a file, and whether that holds",
  usage: "[OPTION…] TARGET…",
  description: ["TARGET: a file (FILE.sigstore.json or FILE.sigstore beside it), sha256:HEX or -."],
  options: VERIFICATION_OPTIONS,
  operands: { label: "TARGET", minimum: 1, maximum: 10_000, completes: "file" },
  examples: [
    { does: "who signed it? says so, and how to trust exactly that signer", line: "sigstore verify hello.txt" },
    {
      does: "an instance of your own",
      line: "sigstore verify --trusted-root trusted_root.json hello.txt",
    },
  ],
  run: runVerify,
};

/** What became of one target. */
type Answer =
  | {
      readonly target: string;
      readonly exitCode: number;
      readonly result: VerificationResult;
      readonly bundlePath: string;
    }
  | { readonly target: string; readonly exitCode: number; readonly error: SigstoreError };

async function runVerify(request: ParsedArguments, world: World): Promise<number> {
  const words = request.flag("bundle") ? request.operands : passOverBundles(request.operands, world);
  const targets = words.map((word) => findTarget(word, world.inputDescriptor));
  const wish = readWish(request, targets, world);
  const answers: Answer[] = [];
  for (const [index, target] of targets.entries()) {
    const answer = verifyTarget(target, wish, request, world);
    answers.push(answer);
    if (!request.flag("json")) report(answer, words[index] ?? "", request, world);
  }
  if (request.flag("json")) writeJson(world, answersDocument(answers));
  else if (answers.length > 1) world.writeTalk(summary(answers));
  return combineExitCodes(answers.map(({ exitCode }) => exitCode));
}

type Wish = Omit<ArtifactVerification, "target" | "onProgress">;

function readWish(request: ParsedArguments, targets: readonly Target[], world: World): Wish {
  const options = readVerificationWish(request);
  const streams = targets.filter(({ kind }) => kind === "stream").length + (request.value("bundle") === "-" ? 1 : 0);
  if (streams > 1)
    throw usageError("expected standard input once, got it twice", "only one of the targets and the bundle can be -");
  const key = request.value("key");
  const bundleFile = readBundleOption(request.value("bundle"), world);
  return {
    ...options,
    trust: chooseTrust(readInstanceChoice(request, world)),
    ...(key === undefined ? {} : { key: fileKey(key) }),
    ...(bundleFile === undefined ? {} : { bundleFile }),
    nowMs: world.nowMs(),
  };
}

function readBundleOption(path: string | undefined, world: World): BundleFile | undefined {
  if (path === undefined) return undefined;
  return path === "-" ? readBundleStream(world.inputDescriptor, "standard input") : readBundleFile(path);
}

function verifyTarget(target: Target, wish: Wish, request: ParsedArguments, world: World): Answer {
  const name = targetName(target);
  const progress = new Progress(world);
  const { listener } = progress;
  try {
    const { result, bundlePath, bundle } = verifyArtifact({
      ...wish,
      target,
      ...(listener === undefined ? {} : { onProgress: listener }),
    });
    const home = findHome(world.environment);
    const advised = adviseFailure(result, { request, target: name, bundlePath, bundle, key: wish.key, home });
    return { target: name, exitCode: exitCodeOf(result), result: advised, bundlePath };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return { target: name, exitCode: exitCodeOfError(error), error: adviseError(error) };
  } finally {
    progress.end();
  }
}

function report(answer: Answer, word: string, request: ParsedArguments, world: World): void {
  if ("error" in answer) {
    writeError(world, answer.error, answer.target);
    return;
  }
  const { result, target, bundlePath } = answer;
  const style = outputStyle(world);
  const isExplained = request.flag("explain");
  const checks = isExplained ? checksReport(result, style) : "";
  world.writeOutput(`${checks}${resultReport(result, target, { bundlePath, style, isExplained })}`);
  for (const warning of result.warnings) writeWarning(world, warning);
  if (result.verdict === "sound" && result.signer?.kind === "certificate") {
    world.writeTalk(trustAdvice(result.signer, givenOptions(request), word));
  }
}

/** The options of this run as words, but for those that only say how to answer. */
function givenOptions(request: ParsedArguments): readonly string[] {
  const kept = VERIFICATION_OPTIONS.filter(({ name, value }) => value !== undefined && name !== "at");
  return kept.flatMap(({ name }) => request.values(name).flatMap((value) => optionWord(name, value)));
}

function answersDocument(answers: readonly Answer[]): unknown {
  const items = answers.map((answer): VerificationResult | ErrorDocument =>
    "error" in answer ? errorDocument(answer.error, answer.exitCode, answer.target) : answer.result,
  );
  return items.length === 1 ? items[0] : { apiVersion: API_VERSION, kind: "VerificationResultList", items };
}

function summary(answers: readonly Answer[]): string {
  const words = new Map([
    [0, "verified"],
    [4, "sound with nobody named to trust"],
    [3, "failed"],
    [5, "without a signature"],
    [6, "revoked"],
    [1, "unreadable"],
  ]);
  const parts = [...words].flatMap(([exitCode, word]) => {
    const count = answers.filter((answer) => answer.exitCode === exitCode).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${answers.length} targets: ${parts.join(", ")}\n`;
}
