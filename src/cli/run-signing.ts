/**
 * What `sign` and `attest` do alike: find the instance and who signs, sign, and say what became of it.
 */
import { chooseSigningInstance } from "../compose/instance.ts";
import type { SigningInstance } from "../compose/instance.ts";
import { announcingProvider, chooseIdentityProvider } from "../compose/login.ts";
import { signArtifacts } from "../compose/sign-artifacts.ts";
import type { SigningOutcome, SigningTask, SigningWish } from "../compose/sign-artifacts.ts";
import { chooseServices, openHttp } from "../compose/signing-services.ts";
import { targetName } from "../compose/verify-artifact.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import { findHome } from "../home/folder.ts";
import { API_VERSION } from "../verdict/result.ts";
import { EMPTY_SHA256 } from "./advice.ts";
import type { ParsedArguments } from "./command.ts";
import { combineExitCodes, EXIT, exitCodeOfError } from "./exit-codes.ts";
import { EXIT_INTERRUPTED, interruptible } from "./interrupt.ts";
import { fittingFlow, loginTalk } from "./login-talk.ts";
import { readConnectionOptions } from "./options/connection.ts";
import { readInstanceChoice } from "./options/instance.ts";
import { readFlow, readGivenToken, readTasks } from "./options/signing.ts";
import { errorDocument, writeError, writeJson, writeWarning } from "./output.ts";
import type { ErrorDocument } from "./output.ts";
import { CountProgress, Progress } from "./progress.ts";
import { givePublicNotice } from "./public-notice.ts";
import { signedReport, signingResult, verifyAdvice } from "./signing-report.ts";
import type { Signed, SigningResult } from "./signing-report.ts";
import { outputStyle, printable, shellWord } from "./terminal.ts";
import type { World } from "./world.ts";

/** What a command signs about each artifact: nothing but it, or a statement. */
export type StatementMaker = SigningWish["statementFor"];

/** Runs `sign` or `attest` and answers with the exit code. */
export async function runSigning(
  request: ParsedArguments,
  world: World,
  statementFor: StatementMaker,
): Promise<number> {
  const tasks = readTasks(request, world);
  const instance = chooseSigningInstance(readInstanceChoice(request, world));
  return interruptible(async (signal) => {
    const outcomes = await sign(tasks, instance, { request, world, statementFor, signal });
    answer(outcomes, instance, request, world);
    return signal.aborted ? EXIT_INTERRUPTED : exitCodeOf(outcomes);
  });
}

interface Run {
  readonly request: ParsedArguments;
  readonly world: World;
  readonly statementFor: StatementMaker;
  readonly signal: AbortSignal;
}

async function sign(
  tasks: readonly SigningTask[],
  instance: SigningInstance,
  { request, world, statementFor, signal }: Run,
): Promise<readonly SigningOutcome[]> {
  const http = openHttp(instance, readConnectionOptions(request, world));
  const home = findHome(world.environment);
  const now = (): number => world.nowMs();
  const isAgreed = request.flag("yes");
  const reading = new Progress(world);
  const progress = new CountProgress(world, "signing", tasks.length);
  try {
    const identityProvider = await chooseIdentityProvider({
      instance,
      http,
      home,
      environment: world.environment,
      given: readGivenToken(request, world),
      flow: readFlow(request),
      fittingFlow: fittingFlow(world),
      talk: loginTalk(world),
      now,
    });
    // A certificate that runs out is replaced by another login's, and nothing new becomes public then.
    let isTold = isAgreed;
    const announced = announcingProvider(identityProvider, async (token) => {
      await givePublicNotice(token, world, { instance: instance.name, home, isAgreed: isTold, signal });
      isTold = true;
    });
    const services = chooseServices({ instance, http, identityProvider: announced, now, random: Math.random, signal });
    return await signArtifacts({
      tasks,
      services,
      statementFor,
      replaces: request.flag("force"),
      signal,
      onProgress: reading.listener,
      onOutcome: (outcome) => {
        if (!request.flag("json")) {
          progress.end();
          reportOutcome(outcome, instance, tasks.length === 1, world);
        }
        progress.count();
      },
    });
  } finally {
    reading.end();
    progress.end();
    http.close();
  }
}

function reportOutcome(outcome: SigningOutcome, instance: SigningInstance, isAlone: boolean, world: World): void {
  if (outcome.kind === "failed") return writeError(world, outcome.error, targetName(outcome.task.target));
  if (outcome.kind === "left") return;
  if (hexEncode(outcome.digest) === EMPTY_SHA256)
    writeWarning(world, `${targetName(outcome.task.target)} is empty: was it written yet?`);
  if (outcome.task.bundlePath === undefined) world.writeOutput(`${outcome.bundle.json}\n`);
  const report = signedReport(signingResult(outcome, instance), outputStyle(world), isAlone);
  if (outcome.task.bundlePath === undefined) world.writeTalk(report);
  else world.writeOutput(report);
}

function answer(
  outcomes: readonly SigningOutcome[],
  instance: SigningInstance,
  request: ParsedArguments,
  world: World,
): void {
  if (request.flag("json")) return writeJson(world, answersDocument(outcomes, instance));
  const first = outcomes.find((outcome): outcome is Signed => outcome.kind === "signed");
  if (first !== undefined) world.writeTalk(verifyAdvice(signingResult(first, instance), instance));
  if (outcomes.length > 1) world.writeTalk(summary(outcomes));
}

function answersDocument(outcomes: readonly SigningOutcome[], instance: SigningInstance): unknown {
  const items = outcomes.map((outcome): SigningResult | ErrorDocument => {
    if (outcome.kind === "signed") return signingResult(outcome, instance);
    const error = outcome.kind === "failed" ? outcome.error : leftError();
    return errorDocument(error, exitCodeOfError(error), targetName(outcome.task.target));
  });
  return items.length === 1 ? items[0] : { apiVersion: API_VERSION, kind: "SigningResultList", items };
}

function leftError(): SigstoreError {
  return new SigstoreError("cancelled", "expected to sign this too, got stopped before", { hint: "sign it again" });
}

/** How many were signed, and which were not. */
function summary(outcomes: readonly SigningOutcome[]): string {
  const missing = outcomes.filter(({ kind }) => kind !== "signed").map(({ task }) => targetName(task.target));
  if (missing.length === 0) return `${outcomes.length} signed\n`;
  const shown = missing.slice(0, MISSING_SHOWN).map((name) => `  ${shellWord(printable(name))}\n`);
  const more = missing.length > MISSING_SHOWN ? `  … and ${missing.length - MISSING_SHOWN} more\n` : "";
  return `${outcomes.length - missing.length} of ${outcomes.length} signed; not signed:\n${shown.join("")}${more}`;
}

const MISSING_SHOWN = 20;

function exitCodeOf(outcomes: readonly SigningOutcome[]): number {
  return combineExitCodes(
    outcomes.map((outcome) => {
      if (outcome.kind === "signed") return EXIT.yes;
      return outcome.kind === "failed" ? exitCodeOfError(outcome.error) : EXIT.broken;
    }),
  );
}
