/**
 * What `sigstore key` does. Questions come before work, and work before anything is written; a key that is there is replaced only when
 * that was said.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { PublicKey } from "../crypto/keys.ts";
import { generatePrivateKey, type PrivateKey, type PrivateKeyKind } from "../crypto/private-key.ts";
import { parsePrivateKeyFile, type PrivateKeyFile } from "../crypto/read-private-key.ts";
import { serializePublicJwk, serializePublicKeyPem } from "../crypto/write-keys.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { API_VERSION } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { KEY_ACTIONS } from "./commands/key.ts";
import { EXIT } from "./exit-codes.ts";
import {
  type AnyKeyFile,
  fileBehind,
  openPrivateKey,
  parseAnyKey,
  privateKeyText,
  publicPathOf,
  readKeyOctets,
  requireFree,
  type WrittenForm,
  writeKeyPair,
  writePrivateKey,
} from "./key-files.ts";
import { type KeyDocument, keyDocument, keyLine, keyReport, publicKeyDocument, typeWords } from "./key-report.ts";
import { usageError } from "./options/parse.ts";
import {
  askNewPassword,
  askPassword,
  type GivenPassword,
  OLD_PASSWORD_OPTION,
  PASSWORD_OPTION,
  passwordOfEnvironment,
  passwordOfOption,
} from "./options/password.ts";
import { writeJson, writeWarning } from "./output.ts";
import { outputStyle, printable } from "./terminal.ts";
import type { World } from "./world.ts";

const DEFAULT_PATH = "sigstore.key";
const KINDS: Readonly<Record<string, PrivateKeyKind>> = {
  p256: "ecdsa-p256",
  p384: "ecdsa-p384",
  p521: "ecdsa-p521",
  ed25519: "ed25519",
  "rsa-2048": "rsa-2048",
  "rsa-3072": "rsa-3072",
  "rsa-4096": "rsa-4096",
  "ml-dsa-44": "ml-dsa-44",
  "ml-dsa-65": "ml-dsa-65",
  "ml-dsa-87": "ml-dsa-87",
};

/** One run of the command. */
interface Run {
  readonly request: ParsedArguments;
  readonly world: World;
}

/** Runs `sigstore key`. */
export async function runKey(request: ParsedArguments, world: World): Promise<number> {
  const [action = "", ...words] = request.operands;
  const run: Run = { request, world };
  refuseSharedInput(request, words);
  switch (action) {
    case "new":
      if (words.length > 0)
        throw usageError(`expected nothing after new, got ${words.join(" ")}`, "--out FILE names it");
      return createKey(run);
    case "import":
      return importKey(run, onlyWord(words, action));
    case "public":
      return showPublicKey(run, onlyWord(words, action));
    case "inspect":
      return inspectKeys(run, words);
    case "passwd":
      return changePassword(run, onlyWord(words, action));
    case "list":
      if (words.length > 1) throw usageError(`expected one folder after list, got ${words.join(" ")}`);
      return listKeys(run, words[0] ?? ".");
    default:
      throw usageError(`expected ${KEY_ACTIONS.join(", ")}, got ${action}`, "for example: sigstore key new");
  }
}

/** Standard input can be read once. */
function refuseSharedInput(request: ParsedArguments, words: readonly string[]): void {
  const passwords = [PASSWORD_OPTION, OLD_PASSWORD_OPTION].map(({ name }) => request.value(name));
  if ([...words, ...passwords].filter((word) => word === "-").length > 1)
    throw usageError("expected standard input once, got it twice", "give the key or the password as a file");
}

function onlyWord(words: readonly string[], action: string): string {
  const [word, ...others] = words;
  if (word !== undefined && others.length === 0) return word;
  throw usageError(`expected one file after ${action}, got ${words.length === 0 ? "none" : words.join(" ")}`);
}

async function createKey(run: Run): Promise<number> {
  const path = pathToWrite(run);
  const password = await newPassword(run, path);
  const kind = KINDS[run.request.value("type") ?? "p256"];
  if (kind === undefined) throw new TypeError("expected a choice that the command offers, got another");
  return writeNewKey(run, "created", path, generatePrivateKey(kind), password);
}

