/**
 * `node tools/run.mjs tools/fetch-instances.ts [--check]`: writes src/policy/instances from pinned packages, nothing by hand.
 *
 * The public instance and staging come from the store of PyPI's sigstore, the client that the Sigstore project itself keeps
 * current. The public trusted root must say the same as the one in npm's @sigstore/tuf. GitHub's instance is in neither; it
 * comes from crates.io's sigstore-trust-root, also the Sigstore project's, and must have the hash by which
 * tuf-repo.github.com lists it (targets version 10, as several independent projects recorded it in July 2026). Where
 * another package says something else about an instance, that is printed. `--check` writes nothing and fails on a change.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseSigningConfig } from "../src/formats/signing-config.ts";
import { parseTrustedRoot } from "../src/formats/trusted-root.ts";
import type { Instance, InstanceName } from "../src/policy/instances/instances.ts";
import { compareTrustedRoots } from "./compare-trusted-roots.ts";
import { ROOT } from "./files.ts";
import { instanceModule, sha256Hex } from "./instance-modules.ts";
import { fetchPackage, PACKAGES } from "./instance-packages.ts";

type PackageName = keyof typeof PACKAGES;

/** Where the files of a package lie. */
type PackageFolders = Readonly<Record<PackageName, string>>;

/** Where an instance is taken from; paths are relative to the package. */
interface InstanceOrigin {
  readonly instance: InstanceName;
  readonly title: string;
  readonly tufRepository: string;
  /** See `Instance.takenOn`; each says how it is known. */
  readonly takenOn: string;
  readonly from: PackageName;
  readonly trustedRootPath: string;
  readonly trustedRootSha256: string;
  readonly signingConfigPath?: string;
  readonly tufRootPath: string;
  /** Other packages that carry the trusted root: what they say otherwise is printed, and fails where they must agree. */
  readonly witnesses: readonly Witness[];
}

interface Witness {
  readonly from: PackageName;
  readonly path: string;
  readonly mustAgree: boolean;
}

const STORE = "sigstore/_store/https%3A%2F%2Ftuf-repo-cdn";

const ORIGINS: readonly InstanceOrigin[] = [
  {
    instance: "public",
    title: "Sigstore's public instance",
    tufRepository: "https://tuf-repo-cdn.sigstore.dev",
    // The day on which @sigstore/tuf 5.0.1 was published with it.
    takenOn: "2026-11-05T00:00:00Z",
    from: "wheel",
    trustedRootPath: `${STORE}.sigstore.dev/trusted_root.json`,
    trustedRootSha256: "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66",
    signingConfigPath: `${STORE}.sigstore.dev/signing_config.v0.2.json`,
    tufRootPath: `${STORE}.sigstore.dev/root.json`,
    witnesses: [
      { from: "npm", path: "seeds.json", mustAgree: true },
      { from: "crate", path: "src/trusted_root.json", mustAgree: false },
    ],
  },
  {
    instance: "staging",
    title: "Sigstore's staging instance",
    tufRepository: "https://tuf-repo-cdn.sigstage.dev",
    // The day of sigstore-python's last commit to these files (fb9f2c4c).
    takenOn: "2026-05-31T00:00:00Z",
    from: "wheel",
    trustedRootPath: `${STORE}.sigstage.dev/trusted_root.json`,
    trustedRootSha256: "81f5af777952d2c3955062ad56924c05ca916b5d49f3a0bce945faa475a8b1cc",
    signingConfigPath: `${STORE}.sigstage.dev/signing_config.v0.2.json`,
    tufRootPath: `${STORE}.sigstage.dev/root.json`,
    witnesses: [{ from: "crate", path: "src/trusted_root_staging.json", mustAgree: false }],
  },
  {
    instance: "github",
    title: "GitHub's instance",
    tufRepository: "https://tuf-repo.github.com",
    // The day of sigstore-rust's last commit to this file (c675020).
    takenOn: "2026-06-29T00:00:00Z",
    from: "crate",
    trustedRootPath: "src/trusted_root_github.json",
    trustedRootSha256: "484cdfe1a7c65479c5ba2a22193d1be90f0020db1997de696ab207434c62fbb7",
    tufRootPath: "repository/tuf_github_root.json",
    witnesses: [],
  },
];

