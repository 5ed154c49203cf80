/**
 * Where the user's own files lie: SIGSTORE_HOME, or the folders of the XDG Base Directory Specification.
 *
 * Whom the user trusts is configuration; remembered logins are secrets and lie apart from it, since people keep their
 * configuration in repositories. An environment that names no home has none: nothing is guessed from the machine.
 */
import { isAbsolute, join } from "node:path";
import { SigstoreError } from "../errors.ts";

/** The variables of the environment that say where home is. */
export type HomeEnvironment = Readonly<Record<string, string | undefined>>;

/** The folders of one user; neither need exist. */
export interface Home {
  /** Trusted instances and settings. */
  readonly configuration: string;
  /** Remembered logins. */
  readonly sessions: string;
}

/** The home that `environment` names, or undefined where it names none. */
export function findHome(environment: HomeEnvironment): Home | undefined {
  const { SIGSTORE_HOME: own, HOME: home, USERPROFILE: profile } = environment;
  if (own !== undefined && own !== "") return { configuration: own, sessions: join(own, "sessions") };
  const user = [home, profile].find(isUsable);
  const configuration = folderOf(environment["XDG_CONFIG_HOME"], user, ".config");
  const data = folderOf(environment["XDG_DATA_HOME"], user, join(".local", "share"));
  return configuration === undefined || data === undefined
    ? undefined
    : { configuration: join(configuration, "sigstore"), sessions: join(data, "sigstore", "sessions") };
}

/** The home that `environment` names, for what must be kept there. @throws SigstoreError `home-missing` */
export function requireHome(environment: HomeEnvironment): Home {
  const home = findHome(environment);
  if (home !== undefined) return home;
  throw new SigstoreError("home-missing", "expected a home folder in HOME or SIGSTORE_HOME, got neither", {
    hint: "set SIGSTORE_HOME to a folder of your own",
  });
}

/** XDG Base Directory Specification: "All paths set in these environment variables must be absolute", others are ignored. */
function folderOf(named: string | undefined, user: string | undefined, below: string): string | undefined {
  if (isUsable(named)) return named;
  return user === undefined ? undefined : join(user, below);
}

function isUsable(path: string | undefined): path is string {
  return path !== undefined && isAbsolute(path);
}
