/**
 * What seals the keys of an instance: `--key-file`, or the systemd credential `sigstore-key` (systemd.exec, "LoadCredential=").
 *
 * A file of 32 bytes, or of 64 hex digits, is a key; any other text is a passphrase, without the line end after it. `-` asks for a
 * passphrase at the terminal, or reads standard input.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hexDecode, hexEncode } from "../../encoding/hex.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { readDescriptor, readFile, withDescriptor } from "../../files/read.ts";
import type { KeyEncryption } from "../../services/instance/key-store.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { usageError } from "./parse.ts";

/** The option. */
export const KEY_FILE_OPTION: OptionSpec = {
  name: "key-file",
  value: "FILE",
  valueKind: "file",
  summary: "what seals the keys: 32 bytes, or a passphrase; - asks",
};

const CREDENTIAL = "sigstore-key";
const KEY_BYTES = 32;
const MOST_BYTES = 4096;
const LEAST_CHARACTERS = 8;
const HEX_KEY = /^[0-9a-fA-F]{64}$/;
const WHAT = "a key or passphrase";

/** What the keys are sealed with, where anything is given. @throws SigstoreError `usage`, `file-…` */
export async function readKeyEncryption(request: ParsedArguments, world: World): Promise<KeyEncryption | undefined> {
  const path = request.value(KEY_FILE_OPTION.name);
  if (path !== undefined)
    return path === "-" ? askForPassphrase(world) : parseKeyFile(readFile(path, MOST_BYTES, WHAT));
  const { CREDENTIALS_DIRECTORY: credentials = "" } = world.environment;
  const credential = join(credentials, CREDENTIAL);
  if (credentials === "" || !existsSync(credential)) return undefined;
  return parseKeyFile(readFile(credential, MOST_BYTES, WHAT));
}

async function askForPassphrase(world: World): Promise<KeyEncryption> {
  if (world.askSecret !== undefined)
    return parseKeyFile(utf8Encode(await world.askSecret("passphrase of the instance: ")));
  const name = "standard input";
  const read = (descriptor: number): Uint8Array => readDescriptor(descriptor, MOST_BYTES, WHAT, name);
  return parseKeyFile(withDescriptor(world.inputDescriptor, name, WHAT, read));
}

/** A key or a passphrase, as its bytes are. @throws SigstoreError `usage`, which says nothing of what they are */
export function parseKeyFile(bytes: Uint8Array): KeyEncryption {
  // Text of 32 characters is a passphrase: random bytes are next to never all of them printable.
  if (bytes.length === KEY_BYTES && bytes.some((byte) => byte < 0x20 || byte > 0x7e))
    return { kind: "key", key: bytes };
  const text = textOf(bytes).replace(/\r?\n$/, "");
  if (HEX_KEY.test(text)) return { kind: "key", key: hexDecode(text.toLowerCase()) };
  if (text.length >= LEAST_CHARACTERS && !/[\r\n]/.test(text))
    return { kind: "passphrase", passphrase: utf8Encode(text) };
  throw usageError(
    `expected a key of ${KEY_BYTES} bytes, or a passphrase of ${LEAST_CHARACTERS} characters or more in one line, got something else`,
    "a good key: head -c 32 /dev/urandom > instance.key && chmod 600 instance.key",
  );
}

/** The text that {@link parseKeyFile} reads as this. */
export function serializeKeyFile(encryption: KeyEncryption): Uint8Array {
  return encryption.kind === "key" ? utf8Encode(hexEncode(encryption.key)) : encryption.passphrase;
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch (error) {
    if (isSigstoreError(error, "utf8-invalid")) return "";
    throw error;
  }
}
