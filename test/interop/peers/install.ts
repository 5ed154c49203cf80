/**
 * Installs peers at their pinned versions, once, into a folder outside the repository: `SIGSTORE_PEERS`, or
 * `sigstore-ts/peers` in the user's cache.
 *
 * What is there already is asked for its version and left alone. Everything comes from the registries that go, pip, npm and
 * apt-get are configured for. Programs go to `bin/`, Python to `venv/`, packages of Node to `npm/`.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { requireProgram, runProgram } from "../programs.ts";
import { type Peer, type PeerName, PEERS } from "./catalogue.ts";

/** An installation, from nothing on a slow machine. */
const INSTALL_MS = 20 * 60_000;
/** Where distributions keep servers, which is not on everybody's PATH. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/** The folder of the peers, and what is in it. */
export class PeerFolder {
  readonly path: string;
  readonly #print: (line: string) => void;

  constructor(environment: Readonly<Record<string, string | undefined>>, print: (line: string) => void) {
    const cache = environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
    this.path = environment["SIGSTORE_PEERS"] ?? join(cache, "sigstore-ts", "peers");
    this.#print = print;
    for (const part of ["bin", "share"]) mkdirSync(join(this.path, part), { recursive: true });
  }

  /** Where a program of a peer is; of the machine's own, its path. */
  program(name: string): string {
    const installed = join(this.path, "bin", name);
    return existsSync(installed) ? installed : (findOnPath(name) ?? installed);
  }

  /** A program in the Python environment. */
  pythonProgram(name: string): string {
    return join(this.path, "venv", "bin", name);
  }

  /** The folder that has the packages of Node. */
  get nodePackages(): string {
    return join(this.path, "npm");
  }

  /** Trillian's tables. */
  get trillianSchema(): string {
    return join(this.path, "share", "trillian.sql");
  }

  /** Installs a peer unless it is here; throws with the installer's last words when it cannot be had. */
  async ensure(name: PeerName): Promise<void> {
    const peer: Peer = PEERS[name];
    if (await this.#isHere(name, peer)) return;
    this.#print(`installing ${name} ${peer.version}: about ${peer.seconds} s on a quiet machine with two cores`);
    const beganMs = Date.now();
    await this.#install(name, peer);
    if (!(await this.#isHere(name, peer)))
      throw new Error(`expected ${name} ${peer.version} to be installed, got none`);
    this.#print(`installed ${name} in ${Math.round((Date.now() - beganMs) / 1000)} s`);
  }

  async #isHere(name: PeerName, { source, version }: Peer): Promise<boolean> {
    switch (source.kind) {
      case "go": {
        const paths = source.programs.map((program) => join(this.path, "bin", program.name));
        if (name === "trillian" && !existsSync(this.trillianSchema)) return false;
        const found = await Promise.all(paths.map((path) => goVersion(path, source.module)));
        return found.every((one) => one === `v${version}`);
      }
      case "go-client":
        // go itself knows what of it is built already.
        await this.#goBuild(join(import.meta.dirname, name), source.program);
        return true;
      case "pip":
        return (await this.#pythonVersion(source.package)) === version;
      case "npm":
        return this.#hasPackages(join(import.meta.dirname, name));
      case "system":
        return source.programs.every((program) => findOnPath(program) !== undefined);
      default:
        return source satisfies never;
    }
  }

  async #install(name: PeerName, { source, version }: Peer): Promise<void> {
    switch (source.kind) {
      case "go":
        for (const program of source.programs)
          if (source.isRequired === true) await this.#goRequire(source.module, version, program);
          else await this.#goInstall(`${program.package}@v${version}`, program.name);
        if (name === "trillian") await this.#copySchema(`${source.module}@v${version}`);
        break;
      case "go-client":
        break;
      case "pip":
        await requireProgram("python3", ["-m", "venv", "--clear", join(this.path, "venv")], { timeoutMs: INSTALL_MS });
        await requireProgram(this.pythonProgram("pip"), ["--quiet", "install", `${source.package}==${version}`], {
          timeoutMs: INSTALL_MS,
        });
        break;
      case "npm":
        await this.#npmInstall(join(import.meta.dirname, name));
        break;
      case "system":
        await aptInstall(source.packages);
        break;
      default:
        source satisfies never;
    }
  }

  async #goInstall(target: string, name: string): Promise<void> {
    const built = mkdtempSync(join(this.path, "build-"));
    try {
      const environment = { ...process.env, GOBIN: built, CGO_ENABLED: "0" };
      await requireProgram("go", ["install", target], { environment, timeoutMs: INSTALL_MS });
      const [only = ""] = readdirSync(built);
      renameSync(join(built, only), join(this.path, "bin", name));
    } finally {
      rmSync(built, { recursive: true });
    }
  }

  async #goRequire(module: string, version: string, program: { name: string; package: string }): Promise<void> {
    const cwd = mkdtempSync(join(this.path, "build-"));
    try {
      writeFileSync(join(cwd, "go.mod"), `module peer\n\ngo 1.24\n\nrequire ${module} v${version}\n`);
      const args = ["build", "-mod=mod", "-o", join(this.path, "bin", program.name), program.package];
      const environment = { ...process.env, CGO_ENABLED: "0" };
      await requireProgram("go", args, { cwd, environment, timeoutMs: INSTALL_MS });
    } finally {
      rmSync(cwd, { recursive: true });
    }
  }