function main(): void {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const folder = mkdtempSync(join(tmpdir(), "instances-"));
  try {
    const folders = {
      wheel: fetchPackage(PACKAGES.wheel, folder),
      npm: fetchPackage(PACKAGES.npm, folder),
      crate: fetchPackage(PACKAGES.crate, folder),
    };
    for (const origin of ORIGINS) writeInstance(origin, folders, values.check);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeInstance(origin: InstanceOrigin, folders: PackageFolders, checkOnly: boolean): void {
  const instance = readInstance(origin, folders);
  for (const witness of origin.witnesses) compareWithWitness(instance, witness, folders);
  const text = instanceModule(instance, origin.instance === "github");
  const path = join(ROOT, "src", "policy", "instances", `${origin.instance}.ts`);
  if (!checkOnly) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) throw new Error(`${path} is not what the packages say`);
  console.log(`${origin.instance}: ${instance.source}, trusted root ${instance.trustedRootSha256}`);
}

/** Reads an instance from its package; throws when its files cannot be parsed or are not the pinned ones. */
function readInstance(origin: InstanceOrigin, folders: PackageFolders): Instance {
  const read = (path: string): string => readFileSync(join(folders[origin.from], path), "utf8");
  const { instance, title, tufRepository, takenOn, trustedRootSha256, signingConfigPath } = origin;
  const trustedRoot = read(origin.trustedRootPath);
  const signingConfig = signingConfigPath === undefined ? undefined : read(signingConfigPath);
  const found = sha256Hex(trustedRoot);
  if (found !== trustedRootSha256) {
    throw new Error(`${instance}: expected the trusted root ${trustedRootSha256}, got ${found}`);
  }
  parseTrustedRoot(trustedRoot);
  if (signingConfig !== undefined) parseSigningConfig(signingConfig);
  const tufRootVersion = readTufRootVersion(read(origin.tufRootPath));
  const source = sourceText(origin, tufRootVersion);
  const facts = { instance, title, tufRepository, tufRootVersion, takenOn, source };
  return { ...facts, trustedRootSha256, trustedRoot, signingConfig };
}

function sourceText({ from, witnesses }: InstanceOrigin, tufRootVersion: number): string {
  const agreeing = witnesses.filter(({ mustAgree }) => mustAgree);
  const others = agreeing.map((witness) => `; the same in ${packageText(witness.from)}`);
  return [`${packageText(from)}, TUF root ${tufRootVersion}`, ...others].join("");
}

function packageText(name: PackageName): string {
  const { registry, name: packageName, version } = PACKAGES[name];
  return `${registry} ${packageName} ${version}`;
}

function readTufRootVersion(json: string): number {
  const root: unknown = JSON.parse(json);
  const version = member(member(root, "signed"), "version");
  if (typeof version !== "number") throw new TypeError("expected a TUF root with a version");
  return version;
}

function compareWithWitness(instance: Instance, witness: Witness, folders: PackageFolders): void {
  const text = readFileSync(join(folders[witness.from], witness.path), "utf8");
  const json = witness.path === "seeds.json" ? seedOf(text, instance.tufRepository) : text;
  const { onlyInFirst, onlyInSecond } = compareTrustedRoots(
    parseTrustedRoot(instance.trustedRoot),
    parseTrustedRoot(json),
  );
  const name = packageText(witness.from);
  for (const statement of onlyInFirst) console.log(`${instance.instance}: not in ${name}: ${statement}`);
  for (const statement of onlyInSecond) console.log(`${instance.instance}: only in ${name}: ${statement}`);
  const agree = onlyInFirst.length === 0 && onlyInSecond.length === 0;
  if (agree)
    console.log(`${instance.instance}: ${name} says the same${json === instance.trustedRoot ? ", byte for byte" : ""}`);
  else if (witness.mustAgree) throw new Error(`${instance.instance}: ${name} says something else`);
}

/** The trusted root that seeds.json of @sigstore/tuf holds for a repository. */
function seedOf(seeds: string, repository: string): string {
  const encoded = member(member(member(JSON.parse(seeds), repository), "targets"), "trusted_root.json");
  if (typeof encoded !== "string") throw new TypeError(`expected seeds.json to hold a trusted root for ${repository}`);
  return Buffer.from(encoded, "base64").toString("utf8");
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

if (import.meta.main) {
  main();
}