async function importKey(run: Run, source: string): Promise<number> {
  if (run.request.value("type") !== undefined)
    throw usageError("expected --type with new alone, got it with import", "an imported key is of the kind it is");
  const path = pathToWrite(run);
  const file = parsePrivateKeyFile(readKeyOctets(source, run.world));
  const key = await openPrivateKey(file, run.world, async () => existingPassword(run, source, OLD_PASSWORD_OPTION));
  return writeNewKey(run, "imported", path, key, await newPassword(run, path));
}

/** Where the new key goes, once it is sure that nothing is in its way. */
function pathToWrite({ request }: Run): string {
  const path = request.value("out") ?? DEFAULT_PATH;
  requireFree([path, publicPathOf(path)], request.flag("force"));
  return path;
}

function formToWrite({ request }: Run): WrittenForm {
  const form = (request.value("form") ?? "cosign") as WrittenForm;
  if (request.flag("unencrypted") && form === "cosign")
    throw usageError(
      "expected --form pkcs8 or jwk with --unencrypted, got neither",
      "cosign's form is always encrypted",
    );
  if (form === "jwk" && !request.flag("unencrypted"))
    throw usageError(
      "expected --unencrypted with --form jwk, got it alone",
      "a JSON Web Key has no encrypted form here; pkcs8 has",
    );
  return form;
}

/** The password of the key to be written; undefined for one in the clear. */
async function newPassword(run: Run, path: string): Promise<Uint8Array | undefined> {
  formToWrite(run);
  const { request, world } = run;
  if (request.flag("unencrypted")) return undefined;
  const given =
    passwordOfOption(request, world, PASSWORD_OPTION) ??
    passwordOfEnvironment(world) ??
    (await askNewPassword(world, printable(path), PASSWORD_OPTION));
  if (given.password.length === 0)
    writeWarning(world, "the password is empty: whoever can read the file can sign with it");
  return given.password;
}

async function existingPassword(
  { request, world }: Run,
  path: string,
  option: typeof PASSWORD_OPTION,
): Promise<GivenPassword> {
  return (
    passwordOfOption(request, world, option) ??
    passwordOfEnvironment(world) ??
    askPassword(world, path === "-" ? "the key" : printable(path), option)
  );
}

async function writeNewKey(
  run: Run,
  change: "created" | "imported",
  path: string,
  key: PrivateKey,
  password: Uint8Array | undefined,
): Promise<number> {
  const { request, world } = run;
  const form = formToWrite(run);
  await writeKeyPair(path, await privateKeyText(key, form, password), key.publicKey, request.flag("force"));
  const publicKey = publicKeyDocument(key.publicKey);
  const publicPath = publicPathOf(path);
  if (request.flag("json")) {
    const encrypted = password !== undefined;
    const written: KeyDocument = { path, role: "private", form, encrypted, publicKeys: [publicKey] };
    writeJson(world, { apiVersion: API_VERSION, kind: "KeyChange", change, key: written, publicPath });
    return EXIT.yes;
  }
  const state = password === undefined ? "in the clear" : "encrypted with its password";
  world.writeOutput(`${printable(path)}: private key, ${typeWords(publicKey)}, ${state}; keep it to yourself\n`);
  world.writeOutput(`${printable(publicPath)}: its public key; give it to those who verify\n`);
  world.writeOutput(`fingerprint sha256:${publicKey.fingerprintHex}\n`);
  return EXIT.yes;
}

async function showPublicKey(run: Run, path: string): Promise<number> {
  const { request, world } = run;
  const form = request.value("form");
  if (form === "cosign")
    throw usageError("expected --form pkcs8 or jwk with public, got cosign", "without --form it is PEM");
  const any = parseAnyKey(readKeyOctets(path, world));
  const keys =
    any.role === "public" ? any.file.keys : [{ publicKey: await publicKeyOf(run, path, any.file), name: "" }];
  const textOf = form === "jwk" ? serializePublicJwk : serializePublicKeyPem;
  if (request.flag("json")) {
    const items = keys.map(({ publicKey, name }) => ({
      ...publicKeyDocument(publicKey, name),
      text: textOf(publicKey),
    }));
    writeJson(world, { apiVersion: API_VERSION, kind: "PublicKeyList", path, items });
    return EXIT.yes;
  }
  for (const { publicKey } of keys) world.writeOutput(textOf(publicKey));
  return EXIT.yes;
}

