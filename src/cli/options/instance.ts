/**
 * Which instance is meant: the options for it, and what they name.
 */
import type { InstanceChoice } from "../../compose/instance.ts";
import { findHome } from "../../home/folder.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { usageError } from "./parse.ts";

/** Options that name an instance; those of `verify` do without the signing config. */
export const INSTANCE_OPTION: OptionSpec = {
  name: "instance",
  value: "NAME",
  suggestions: ["public", "staging", "github"],
  summary: "public, staging, github, or one that you trust",
};
/** Trusted root and signing config in one file. */
export const TRUST_CONFIG_OPTION: OptionSpec = {
  name: "trust-config",
  value: "FILE",
  valueKind: "file",
  summary: "an instance, as a client trust config",
};
/** The trusted root alone. */
export const TRUSTED_ROOT_OPTION: OptionSpec = {
  name: "trusted-root",
  value: "FILE",
  valueKind: "file",
  summary: "whose logs and authorities count",
};
/** The services alone. */
export const SIGNING_CONFIG_OPTION: OptionSpec = {
  name: "signing-config",
  value: "FILE",
  valueKind: "file",
  summary: "which services to ask",
};

/** Reads those of the options that were given. @throws SigstoreError `usage` where two of them say different things */
export function readInstanceChoice(request: ParsedArguments, { environment }: World): InstanceChoice {
  const [instance, trustConfig, trustedRoot, signingConfig] = [
    INSTANCE_OPTION,
    TRUST_CONFIG_OPTION,
    TRUSTED_ROOT_OPTION,
    SIGNING_CONFIG_OPTION,
  ].map(({ name }) => request.value(name));
  refuseAddress("trusted-root", trustedRoot);
  refuseAddress("trust-config", trustConfig);
  refuseBoth("trusted-root", "instance", trustedRoot, instance);
  refuseBoth("trust-config", "instance", trustConfig, instance);
  refuseBoth("trust-config", "trusted-root", trustConfig, trustedRoot);
  return { instance, trustConfig, trustedRoot, signingConfig, home: findHome(environment) };
}

/** What is fetched anew each time proves nothing: an instance at an address is trusted once. */
function refuseAddress(name: string, value: string | undefined): void {
  if (value === undefined || !/^https?:\/\//iu.test(value)) return;
  const { origin } = URL.canParse(value) ? new URL(value) : { origin: "ADDRESS" };
  throw usageError(
    `expected a file after --${name}, got an address: ${value}`,
    `trust the instance there, once: sigstore trust use ${origin}`,
  );
}

function refuseBoth(one: string, other: string, first: string | undefined, second: string | undefined): void {
  if (first === undefined || second === undefined) return;
  throw usageError(`expected --${one} or --${other}, got both`, "an instance brings its own trusted root");
}
