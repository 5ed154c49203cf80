/**
 * Where an instance has its data: `--data`, SIGSTORE_DATA, or a folder among the user's data (XDG Base Directory Specification).
 */
import { isAbsolute, join, resolve } from "node:path";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { usageError } from "./parse.ts";

/** The option of every command that is about an instance on this machine. */
export const DATA_OPTION: OptionSpec = {
  name: "data",
  value: "FOLDER",
  valueKind: "file",
  summary: "where the instance has its keys, logs and users",
};

/** A folder, and where the wish for it came from. */
export interface DataFolder {
  readonly path: string;
  readonly source: string;
}

/** The data folder, as an absolute path. @throws SigstoreError `usage` when nothing says where it is */
export function findDataFolder(request: ParsedArguments, { environment }: World): DataFolder {
  const named = request.value(DATA_OPTION.name);
  if (named !== undefined) return { path: resolve(named), source: "--data" };
  const { SIGSTORE_DATA: own = "", XDG_DATA_HOME: data = "", HOME: home = "" } = environment;
  if (own !== "") return { path: resolve(own), source: "SIGSTORE_DATA" };
  if (isAbsolute(data)) return { path: join(data, "sigstore", "instance"), source: "XDG_DATA_HOME" };
  if (isAbsolute(home)) return { path: join(home, ".local", "share", "sigstore", "instance"), source: "HOME" };
  throw usageError(
    "expected a folder for the data of the instance, got none",
    "name one with --data FOLDER; the environment has no HOME that would say where yours are",
  );
}
