/**
 * What is said to a word that is no command.
 */
import type { SigstoreError } from "../errors.ts";
import { isPresent } from "../files/beside.ts";
import { COMMANDS } from "./commands/registry.ts";
import { nearestName } from "./options/nearest.ts";
import { usageError } from "./options/parse.ts";
import { shellWord } from "./terminal.ts";

/** Commands of the plan that this version does not have: a wish for them is no spelling mistake. */
const LATER_COMMANDS: readonly string[] = (
  "key policy audit trusted-root signing-config log monitor revoke image sbom " +
  "attestation git up down status logs doctor backup restore serve user ca shims"
).split(" ");

/** What other tools call our commands. */
const FOREIGN_NAMES: ReadonlyMap<string, string> = new Map([
  ["verify-blob", "verify"],
  ["verify-attestation", "verify"],
  ["verify-blob-attestation", "verify"],
  ["verify-bundle", "verify"],
  ["sign-blob", "sign"],
  ["attest-blob", "attest"],
  ["initialize", "trust use"],
  ["generate-key-pair", "key new"],
  ["import-key-pair", "key import"],
  ["public-key", "key public"],
  ["start", "up"],
  ["run", "up"],
  ["stop", "down"],
  ["ps", "status"],
  ["show", "inspect"],
]);

/** The error of usage for `written`, which is no command. */
export function unknownCommand(written: string): SigstoreError {
  const names = COMMANDS.map(({ name }) => name);
  const list = `the commands are ${names.join(", ")}`;
  if (LATER_COMMANDS.includes(written))
    return usageError(`expected a command, got ${written}, which this version does not have yet`, list);
  if (written.startsWith("-")) {
    const example = written === "-v" ? "did you mean sigstore version?" : "for example: sigstore verify hello.txt";
    return usageError(`expected a command first, got the option ${written}`, example);
  }
  if (isPresent(written)) {
    const verify = `sigstore verify ${shellWord(written)}`;
    return usageError(`expected a command first, got ${written}, which is a file here`, `did you mean ${verify}?`);
  }
  const meant = FOREIGN_NAMES.get(written) ?? nearestName(written, names);
  return usageError(`expected a command, got ${written}`, meant === undefined ? list : `did you mean ${meant}?`);
}
