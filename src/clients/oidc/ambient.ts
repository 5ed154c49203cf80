/**
 * Identities that a machine has by where it runs (cosign pkg/providers; sigstore-python's `id`): CI systems, clouds, a file.
 *
 * Asked in cosign's order, the first that is there wins. Environment and files are handed in. Leaves out: SPIFFE's workload
 * API, which is gRPC on a socket.
 */
import { SigstoreError } from "../../errors.ts";
import { parseIdentityToken } from "../../formats/identity-token.ts";
import type { CallOptions, IdentityProvider } from "../../sign/ports.ts";
import type { HttpClient } from "../http/http-client.ts";
import { BUILDKITE } from "./ambient/buildkite.ts";
import { CIRCLECI } from "./ambient/circleci.ts";
import { ENVIRONMENT_VARIABLE } from "./ambient/environment-variable.ts";
import { GITHUB_ACTIONS } from "./ambient/github-actions.ts";
import { GOOGLE } from "./ambient/google.ts";
import { TOKEN_FILE } from "./ambient/token-file.ts";

/** What a machine's identity is found in. */
export interface AmbientWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or undefined where it is not there. */
  readonly readTextFile: (path: string) => Promise<string | undefined>;
  /** What a program prints, for identities that only a program of the CI system hands out. */
  readonly runProgram: (program: string, args: readonly string[], signal: AbortSignal | undefined) => Promise<string>;
  readonly http: HttpClient;
}

/** One kind of machine identity. */
export interface AmbientSource {
  /** cosign's name of it, where it has one. */
  readonly name: string;
  /** Whether the machine has it. No network but the machine's own. */
  isPresent(world: AmbientWorld): Promise<boolean>;
  /** The token's text. Errors `identity-token-missing` and those of `HttpClient.send`. */
  fetchToken(world: AmbientWorld, audience: string, options: CallOptions): Promise<string>;
}

/** All kinds, in the order in which they are asked. */
const AMBIENT_SOURCES: readonly AmbientSource[] = [
  GITHUB_ACTIONS,
  BUILDKITE,
  CIRCLECI,
  ENVIRONMENT_VARIABLE,
  TOKEN_FILE,
  GOOGLE,
];

/** The identity that this machine has, or the one of this `name`; undefined where it has none. */
export async function findAmbientProvider(
  world: AmbientWorld,
  { audience = "sigstore", name }: { readonly audience?: string; readonly name?: string } = {},
): Promise<IdentityProvider | undefined> {
  const wanted = AMBIENT_SOURCES.filter((source) => name === undefined || source.name === name);
  if (wanted.length === 0) throw unknownSource(name ?? "");
  for (const source of wanted) if (await source.isPresent(world)) return providerOf(source, world, audience);
  return undefined;
}

function providerOf(source: AmbientSource, world: AmbientWorld, audience: string): IdentityProvider {
  return {
    label: source.name,
    fetchIdentityToken: async (options = {}) => parseIdentityToken(await source.fetchToken(world, audience, options)),
  };
}

function unknownSource(name: string): SigstoreError {
  const known = AMBIENT_SOURCES.map((source) => source.name).join(", ");
  return new SigstoreError("usage", `expected one of ${known}, got ${JSON.stringify(name)}`);
}
