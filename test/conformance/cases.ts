/**
 * The public cases as calls of the client: each by path and by digest, as the suite's harness makes them.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DEFAULT_IDENTITY =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const DEFAULT_ISSUER = "https://token.actions.githubusercontent.com";

/** One call of the client about one case. */
export interface Call {
  readonly label: string;
  readonly caseName: string;
  readonly argv: readonly string[];
}

/** Every call that the folder of cases (`bundle-verify` of the suite) asks for. */
export function listCalls(folder: string): readonly Call[] {
  return listCases(folder).flatMap((name) => callsOf(folder, name));
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
