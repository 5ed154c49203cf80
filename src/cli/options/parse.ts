/**
 * Takes a command line apart by the options of its command.
 *
 * `--name value`, `--name=value`, flags, `--` ends the options; options and operands may mix. On purpose refused, each with
 * its own words: unknown options (with the one that was probably meant), a value for a flag, an empty value (most often an
 * unset shell variable), an option where a value belongs, and the same option twice: where identities are named, a guess is
 * worse than a question. Short options exist for help, and where habit asks for them (`up -d`, `logs -f`).
 */
import { SigstoreError } from "../../errors.ts";
import { COMMON_OPTIONS } from "../command.ts";
import type { Command, OptionSpec, ParsedArguments } from "../command.ts";
import { nearestName } from "./nearest.ts";

/** What other tools call our options. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  "certificate-identity": "identity",
  "cert-identity": "identity",
  "certificate-identity-regexp": "identity-pattern",
  "certificate-oidc-issuer": "issuer",
  "cert-oidc-issuer": "issuer",
  "public-key": "key",
  verbose: "explain",
  y: "yes",
  n: "lines",
  background: "detach",
  daemon: "detach",
  "skip-confirmation": "yes",
  "output-file": "bundle",
  "new-bundle-format": "bundle",
  "identity-token": "identity-token-file",
  "fulcio-auth-flow": "device",
};

const BUNDLE_HOLDS =
  "a bundle holds it: name the bundle with --bundle FILE, or leave both out where it lies beside the file";
const CONFIG_NAMES =
  "the instance brings its addresses: sigstore trust use ADDRESS, or --trust-config FILE, or --signing-config FILE";
const ALWAYS_CHECKED = "what there is to check is always checked here; leave it out";

/** Options of other tools that have no like of the same use here, and what to do instead. */
const FOREIGN_ADVICE: Readonly<Record<string, string>> = {
  "certificate-oidc-issuer-regexp": "an issuer is one exact address: --issuer URL",
  signature: BUNDLE_HOLDS,
  certificate: BUNDLE_HOLDS,
  "certificate-chain": BUNDLE_HOLDS,
  "rfc3161-timestamp": BUNDLE_HOLDS,
  "output-signature": "the signature is written in a bundle beside the file; elsewhere with --bundle FILE",
  "output-certificate": "the certificate is written in a bundle beside the file; elsewhere with --bundle FILE",
  "fulcio-url": CONFIG_NAMES,
  "rekor-url": CONFIG_NAMES,
  "timestamp-server-url": CONFIG_NAMES,
  "oidc-issuer": CONFIG_NAMES,
  "tlog-upload": "the instance says which logs there are; leave it out",
  "use-signing-config": "the signing config of the instance is used always; leave it out",
  "insecure-ignore-tlog": ALWAYS_CHECKED,
  "insecure-ignore-sct": ALWAYS_CHECKED,
  "use-signed-timestamps": ALWAYS_CHECKED,
};

class Collected implements ParsedArguments {
  readonly operands: string[] = [];
  readonly #values = new Map<string, string[]>();

  add(name: string, value: string): void {
    this.#values.set(name, [...this.values(name), value]);
  }

  flag(name: string): boolean {
    return this.#values.has(name);
  }

