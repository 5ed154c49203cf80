/**
 * Where credentials of registries lie (docker/cli; containers-auth.json(5)): the file that REGISTRY_AUTH_FILE names, Docker's
 * configuration, podman's files.
 *
 * A file that was named must be there; of the others those that are. They are other programs' files, and only read.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SigstoreError } from "../errors.ts";
import { parseCredentialsFile } from "../formats/oci/credentials-file.ts";
import type { CredentialsFile } from "../formats/oci/credentials-file.ts";
import { LIMITS } from "../limits.ts";
import type { HomeEnvironment } from "./folder.ts";

/**
 * The files that there are, the one that has the word first.
 *
 * @throws SigstoreError `file-not-found` for a named file, `file-unreadable`, `registry-credentials-invalid`
 */
export async function readRegistryCredentials(environment: HomeEnvironment): Promise<readonly CredentialsFile[]> {
  const { REGISTRY_AUTH_FILE: named, DOCKER_CONFIG: docker, XDG_RUNTIME_DIR: run } = environment;
  const home = environment["HOME"] ?? environment["USERPROFILE"];
  const configuration = environment["XDG_CONFIG_HOME"] ?? below(home, ".config");
  const usual = [
    [docker ?? below(home, ".docker"), "config.json"],
    [run, join("containers", "auth.json")],
    [configuration, join("containers", "auth.json")],
  ].flatMap(([folder, file = ""]) => below(folder, file) ?? []);
  const first = named ? [await readNamed(named)] : [];
  const others = await Promise.all(usual.map(async (path) => readIfThere(path)));
  return [...first, ...others.filter((file) => file !== undefined)];
}

function below(folder: string | undefined, file: string): string | undefined {
  return folder === undefined || folder === "" ? undefined : join(folder, file);
}

async function readNamed(path: string): Promise<CredentialsFile> {
  const file = await readIfThere(path);
  if (file !== undefined) return file;
  throw new SigstoreError("file-not-found", `expected credentials of registries in ${path}, got no such file`, {
    hint: "REGISTRY_AUTH_FILE names it: correct it, or leave it out",
    details: { path },
  });
}

async function readIfThere(path: string): Promise<CredentialsFile | undefined> {
  try {
    const { size } = await stat(path);
    if (size > LIMITS.smallFileBytes)
      throw new SigstoreError("file-too-large", `expected credentials of registries in ${path}, got ${size} bytes`);
    return parseCredentialsFile(await readFile(path), path);
  } catch (cause) {
    if (cause instanceof SigstoreError) throw cause;
    const code: unknown = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new SigstoreError("file-unreadable", `expected to read ${path}, got ${String(code)}`, { cause });
  }
}
