/**
 * Passwords: from a file, a variable or the terminal, never from an argument, which others on the machine could read.
 *
 * A password in a file is one line. What is asked for at the terminal does not show; without a terminal there is an error that names
 * the option. No password is ever said again.
 */
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { readDescriptor, readFile, withDescriptor } from "../../files/read.ts";
import { LIMITS } from "../../limits.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { usageError } from "./parse.ts";

/** Where the password stands. */
export const PASSWORD_OPTION: OptionSpec = {
  name: "password-file",
  value: "FILE",
  valueKind: "file",
  summary: "where the password stands; - is standard input",
};

/** Where the password of the key as it is stands, where there is another to come. */
export const OLD_PASSWORD_OPTION: OptionSpec = {
  name: "old-password-file",
  value: "FILE",
  valueKind: "file",
  summary: "the same, of the key that is read",
};

const PASSWORD = "a password";
const STANDARD_INPUT = "standard input";

/** Ours, and cosign's; the first that is set counts, empty too. */
const VARIABLES = ["SIGSTORE_PASSWORD", "COSIGN_PASSWORD"] as const;

/** A password, and whether somebody typed it, who may try again. */
export interface GivenPassword {
  readonly password: Uint8Array;
  readonly isTyped: boolean;
}

/** The line in the file that `option` names, where it was given. @throws SigstoreError `file-…` */
export function passwordOfOption(
  request: ParsedArguments,
  world: World,
  option: OptionSpec,
): GivenPassword | undefined {
  const path = request.value(option.name);
  if (path === undefined) return undefined;
  return { password: utf8Encode(readPasswordFile(path, world)), isTyped: false };
}

/** The password in the variables, where one is set. */
export function passwordOfEnvironment({ environment }: World): GivenPassword | undefined {
  for (const name of VARIABLES) {
    const value = environment[name];
    if (value !== undefined) return { password: utf8Encode(value), isTyped: false };
  }
  return undefined;
}

/** Asks for a password that is there already. @throws SigstoreError `usage` without a terminal */
export async function askPassword(world: World, whose: string, option: OptionSpec): Promise<GivenPassword> {
  if (world.askSecret === undefined) throw withoutTerminal(option);
  return { password: utf8Encode(await world.askSecret(`password of ${whose}: `)), isTyped: true };
}

/** Asks for a new password, twice. @throws SigstoreError `usage` without a terminal, and when the two differ */
export async function askNewPassword(world: World, whose: string, option: OptionSpec): Promise<GivenPassword> {
  if (world.askSecret === undefined) throw withoutTerminal(option);
  const password = await world.askSecret(`new password of ${whose}: `);
  if ((await world.askSecret("the same again: ")) === password)
    return { password: utf8Encode(password), isTyped: true };
  throw usageError("expected the same password twice, got two", "nothing was changed: try again");
}

function withoutTerminal({ name }: OptionSpec): SigstoreError {
  return usageError(
    "expected a password, got no terminal to ask for it",
    `give it with --${name} FILE (- for standard input), or in SIGSTORE_PASSWORD`,
  );
}

/** The one line of a file of a password; `-` is standard input. @throws SigstoreError `file-…` */
export function readPasswordFile(path: string, world: World): string {
  const most = LIMITS.passwordBytes + 2;
  const bytes =
    path === "-"
      ? withDescriptor(world.inputDescriptor, STANDARD_INPUT, PASSWORD, (one) =>
          readDescriptor(one, most, PASSWORD, STANDARD_INPUT),
        )
      : readFile(path, most, PASSWORD);
  const password = utf8Decode(bytes).replace(/\r?\n$/, "");
  if (!/[\r\n\u0000]/.test(password)) return password;
  throw new SigstoreError("file-unreadable", "expected a password in one line, got several lines", {
    hint: "is it the right file?",
  });
}