  async #goBuild(cwd: string, name: string): Promise<void> {
    const environment = { ...process.env, CGO_ENABLED: "0" };
    const args = ["build", "-o", join(this.path, "bin", name), "."];
    await requireProgram("go", args, { cwd, environment, timeoutMs: INSTALL_MS });
  }

  /** Trillian's tables come with its source. */
  async #copySchema(module: string): Promise<void> {
    const answer = await requireProgram("go", ["mod", "download", "-json", module], { timeoutMs: INSTALL_MS });
    const { Dir: folder } = JSON.parse(answer) as { readonly Dir: string };
    copyFileSync(join(folder, "storage", "mysql", "schema", "storage.sql"), this.trillianSchema);
  }

  async #pythonVersion(name: string): Promise<string | undefined> {
    const python = this.pythonProgram("python");
    if (!existsSync(python)) return undefined;
    const ask = `import importlib.metadata as m; print(m.version("${name}"))`;
    const { status, output } = await runProgram(python, ["-c", ask]);
    return status === 0 ? output.trim() : undefined;
  }

  /** Whether each package that the folder's package.json asks for is here at that version. */
  #hasPackages(folder: string): boolean {
    const wanted = readManifest(join(folder, "package.json")).dependencies ?? {};
    return Object.entries(wanted).every(([name, version]) => {
      const path = join(this.nodePackages, "node_modules", name, "package.json");
      return existsSync(path) && readManifest(path).version === version;
    });
  }

  async #npmInstall(folder: string): Promise<void> {
    mkdirSync(this.nodePackages, { recursive: true });
    for (const name of ["package.json", "package-lock.json"]) {
      rmSync(join(this.nodePackages, name), { force: true });
      copyFileSync(join(folder, name), join(this.nodePackages, name));
    }
    const args = ["ci", "--ignore-scripts", "--no-workspaces", "--loglevel=error"];
    await requireProgram("npm", args, { cwd: this.nodePackages, timeoutMs: INSTALL_MS });
  }
}

/** Version of the module that a Go program was built from; undefined when there is none, or it is of another module. */
async function goVersion(path: string, module: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const { output } = await runProgram("go", ["version", "-m", path]);
  const line = output.split("\n").find((one) => /^\t(?:mod|dep)$/.test(one.split(`\t${module}\t`, 1)[0] ?? ""));
  return line?.split("\t")[3];
}

function findOnPath(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function readManifest(path: string): {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(path, "utf8")) as ReturnType<typeof readManifest>;
}

/** Packages that hold programs only, so that no service is started. */
async function aptInstall(packages: readonly string[]): Promise<void> {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const aptGet = (args: readonly string[]): Promise<string> => {
    const [command = "", ...rest] = [...sudo, "apt-get", "-qq", ...args];
    return requireProgram(command, rest, { environment, timeoutMs: INSTALL_MS });
  };
  const install = ["install", "-y", "--no-install-recommends", ...packages];
  try {
    await aptGet(install);
  } catch {
    await aptGet(["update"]);
    await aptGet(install);
  }
}