/** The public half of a private key; without its password where the file shows it. */
async function publicKeyOf(run: Run, path: string, file: PrivateKeyFile): Promise<PublicKey> {
  if (file.publicKey !== undefined) return file.publicKey;
  const ask = async (): Promise<GivenPassword> => existingPassword(run, path, PASSWORD_OPTION);
  return (await openPrivateKey(file, run.world, ask)).publicKey;
}

async function inspectKeys(run: Run, paths: readonly string[]): Promise<number> {
  const { request, world } = run;
  if (paths.length === 0) throw usageError("expected a file after inspect, got none");
  const items: KeyDocument[] = [];
  for (const path of paths) items.push(await inspectKey(run, path, parseAnyKey(readKeyOctets(path, world))));
  if (request.flag("json")) writeJson(world, { apiVersion: API_VERSION, kind: "KeyList", items });
  else for (const item of items) world.writeOutput(keyReport(item, outputStyle(world)));
  return EXIT.yes;
}

/** Nobody is asked for a password just to look; one that is given is used. */
async function inspectKey({ request, world }: Run, path: string, any: AnyKeyFile): Promise<KeyDocument> {
  if (any.role === "public") return keyDocument(path, any, undefined);
  const given = any.file.isEncrypted
    ? (passwordOfOption(request, world, PASSWORD_OPTION) ?? passwordOfEnvironment(world))
    : undefined;
  if (any.file.isEncrypted && given === undefined) return keyDocument(path, any, undefined);
  return keyDocument(path, any, (await any.file.open(() => given?.password)).publicKey);
}

async function changePassword(run: Run, word: string): Promise<number> {
  const { request, world } = run;
  const path = fileBehind(word);
  const file = parsePrivateKeyFile(readKeyOctets(path, world));
  if (file.form !== "cosign" && file.form !== "pkcs8") {
    const hint =
      file.form === "openssh"
        ? "ssh-keygen -p changes it; sigstore key import makes a copy"
        : "sigstore key import makes a copy";
    throw new SigstoreError("key-unsupported", `expected a key in cosign's form or PKCS #8, got ${file.form}`, {
      hint,
    });
  }
  const key = await openPrivateKey(file, world, async () => existingPassword(run, word, OLD_PASSWORD_OPTION));
  const given =
    passwordOfOption(request, world, PASSWORD_OPTION) ??
    (await askNewPassword(world, printable(word), PASSWORD_OPTION));
  await writePrivateKey(path, await privateKeyText(key, file.form, given.password), true);
  const any: AnyKeyFile = { role: "private", file: { ...file, isEncrypted: true } };
  const changed = keyDocument(word, any, key.publicKey);
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "KeyChange", change: "password-changed", key: changed });
  else world.writeOutput(`${printable(word)} has a new password; copies of the file keep the old one\n`);
  return EXIT.yes;
}

/** Names that keys have; others are not opened. */
const KEY_NAME = /\.(?:key|pem|pub|jwk|crt|cer)$|^id_[a-z0-9_]+$/;

async function listKeys({ request, world }: Run, folder: string): Promise<number> {
  const items: KeyDocument[] = [];
  for (const name of namesIn(folder)) {
    const path = folder === "." ? name : join(folder, name);
    const any = anyKeyAt(path, world);
    if (any === undefined) continue;
    const opened = any.role === "private" && !any.file.isEncrypted ? (await any.file.open()).publicKey : undefined;
    items.push(keyDocument(path, any, opened));
  }
  if (request.flag("json")) {
    writeJson(world, { apiVersion: API_VERSION, kind: "KeyList", items });
    return EXIT.yes;
  }
  const width = Math.max(0, ...items.map(({ path }) => printable(path).length));
  for (const item of items) world.writeOutput(keyLine(item, width));
  if (items.length === 0) world.writeTalk(`no key in ${printable(folder)}; sigstore key new makes one\n`);
  return EXIT.yes;
}

function namesIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && KEY_NAME.test(entry.name));
    return files.map(({ name }) => name).toSorted();
  } catch (cause) {
    throw new SigstoreError("file-not-found", `expected a folder at ${printable(folder)}, got none that can be read`, {
      cause,
    });
  }
}

/** Files of such names that are no keys are nobody's concern here. */
function anyKeyAt(path: string, world: World): AnyKeyFile | undefined {
  try {
    return parseAnyKey(readKeyOctets(path, world));
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}
