/** Other programs of this machine, which tests compare with in a folder of their own; they skip loudly without them. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Where a program lies: the variable's word, PATH, or where ../shared/peers/get puts other implementations; undefined where it is absent. */
export function findProgram(name: string, variable: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const places = [...folders, join(homedir(), ".cache", "sigstore-peers", "bin")].map((folder) => join(folder, name));
  const named = process.env[variable];
  return (named === undefined || named === "" ? places : [named]).find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A folder for the files that programs exchange. */
export class ProgramFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "sigstore-program-"));

  /** Writes a file that only we may read, as programs want their keys. */
  write(name: string, content: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** A file's octets. */
  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.path, name)));
  }

  /** Standard output of a program; throws with its complaint when it fails. */
  run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
    const env = { ...process.env, HOME: this.path, ...environment };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: this.path, encoding: "utf8", env });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
    return stdout;
  }

  /** Takes the folder away. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
