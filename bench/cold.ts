/**
 * `cold/verify`: the whole process of the built command, from start to end, beside `node -e 0` and the command of
 * sigstore-js; stock cosign for orientation, where COSIGN or PATH has one.
 *
 * Every command judges a bundle of the virtual Sigstore with a trusted root file, without network. sigstore-js takes its
 * trusted root from TUF alone and cannot be given a file: it is started as far as it gets without network, its help, which
 * is less than a verification.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { buildPackage } from "../tools/build.ts";
import { ROOT } from "../tools/files.ts";
import { makeCorpus } from "./corpus.ts";
import { spreadOf } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { ratioOf, runRounds, valuesOf } from "./rounds.ts";
import type { Contestant } from "./rounds.ts";

const ROUNDS = 25;
const NAME = "cold/verify";
/** The start of Node alone. */
export const BARE_NODE = "node -e 0";
const SIGSTORE_CLI = "@sigstore/cli 0.10.3 verify --help";
const COSIGN = "cosign verify-blob";

/** Measures the cold start; builds the command first. */
export async function measureCold(): Promise<readonly Figure[]> {
  await buildPackage();
  const folder = mkdtempSync(join(tmpdir(), "sigstore-bench-"));
  try {
    return compare(await contestants(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(all: readonly Contestant[]): readonly Figure[] {
  for (const { measure } of all) measure(0);
  const measurements = runRounds(all, ROUNDS);
  const required = new Map<string, Figure["required"]>([
    [BARE_NODE, { atMost: 1.6 }],
    [SIGSTORE_CLI, { atMost: 0.2 }],
  ]);
  return all
    .filter(({ name }) => name !== NAME)
    .map(({ name: peer }) => {
      const bound = required.get(peer);
      return {
        name: NAME,
        unit: "ms",
        value: spreadOf(valuesOf(measurements, NAME)),
        peer,
        peerValue: spreadOf(valuesOf(measurements, peer)),
        ratio: ratioOf(measurements, NAME, peer),
        ...(bound !== undefined && { required: bound }),
      };
    });
}

async function contestants(folder: string): Promise<readonly Contestant[]> {
  const { specimens, trustedRootJson, issuer, subject } = await makeCorpus("happy-path-v0.3");
  const [specimen] = specimens;
  if (specimen === undefined) throw new Error("the corpus has a first specimen");
  const inFolder = (name: string): string => join(folder, name);
  writeFileSync(inFolder("artifact"), specimen.artifact);
  writeFileSync(inFolder("artifact.sigstore.json"), specimen.json);
  writeFileSync(inFolder("trusted_root.json"), trustedRootJson);
  const trust = ["--trusted-root", inFolder("trusted_root.json")];
  const command = join(ROOT, "dist", "sigstore.cjs");
  const sigstoreJs = join(import.meta.dirname, "node_modules", "@sigstore", "cli", "bin", "run");
  const cosign = findCosign();
  const bundle = ["--bundle", inFolder("artifact.sigstore.json")];
  const signer = ["--certificate-identity", subject, "--certificate-oidc-issuer", issuer];
  return [
    wholeProcess(BARE_NODE, [process.execPath, "-e", "0"]),
    wholeProcess(NAME, [
      process.execPath,
      command,
      "verify",
      ...trust,
      "--identity",
      subject,
      "--issuer",
      issuer,
      inFolder("artifact"),
    ]),
    wholeProcess(SIGSTORE_CLI, [process.execPath, sigstoreJs, "verify", "--help"]),
    ...(cosign === undefined
      ? []
      : [wholeProcess(COSIGN, [cosign, "verify-blob", ...bundle, ...trust, ...signer, inFolder("artifact")])]),
  ];
}

/** A whole process, in milliseconds; throws where it does not end well. */
export function wholeProcess(name: string, [program = "", ...args]: readonly string[]): Contestant {
  return {
    name,
    measure: () => {
      const started = performance.now();
      const { status, stderr } = spawnSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
      const took = performance.now() - started;
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr.toString("utf8")}`);
      return took;
    },
  };
}

/** Stock cosign, by COSIGN or on PATH. */
export function findCosign(): string | undefined {
  const { COSIGN: named, PATH: searchPath = "" } = process.env;
  const candidates = [named ?? "", ...searchPath.split(delimiter).map((folder) => join(folder, "cosign"))];
  return candidates.find((path) => path !== "" && existsSync(path));
}
