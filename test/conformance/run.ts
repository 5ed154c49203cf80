/**
 * `npm run conformance`: the public sigstore-conformance cases, each by path and by digest.
 *
 * First in process, where a refusal's code is compared with the one that was expected beforehand; then each again through
 * the executable that the public harness drives. Cases come from SIGSTORE_VECTORS, `../shared/vectors`, or the checkout of
 * the suite that `--cases FOLDER` names.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Suite } from "../suite.ts";
import { skipReason, vectorsPath } from "../vectors-path.ts";
import { runClient } from "./client.ts";
import { EXPECTED_REFUSALS } from "./expected.ts";

const DEFAULT_IDENTITY =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const DEFAULT_ISSUER = "https://token.actions.githubusercontent.com";

interface Call {
  readonly label: string;
  readonly caseName: string;
  readonly argv: readonly string[];
}

const { values } = parseArgs({ options: { cases: { type: "string" }, without: { type: "string", multiple: true } } });
const folder = values.cases ?? vectorsPath("sigstore-conformance", "bundle-verify");
const suite = new Suite("conformance");
if (folder !== undefined) await runCases(folder);
else suite.needs("vectors", false, String(skipReason));
suite.finish();

async function runCases(cases: string): Promise<void> {
  const calls = listCases(cases).flatMap((name) => callsOf(cases, name));
  for (const call of calls) await suite.case(call.label, () => checkCall(call));
  await runThroughExecutable(calls);
}

function listCases(cases: string): readonly string[] {
  return readdirSync(cases, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(cases, entry.name, "bundle.sigstore.json")))
    .map(({ name }) => name)
    .toSorted();
}

function callsOf(cases: string, name: string): readonly Call[] {
  const inCase = (file: string): string => join(cases, name, file);
  const own = inCase("artifact");
  const artifact = existsSync(own) ? own : join(cases, "a.txt");
  const digest = createHash("sha256").update(readFileSync(artifact)).digest("hex");
  const options = ["--bundle", inCase("bundle.sigstore.json"), ...signerOptions(inCase)];
  const root = inCase("trusted_root.json");
  if (existsSync(root)) options.push("--trusted-root", root);
  return [
    { label: `${name} by path`, caseName: name, argv: ["verify-bundle", ...options, artifact] },
    { label: `${name} by digest`, caseName: name, argv: ["verify-bundle", ...options, `sha256:${digest}`] },
  ];
}

function signerOptions(inCase: (file: string) => string): readonly string[] {
  if (existsSync(inCase("key.pub"))) return ["--key", inCase("key.pub")];
  const read = (file: string, otherwise: string): string =>
    existsSync(inCase(file)) ? readFileSync(inCase(file), "utf8").trim() : otherwise;
  return [
    "--certificate-identity",
    read("identity", DEFAULT_IDENTITY),
    "--certificate-oidc-issuer",
    read("issuer", DEFAULT_ISSUER),
  ];
}

/** Returns what to print beside the case; throws when the answer is not the expected one. */
function checkCall({ caseName, argv }: Call): string {
  const answer = runClient(argv);
  if (!caseName.endsWith("_fail")) {
    if (!answer.verified) throw new Error(`expected verified, got ${answer.code ?? "no"}: ${answer.message}`);
    return "verified";
  }
  if (answer.verified) throw new Error("expected a refusal, got verified");
  const expected = EXPECTED_REFUSALS[caseName];
  if (expected === undefined)
    throw new Error(`expected the case to be listed in expected.ts, got ${answer.code}: ${answer.message}`);
  if (answer.code !== expected.code)
    throw new Error(`expected ${expected.code}, got ${answer.code}: ${answer.message}`);
  return `refused: ${answer.code}${expected.note === undefined ? "" : ` (${expected.note})`}`;
}

async function runThroughExecutable(calls: readonly Call[]): Promise<void> {
  const waiting = [...calls];
  const worker = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      const { caseName, label, argv } = call;
      await suite.case(`executable: ${label}`, async () => {
        const exitCode = await runExecutable(argv);
        const expected = caseName.endsWith("_fail") ? 1 : 0;
        if (exitCode !== expected) throw new Error(`expected exit code ${expected}, got ${exitCode}`);
        return `exit ${exitCode}`;
      });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

function runExecutable(argv: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(import.meta.dirname, "client"), argv, { stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", resolve);
  });
}
