/**
 * The file of users: who may log in, and what their passwords are checked against (scrypt, RFC 7914).
 *
 * Parsed strictly: an unknown field, a name twice or an odd parameter is refused, since a file that is read wrongly lets the wrong people
 * in. Leaves out: where it lies (storage-users.ts), and checking of passwords (local-users.ts).
 */
import { deriveKeyFromPassword, type ScryptParameters } from "../../crypto/password.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { parseJson } from "../../encoding/json.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { formatRfc3339 } from "../../encoding/time.ts";
import { SigstoreError } from "../../errors.ts";
import { MessageReader, objectFields } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";

/** What a password is checked against. */
export interface PasswordHash {
  readonly parameters: ScryptParameters;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Somebody who may log in. */
export interface User {
  /** Their `sub`: drawn once, never given to anybody else. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly password: PasswordHash;
  readonly createdMs: number;
}

/** 32 MiB and a quarter of a second: as strong as OWASP's table of 2024 asks, with little enough memory for some at once. */
export const PASSWORD_PARAMETERS: ScryptParameters = { cost: 32_768, blockSize: 8, parallelization: 3 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const API_VERSION = "sigstore-ts/v1";
const KIND = "Users";

/** Small, so that it can be typed, and never an e-mail address. */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const ID = /^[A-Za-z0-9_-]{22}$/;

/**
 * Addresses that every reader of a certificate takes for the same: ASCII, no quotes, a domain of plain labels (a subset of RFC 5321
 * §4.1.2, and of what the certificate authority takes).
 */
const EMAIL =
  /^(?=.{3,254}$)(?!.*\.\.)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}(?<!\.)@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Whether an account can be called so. */
export function isUserName(text: string): boolean {
  return NAME.test(text);
}

/** Whether `text` is an e-mail address that a certificate can carry. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

/** Hashes a password with a new salt. @param random cryptographic randomness */
export async function hashPassword(
  password: string,
  random: (length: number) => Uint8Array,
  parameters: ScryptParameters = PASSWORD_PARAMETERS,
): Promise<PasswordHash> {
  const salt = random(SALT_BYTES);
  return { parameters, salt, hash: await derivePassword(password, salt, parameters) };
}

/** What `password` becomes: the same however its letters were typed (RFC 8265 §4.2.1: NFC). */
export async function derivePassword(
  password: string,
  salt: Uint8Array,
  parameters: ScryptParameters,
): Promise<Uint8Array> {
  return deriveKeyFromPassword(utf8Encode(password.toWellFormed().normalize("NFC")), salt, parameters, HASH_BYTES);
}

/** What is wrong with a new password, in words; undefined when nothing is. */
export function passwordDefect(password: string, { name, email }: Pick<User, "name" | "email">): string | undefined {
  const letters = Array.from(password.normalize("NFC")).length;
  // NIST SP 800-63B §5.1.1.2: "at least 8 characters in length"; "SHOULD NOT impose other composition rules".
  if (letters < 8) return `expected a password of at least 8 characters, got ${letters}`;
  if (utf8Encode(password.toWellFormed()).length > LIMITS.passwordBytes)
    return `expected a password of at most ${LIMITS.passwordBytes} bytes, got more`;
  const plain = password.toLowerCase();
  if (plain === name.toLowerCase() || plain === email.toLowerCase())
    return "expected a password that is not the account's name, got that";
  if (new Set(plain).size < 3) return "expected a password of several different characters, got one or two repeated";
  return undefined;
}

const FILE_FIELDS = objectFields("apiVersion", "kind", "users");
const USER_FIELDS = objectFields("id", "name", "email", "password", "created");
const PASSWORD_FIELDS = objectFields("algorithm", "cost", "blockSize", "parallelization", "salt", "hash");

/** The users of a file. @throws SigstoreError `users-invalid`, `json-invalid`, `utf8-invalid` */
export function parseUsers(source: Uint8Array | string): readonly User[] {
  const file = MessageReader.root(
    parseJson(source, { maxBytes: LIMITS.usersFileBytes }),
    FILE_FIELDS,
    "users-invalid",
    "file of users",
  );
  if (file.requireString("apiVersion") !== API_VERSION || file.requireString("kind") !== KIND)
    throw invalid(`a file of users (${API_VERSION}, ${KIND})`, "another");
  file.limit("users", LIMITS.users);
  const users = file.messages("users", USER_FIELDS).map(readUser);
  requireUnique(users);
  return users;
}

/** The file of `users`. */
export function serializeUsers(users: readonly User[]): string {
  return `${JSON.stringify({ apiVersion: API_VERSION, kind: KIND, users: users.map(userRecord) }, null, 2)}\n`;
}

/** Refuses names and addresses that two have: whoever types one must be one. @throws SigstoreError `users-invalid` */
export function requireUnique(users: readonly User[]): void {
  const seen = new Set<string>();
  for (const { id, name, email } of users) {
    for (const one of [`id ${id}`, `name ${name}`, `email ${email.toLowerCase()}`]) {
      if (seen.has(one)) throw invalid("names, addresses and ids that one user has", `one that two have: ${one}`);
      seen.add(one);
    }
  }
}

function readUser(reader: MessageReader): User {
  const [id, name, email] = ["id", "name", "email"].map((field) => reader.requireString(field));
  if (id === undefined || !ID.test(id)) throw reader.error("id", "expected 22 characters of base64url, got others");
  if (name === undefined || !isUserName(name))
    throw reader.error("name", "expected a name of small letters and digits");
  if (email === undefined || !isEmail(email)) throw reader.error("email", "expected a plain e-mail address");
  const createdMs = reader.timestampMs("created");
  if (createdMs === undefined) throw reader.error("created", "expected a time, got nothing");
  return { id, name, email, password: readPassword(reader.requireMessage("password", PASSWORD_FIELDS)), createdMs };
}

function readPassword(reader: MessageReader): PasswordHash {
  if (reader.requireString("algorithm") !== "scrypt") throw reader.error("algorithm", "expected scrypt, got another");
  const [cost, blockSize, parallelization] = [
    reader.uint32("cost"),
    reader.uint32("blockSize"),
    reader.uint32("parallelization"),
  ];
  const isPlausible = cost >= 2 && Number.isInteger(Math.log2(cost)) && blockSize > 0 && parallelization > 0;
  if (!isPlausible || 128 * cost * blockSize * parallelization > LIMITS.scryptBytes)
    throw reader.error("cost", "expected parameters of scrypt within bounds, got others");
  const [salt, hash] = [reader.requireBytes("salt", 64), reader.requireBytes("hash", HASH_BYTES)];
  if (salt.length < SALT_BYTES || hash.length !== HASH_BYTES)
    throw reader.error(
      "hash",
      `expected a salt of ${SALT_BYTES} bytes or more and a hash of ${HASH_BYTES}, got others`,
    );
  return { parameters: { cost, blockSize, parallelization }, salt, hash };
}

function userRecord({ id, name, email, password, createdMs }: User): Readonly<Record<string, unknown>> {
  return {
    id,
    name,
    email,
    created: formatRfc3339(createdMs),
    password: {
      algorithm: "scrypt",
      ...password.parameters,
      salt: base64Encode(password.salt),
      hash: base64Encode(password.hash),
    },
  };
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("users-invalid", `expected ${expected}, got ${got}`, {
    hint: "put back a copy of the file, or make the accounts anew with sigstore user add",
  });
}
