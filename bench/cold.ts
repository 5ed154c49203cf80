/**
 * `cold/verify`: the whole process, from start to end, of the executable that the build makes, beside `node -e 0` and the
 * command of sigstore-js; stock cosign for orientation, where COSIGN or PATH has one. `cold/verify-cjs`: the same with the
 * command of the npm package, which is started by `node`.
 *
 * Every command judges the same bundle of the virtual Sigstore, without network: by a trusted root file, but for sigstore-js,
 * which takes it from a cache of TUF alone (tuf-cache.ts) and verifies that too.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { buildExecutable } from "../tools/build-executable.ts";
import { ALONE, buildPackage } from "../tools/build.ts";
import { ROOT } from "../tools/files.ts";
import { makeCorpus } from "./corpus.ts";
import { spreadOf } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { ratioOf, runRounds, valuesOf } from "./rounds.ts";
import type { Contestant, Measurements } from "./rounds.ts";
import { TUF_MIRROR, writeTufCache } from "./tuf-cache.ts";

const ROUNDS = 41;
const NAME = "cold/verify";
const NAME_CJS = "cold/verify-cjs";
/** The start of Node alone. */
export const BARE_NODE = "node -e 0";
const SIGSTORE_CLI = "@sigstore/cli 0.10.3 verify";
const COSIGN = "cosign verify-blob";
const DIST = join(ROOT, "dist");

/** What the executable must come to; the npm package's command pays for Node's module loader besides. */
const REQUIRED: ReadonlyMap<string, Figure["required"]> = new Map([
  [BARE_NODE, { atMost: 1.6 }],
  [SIGSTORE_CLI, { atMost: 0.2 }],
]);

/** Measures the cold start; builds the command first. */
export async function measureCold(): Promise<readonly Figure[]> {
  await buildPackage();
  const folder = mkdtempSync(join(tmpdir(), "sigstore-bench-"));
  try {
    const all = await contestants(folder, await buildExecutable(DIST, folder, ALONE));
    for (const { measure } of all) measure(0);
    const measurements = runRounds(all, ROUNDS);
    const peers = all.map(({ name }) => name).filter((name) => ![NAME, NAME_CJS].includes(name));
    return [NAME, NAME_CJS].flatMap((name) => peers.map((peer) => figureOf(measurements, name, peer)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function figureOf(measurements: Measurements, name: string, peer: string): Figure {
  const required = name === NAME ? REQUIRED.get(peer) : undefined;
  return {
    name,
    unit: "ms",
    value: spreadOf(valuesOf(measurements, name)),
    peer,
    peerValue: spreadOf(valuesOf(measurements, peer)),
    ratio: ratioOf(measurements, name, peer),
    ...(required !== undefined && { required }),
  };
}

async function contestants(folder: string, executable: string): Promise<readonly Contestant[]> {
  const { specimens, trustedRootJson, issuer, subject } = await makeCorpus("happy-path-v0.3");
  const [specimen] = specimens;
  if (specimen === undefined) throw new Error("the corpus has a first specimen");
  const inFolder = (name: string): string => join(folder, name);
  const artifact = inFolder("artifact");
  const bundle = inFolder("artifact.sigstore.json");
  writeFileSync(artifact, specimen.artifact);
  writeFileSync(bundle, specimen.json);
  writeFileSync(inFolder("trusted_root.json"), trustedRootJson);
  writeTufCache(inFolder("tuf"), trustedRootJson);
  const trust = ["--trusted-root", inFolder("trusted_root.json")];
  const words = ["verify", ...trust, "--identity", subject, "--issuer", issuer, artifact];
  const cache = ["--tuf-mirror-url", TUF_MIRROR, "--tuf-cache-path", inFolder("tuf"), "--tuf-force-cache"];
  const signer = ["--certificate-identity-uri", subject, "--certificate-issuer", issuer];
  const sigstoreJs = join(import.meta.dirname, "node_modules", "@sigstore", "cli", "bin", "run");
  const theirs = ["verify", ...cache, ...signer, "--blob-file", artifact, bundle];
  const cosign = findCosign();
  const same = ["--certificate-identity", subject, "--certificate-oidc-issuer", issuer, "--bundle", bundle];
  return [
    wholeProcess(BARE_NODE, [process.execPath, "-e", "0"]),
    wholeProcess(NAME, [executable, ...words]),
    wholeProcess(NAME_CJS, [process.execPath, join(DIST, "sigstore.cjs"), ...words]),
    wholeProcess(SIGSTORE_CLI, [process.execPath, sigstoreJs, ...theirs]),
    ...(cosign === undefined ? [] : [wholeProcess(COSIGN, [cosign, "verify-blob", ...same, ...trust, artifact])]),
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
