/**
 * What `sigstore user` does with the file of users in an instance's folder.
 *
 * A password comes from the terminal or from a file, never from an argument, which others on the machine could read; it is nowhere said
 * again. It is hashed before the file is locked, so that a change takes milliseconds.
 */
import { join } from "node:path";
import { randomBytes } from "../crypto/random.ts";
import { base64UrlEncode } from "../encoding/base64.ts";
import { formatRfc3339 } from "../encoding/time.ts";
import { isPresent } from "../files/beside.ts";
import { findUser } from "../services/oidc/local-users.ts";
import { editUsers, UsersFile } from "../services/oidc/storage-users.ts";
import {
  hashPassword,
  isEmail,
  isUserName,
  passwordDefect,
  type PasswordHash,
  type User,
} from "../services/oidc/users.ts";
import { API_VERSION } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { findDataFolder } from "./options/data-folder.ts";
import { usageError } from "./options/parse.ts";
import { readPasswordFile } from "./options/password.ts";
import { writeJson } from "./output.ts";
import { printable } from "./terminal.ts";
import type { World } from "./world.ts";

const USER_ID_BYTES = 16;

/** One run of the command. */
interface Run {
  readonly request: ParsedArguments;
  readonly world: World;
  readonly folder: string;
  /** The file of users. */
  readonly path: string;
}

/** Runs `sigstore user`. */
export async function runUser(request: ParsedArguments, world: World): Promise<number> {
  const [action = "", ...words] = request.operands;
  const folder = findDataFolder(request, world).path;
  const run: Run = { request, world, folder, path: join(folder, "users.json") };
  switch (action) {
    case "add":
      await add(run, words);
      return EXIT.yes;
    case "passwd":
      await changePassword(run, onlyWord(words, "passwd"));
      return EXIT.yes;
    case "remove":
      await remove(run, onlyWord(words, "remove"));
      return EXIT.yes;
    case "list":
      if (words.length > 0) throw usageError(`expected nothing after list, got ${words.join(" ")}`);
      list(run, await new UsersFile(run.path).read());
      return EXIT.yes;
    default:
      throw usageError(
        `expected add, passwd, list or remove, got ${action}`,
        "for example: sigstore user add alice@example.com",
      );
  }
}

function onlyWord(words: readonly string[], action: string): string {
  const [word, ...others] = words;
  if (word === undefined || others.length > 0)
    throw usageError(
      `expected one name or e-mail address after ${action}, got ${words.length === 0 ? "nothing" : words.join(" ")}`,
      "sigstore user list shows them",
    );
  return word;
}

async function add(run: Run, words: readonly string[]): Promise<void> {
  const account = readAccount(words);
  refuseTaken(await new UsersFile(run.path).read(), account);
  const password = await newPassword(run, account);
  const user: User = {
    id: base64UrlEncode(randomBytes(USER_ID_BYTES)),
    ...account,
    password,
    createdMs: run.world.nowMs(),
  };
  await editUsers(run.path, (users) => {
    refuseTaken(users, account);
    return [...users, user];
  });
  tell(run, "added", user, `${user.name} (${user.email}) can log in now`);
  if (!isPresent(join(run.folder, "instance.json")))
    run.world.writeTalk(`there is no instance in ${printable(run.folder)} yet: sigstore up makes one\n`);
}

type Account = Pick<User, "name" | "email">;

/** A name and an address, or an address alone, whose part before the at sign is then the name. */
function readAccount(words: readonly string[]): Account {
  const email = words.at(-1) ?? "";
  if (words.length === 0 || words.length > 2)
    throw usageError("expected an e-mail address after add", "for example: sigstore user add alice@example.com");
  if (!isEmail(email))
    throw usageError(
      `expected an e-mail address that a certificate can carry, got ${email}`,
      words.length === 1 && isUserName(email) ? `write: sigstore user add ${email} ${email}@example.com` : undefined,
    );
  const [given] = words.slice(0, -1);
  const name = given ?? email.slice(0, email.lastIndexOf("@")).toLowerCase();
  if (isUserName(name)) return { name, email };
  throw usageError(
    `expected a name of small letters, digits, dots and dashes, got ${name}`,
    `write the name before the address: sigstore user add NAME ${email}`,
  );
}

function refuseTaken(users: readonly User[], { name, email }: Account): void {
  const twin = findUser(users, name) ?? findUser(users, email);
  if (twin === undefined) return;
  throw usageError(
    `expected a name and an address that nobody has, got those of ${twin.name} (${twin.email})`,
    `another password: sigstore user passwd ${twin.name}\nanother name: sigstore user add NAME ${email}`,
  );
}

async function changePassword(run: Run, word: string): Promise<void> {
  const before = requireUser(await new UsersFile(run.path).read(), word);
  const password = await newPassword(run, before);
  const user = { ...before, password };
  await editUsers(run.path, (users) => {
    requireUser(users, before.email);
    return users.map((one) => (one.id === before.id ? { ...one, password } : one));
  });
  tell(run, "password-changed", user, `${user.name} has a new password, and must log in again`);
}

async function remove(run: Run, word: string): Promise<void> {
  const gone: User[] = [];
  await editUsers(run.path, (users) => {
    const user = requireUser(users, word);
    gone.push(user);
    return users.filter(({ id }) => id !== user.id);
  });
  for (const user of gone)
    tell(run, "removed", user, `${user.name} (${user.email}) can no longer log in; what was signed stays signed`);
}

function requireUser(users: readonly User[], word: string): User {
  const user = findUser(users, word);
  if (user !== undefined) return user;
  throw usageError(`expected a user of this instance, got ${word}`, "sigstore user list shows them");
}

async function newPassword({ request, world }: Run, account: Account): Promise<PasswordHash> {
  const path = request.value("password-file");
  const password = path === undefined ? await askTwice(world, account) : readPasswordFile(path, world);
  const defect = passwordDefect(password, account);
  if (defect !== undefined) throw usageError(defect, "a few words in a row are easy to remember and hard to guess");
  return hashPassword(password, randomBytes);
}

async function askTwice(world: World, { name }: Account): Promise<string> {
  if (world.askSecret === undefined)
    throw usageError(
      "expected a password, got no terminal to ask for it",
      "give it with --password-file FILE, or - for standard input",
    );
  const password = await world.askSecret(`new password of ${name}: `);
  if ((await world.askSecret("the same again: ")) === password) return password;
  throw usageError("expected the same password twice, got two", "nothing was changed: try again");
}

function tell({ request, world }: Run, change: string, user: User, words: string): void {
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "UserChange", change, user: shown(user) });
  else world.writeOutput(`${words}\n`);
}

function list({ request, world, path }: Run, users: readonly User[]): void {
  if (request.flag("json")) {
    writeJson(world, { apiVersion: API_VERSION, kind: "UserList", path, items: users.map(shown) });
    return;
  }
  const width = Math.max(0, ...users.map(({ name }) => name.length)) + 2;
  for (const { name, email, createdMs } of users)
    world.writeOutput(`${name.padEnd(width)}${email}  since ${formatRfc3339(createdMs).slice(0, 10)}\n`);
  if (users.length === 0)
    world.writeTalk(`nobody can log in at ${printable(path)} yet: sigstore user add alice@example.com\n`);
}

function shown({ name, email, createdMs }: User): Readonly<Record<string, string>> {
  return { name, email, created: formatRfc3339(createdMs) };
}
