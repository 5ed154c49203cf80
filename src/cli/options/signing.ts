/**
 * The options that `sign` and `attest` share, and what they ask for.
 */
import { normalize } from "node:path";
import type { LoginWish } from "../../compose/login.ts";
import type { SigningTask } from "../../compose/sign-artifacts.ts";
import { readTokenText } from "../../compose/token-file.ts";
import { targetName } from "../../compose/verify-artifact.ts";
import type { Target } from "../../compose/verify-artifact.ts";
import { isPresent } from "../../files/beside.ts";
import { requireReadable } from "../../files/read.ts";
import { existsError } from "../../files/write.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { CONNECTION_OPTIONS } from "./connection.ts";
import { INSTANCE_OPTION, SIGNING_CONFIG_OPTION, TRUST_CONFIG_OPTION, TRUSTED_ROOT_OPTION } from "./instance.ts";
import { usageError } from "./parse.ts";
import { passOverBundles } from "./passed-over.ts";
import { findTarget } from "./target.ts";

/** Ways to log in, for `login` too. */
export const FLOW_OPTIONS: readonly OptionSpec[] = [
  { name: "device", summary: "log in by a code, in a browser anywhere" },
  { name: "oob", summary: "log in anywhere, and carry a code back here" },
];

/** The options of `sign`. */
export const SIGNING_OPTIONS: readonly OptionSpec[] = [
  { name: "bundle", value: "FILE", valueKind: "file", summary: "where the bundle goes, if not beside; or -" },
  { name: "force", summary: "replace bundles that are there already" },
  INSTANCE_OPTION,
  TRUST_CONFIG_OPTION,
  TRUSTED_ROOT_OPTION,
  SIGNING_CONFIG_OPTION,
  { name: "identity-token-file", value: "FILE", valueKind: "file", summary: "a token that says who signs; or -" },
  ...FLOW_OPTIONS,
  { name: "yes", summary: "do not ask whether this may become public" },
  ...CONNECTION_OPTIONS,
];

/** Standard output as the place of a bundle. */
const TO_OUTPUT = "-";

/**
 * The artifacts of the command line and where their bundles go.
 *
 * @throws SigstoreError `usage`, `bundle-exists`, `file-not-found`, `file-unreadable`
 */
export function readTasks(request: ParsedArguments, world: World): readonly SigningTask[] {
  const bundle = request.value("bundle");
  const words = passOverBundles(request.operands, world);
  const targets = words.map((word) => findTarget(word, world.inputDescriptor));
  if (bundle !== undefined && targets.length > 1)
    throw usageError(
      `expected one target with --bundle, got ${targets.length}`,
      "leave --bundle out: each bundle then lies beside its file",
    );
  if (bundle === TO_OUTPUT && request.flag("json"))
    throw usageError(
      "expected --json or --bundle -, got both",
      "standard output is one of them: write the bundle to a file",
    );
  const tasks = targets.map((target, index) => taskOf(target, words[index] ?? "", bundle));
  refuseTwice(tasks);
  for (const { target } of tasks) if (target.kind === "file") requireReadable(target.path, "an artifact");
  if (!request.flag("force")) refuseExisting(tasks);
  return tasks;
}

function taskOf(target: Target, word: string, bundle: string | undefined): SigningTask {
  if (bundle !== undefined) return { target, bundlePath: bundle === TO_OUTPUT ? undefined : bundle };
  if (target.kind !== "file")
    throw usageError(
      `expected --bundle FILE with ${targetName(target)}, got none`,
      "no bundle can lie beside it: say where it goes, or - for standard output",
    );
  if (!word.startsWith("file:") && /\.sigstore(?:\.json)?$/u.test(target.path))
    throw usageError(
      `expected a file to sign, got a bundle by its name: ${target.path}`,
      `leave it out; or write file:${target.path} to sign the bundle itself`,
    );
  return { target, bundlePath: `${target.path}.sigstore.json` };
}

function refuseTwice(tasks: readonly SigningTask[]): void {
  const streams = tasks.filter(({ target }) => target.kind === "stream");
  if (streams.length > 1) throw usageError("expected standard input once, got it twice");
  const seen = new Set<string>();
  for (const { bundlePath } of tasks) {
    const path = bundlePath === undefined ? "" : normalize(bundlePath);
    if (seen.has(path))
      throw usageError(`expected each file once, got ${path.replace(/\.sigstore\.json$/u, "")} twice`);
    seen.add(path);
  }
}

/** Before anybody logs in: nothing is signed that cannot be kept. */
function refuseExisting(tasks: readonly SigningTask[]): void {
  const existing = tasks.flatMap(({ bundlePath }) =>
    bundlePath !== undefined && isPresent(bundlePath) ? [bundlePath] : [],
  );
  const [first] = existing;
  if (first === undefined) return;
  if (existing.length === 1) throw existsError(first, "a bundle");
  throw existsError(`${first} and ${existing.length - 1} more`, "bundles");
}

/** The token that was handed over, where one was. @throws SigstoreError `usage` */
export function readGivenToken(request: ParsedArguments, world: World): LoginWish["given"] {
  const path = request.value("identity-token-file");
  if (path === undefined) return undefined;
  if (readFlow(request) !== undefined)
    throw usageError(
      "expected --identity-token-file or a way to log in, got both",
      "a token is a login that was made already",
    );
  if (path === "-" && request.operands.includes("-"))
    throw usageError("expected standard input once, got it twice", "only one of the target and the token can be -");
  // Read once, and anew for each certificate: a job may renew the file meanwhile.
  return path === "-"
    ? { label: "standard input", read: readTokenText({ descriptor: world.inputDescriptor }) }
    : { label: path, read: readTokenText({ path }) };
}

/** The way to log in that was asked for. @throws SigstoreError `usage` */
export function readFlow(request: ParsedArguments): LoginWish["flow"] {
  if (request.flag("device") && request.flag("oob")) throw usageError("expected --device or --oob, got both");
  if (request.flag("device")) return "device";
  return request.flag("oob") ? "out-of-band" : undefined;
}
