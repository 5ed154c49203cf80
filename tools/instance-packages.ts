/**
 * The packages that carry trusted roots: downloaded by the registry's own client, accepted by their SHA-256 only, unpacked.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A package of a registry, pinned. */
export interface PinnedPackage {
  readonly registry: "PyPI" | "npm" | "crates.io";
  readonly name: string;
  readonly version: string;
  /** SHA-256 (hex) of the archive that the registry hands out. */
  readonly sha256: string;
}

/** The packages that the instances are taken from and checked against. */
export const PACKAGES = {
  wheel: {
    registry: "PyPI",
    name: "sigstore",
    version: "4.5.1",
    sha256: "02e000197b34980f1d382741d6f83c2fecbcef7debf7304f36a5253f3c892cd9",
  },
  npm: {
    registry: "npm",
    name: "@sigstore/tuf",
    version: "5.0.1",
    sha256: "5957180cc0095d1531477e2fb65d9a3de1aeec7188962502a1a53c29ca130acb",
  },
  crate: {
    registry: "crates.io",
    name: "sigstore-trust-root",
    version: "0.15.1",
    sha256: "d9a49e390a5f52e0b05f1a17820be5ac747a3890bb9f54156d8a1147508420a7",
  },
} as const satisfies Record<string, PinnedPackage>;

/** Downloads a package into a folder below `folder`, and returns where its files lie. Throws when it is not the pinned one. */
export function fetchPackage(pinned: PinnedPackage, folder: string): string {
  const target = join(folder, pinned.registry);
  const files = join(target, "files");
  mkdirSync(files, { recursive: true });
  const archive = download(pinned, target);
  const found = createHash("sha256").update(readFileSync(archive)).digest("hex");
  if (found !== pinned.sha256) {
    throw new Error(`${pinned.name} ${pinned.version}: expected the archive ${pinned.sha256}, got ${found}`);
  }
  if (pinned.registry === "PyPI") run("python3", ["-m", "zipfile", "-e", archive, files], target);
  else run("tar", ["-xzf", archive, "-C", files, "--strip-components=1"], target);
  return files;
}

function download(pinned: PinnedPackage, target: string): string {
  const { name, version } = pinned;
  switch (pinned.registry) {
    case "PyPI":
      run("pip", ["download", `${name}==${version}`, "--no-deps", "--only-binary=:all:", "--dest", target], target);
      return only(join(target, "*.whl"));
    case "npm":
      run("npm", ["pack", `${name}@${version}`, "--pack-destination", target], target);
      return only(join(target, "*.tgz"));
    case "crates.io":
      return downloadCrate(name, version, target);
  }
}

/** Cargo downloads packages for a project only, so an empty one asks for this package. */
function downloadCrate(name: string, version: string, target: string): string {
  const dependency = `${name} = { version = "=${version}", default-features = false }`;
  const manifest = [
    "[package]",
    'name = "fetch"',
    'version = "0.0.0"',
    "[lib]",
    'path = "empty.rs"',
    "[dependencies]",
    dependency,
  ];
  writeFileSync(join(target, "Cargo.toml"), manifest.join("\n"));
  writeFileSync(join(target, "empty.rs"), "");
  run("cargo", ["fetch", "--quiet"], target);
  const home = process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  return only(join(home, "registry", "cache", "*", `${name}-${version}.crate`));
}

function only(pattern: string): string {
  const [found] = globSync(pattern);
  if (found === undefined) throw new Error(`expected ${pattern}, got no such file`);
  return found;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const outcome = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 300_000 });
  if (outcome.error !== undefined) throw new Error(`${command} could not be started`, { cause: outcome.error });
  if (outcome.status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${outcome.stderr}`);
}