  value(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

/**
 * The options and operands in `words`.
 *
 * @throws SigstoreError `usage`
 */
export function parseArguments(command: Command, words: readonly string[]): ParsedArguments {
  refuseForeignText(words);
  const collected = new Collected();
  for (let position = 0; position < words.length; position++) {
    const word = words[position] ?? "";
    if (word === "--") {
      collected.operands.push(...words.slice(position + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) collected.operands.push(word);
    else if (takeOption(command, word, words[position + 1], collected)) position++;
  }
  if (!collected.flag("help")) requireOperandCount(command, collected.operands);
  return collected;
}

/**
 * Node hands on words that are not UTF-8 with U+FFFD in place of each octet that it could not read: `x\xff` and `x\xfe` would
 * both be the file called `x\u{fffd}`, and what is verified would not be what was named.
 */
function refuseForeignText(words: readonly string[]): void {
  const foreign = words.find((word) => word.includes("\u{fffd}"));
  if (foreign === undefined) return;
  throw usageError(
    `expected words in UTF-8, got ${foreign}`,
    "a file with such a name can be given as standard input (-), or through a link with a plain name",
  );
}

/** Books one option; true when it took the following word as its value. */
function takeOption(command: Command, word: string, next: string | undefined, collected: Collected): boolean {
  const equals = word.indexOf("=");
  const written = equals < 0 ? word : word.slice(0, equals);
  const option = findOption(command, written);
  if (option.value === undefined) {
    if (equals >= 0)
      throw usageError(
        `expected --${option.name} without a value, got ${word}`,
        "it is a flag: write it, or leave it out",
      );
    collected.add(option.name, "");
    return false;
  }
  if (collected.flag(option.name) && option.repeatable !== true) {
    throw usageError(`expected --${option.name} once, got it twice`, "leave one of them out");
  }
  const value = equals < 0 ? followingValue(option, next) : word.slice(equals + 1);
  collected.add(option.name, checkedValue(option, value));
  return equals < 0;
}

function followingValue(option: OptionSpec, next: string | undefined): string {
  if (next === undefined) throw usageError(`expected ${option.value} after --${option.name}, got nothing`);
  if (next.startsWith("-") && next !== "-") {
    throw usageError(
      `expected ${option.value} after --${option.name}, got the option ${next}`,
      `if it is really the value, write --${option.name}=${next}`,
    );
  }
  return next;
}

function checkedValue(option: OptionSpec, value: string): string {
  if (value === "") {
    throw usageError(
      `expected ${option.value} after --${option.name}, got an empty text`,
      "is a shell variable unset?",
    );
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw usageError(`expected one of ${option.choices.join(", ")} after --${option.name}, got ${value}`);
  }
  return value;
}

function findOption(command: Command, written: string): OptionSpec {
  const name = written.replace(/^--/u, "");
  const options = [...command.options, ...COMMON_OPTIONS];
  const found = options.find((option) =>
    written.startsWith("--") ? option.name === name : option.short !== undefined && written === `-${option.short}`,
  );
  if (found !== undefined) return found;
  throw usageError(
    `expected an option of sigstore ${command.name}, got ${written}`,
    suggestion(command, options, name),
  );
}

function suggestion(command: Command, options: readonly OptionSpec[], name: string): string {
  const names = options.map((option) => option.name);
  const plain = name.replace(/^-+/u, "");
  const positive = plain.replace(/^no-/u, "");
  if (positive !== plain && names.includes(positive)) return `there are no negative options: leave --${positive} out`;
  const meant = own(FOREIGN_NAMES, plain) ?? nearestName(plain, names);
  if (meant !== undefined && names.includes(meant)) return `did you mean --${meant}?`;
  const advice = plain === "key" ? keyAdvice(command) : own(FOREIGN_ADVICE, plain);
  if (advice !== undefined) return advice;
  return `sigstore help ${command.name} lists them; an operand that begins with a dash goes after --`;
}

/** A word of the user's must not find what every object has. */
function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function keyAdvice({ name }: Command): string | undefined {
  if (name !== "sign" && name !== "attest") return undefined;
  return `this version signs by login alone; cosign ${name}-blob signs with the keys of sigstore key, and sigstore verify --key verifies that`;
}

function requireOperandCount(command: Command, operands: readonly string[]): void {
  const { label, minimum, maximum } = command.operands;
  const help = `usage: sigstore ${command.name} ${command.usage}`.trimEnd();
  if (operands.includes("")) throw usageError(`expected ${label}, got an empty text`, "is a shell variable unset?");
  if (operands.length < minimum) throw usageError(`expected ${label}, got none`, help);
  if (operands.length > maximum) {
    throw usageError(
      `expected ${maximum === 0 ? "no operand" : `at most ${maximum} operand${maximum === 1 ? "" : "s"}`}, got ${operands.length}`,
      help,
    );
  }
}

/** An error of usage: exit code 2. */
export function usageError(message: string, hint?: string): SigstoreError {
  return new SigstoreError("usage", message, hint === undefined ? {} : { hint });
}
