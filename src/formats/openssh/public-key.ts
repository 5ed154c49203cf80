/**
 * OpenSSH public keys (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4; sshd(8), AUTHORIZED_KEYS FILE FORMAT) as SubjectPublicKeyInfo.
 *
 * Reads lines as id_*.pub, authorized_keys and https://github.com/NAME.keys have them; options before the key are passed over. Keys
 * of security keys, of DSA, and certificates are refused by name. Leaves out RFC 4716 ("---- BEGIN SSH2 PUBLIC KEY ----").
 */
import { base64Decode } from "../../encoding/base64.ts";
import { der } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parsingAs, requireSize } from "../parse-error.ts";
import { type KeyType, parseSpki, serializeSpki } from "../spki.ts";
import { SshReader } from "./wire.ts";

/** One key of a file; the comment is empty where there is none. */
export interface OpenSshPublicKey {
  readonly spki: Uint8Array;
  readonly comment: string;
}

/** A curve as OpenSSH names it. */
export interface OpenSshCurve {
  readonly keyType: Extract<KeyType, `ecdsa-${string}`>;
  readonly pointBytes: number;
}

/** RFC 5656 §10.1: the curves by name. */
const OPENSSH_CURVES: ReadonlyMap<string, OpenSshCurve> = new Map([
  ["nistp256", { keyType: "ecdsa-p256", pointBytes: 65 }],
  ["nistp384", { keyType: "ecdsa-p384", pointBytes: 97 }],
  ["nistp521", { keyType: "ecdsa-p521", pointBytes: 133 }],
]);

const KEY_NAMES = new Set([
  "ssh-ed25519",
  "ssh-rsa",
  ...[...OPENSSH_CURVES.keys()].map((curve) => `ecdsa-sha2-${curve}`),
]);

/** What stands first in a line of a key, ours or not. */
const KEY_NAME = /^(?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-|rsa-sha2-|webauthn-sk-)[A-Za-z0-9@.-]+$/;

/** True when a line of text looks like an OpenSSH public key. */
export function isOpenSshPublicLine(line: string): boolean {
  return keyFields(line) !== undefined;
}

/**
 * The key of one line: `[options] type base64 [comment]`.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported` (with the reason by kind), `base64-invalid`
 */
export function parseOpenSshPublicLine(line: string): OpenSshPublicKey {
  const fields = keyFields(line);
  if (fields === undefined)
    throw new SigstoreError("key-invalid", "expected a line such as ssh-ed25519 AAAA…, got another");
  const [name = "", encoded = "", ...comment] = fields;
  requireKnownName(name);
  const blob = base64Decode(encoded);
  const named = new SshReader(blob, "an OpenSSH public key", "key-invalid").text();
  if (named !== name)
    throw new SigstoreError("key-invalid", "expected an OpenSSH key of the type that its line names, got another");
  return { spki: parseOpenSshPublicKey(blob), comment: comment.join(" ") };
}

/**
 * SubjectPublicKeyInfo of the octets that a line holds in base64.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`
 */
export function parseOpenSshPublicKey(blob: Uint8Array): Uint8Array {
  requireSize(blob, LIMITS.smallFileBytes, "an OpenSSH public key");
  return parsingAs("key-invalid", "an OpenSSH public key", () => {
    const fields = new SshReader(blob, "an OpenSSH public key", "key-invalid");
    const name = fields.text();
    requireKnownName(name);
    const spki = readKey(name, fields);
    fields.end();
    return parseSpki(spki).raw;
  });
}

function readKey(name: string, fields: SshReader): Uint8Array {
  if (name === "ssh-ed25519") return serializeSpki({ keyType: "ed25519", keyBytes: fields.octets(32) });
  if (name === "ssh-rsa") {
    const publicExponent = fields.mpint();
    const modulus = fields.mpint();
    const keyBytes = der.sequence(der.integer(modulus), der.integer(publicExponent));
    return serializeSpki({ keyType: "rsa", keyBytes });
  }
  const { keyType, pointBytes } = readOpenSshCurve(name, fields);
  return serializeSpki({ keyType, keyBytes: fields.octets(pointBytes) });
}

/** RFC 5656 §3.1: the name of the curve, which the key's type names already. */
export function readOpenSshCurve(keyName: string, fields: SshReader): OpenSshCurve {
  const name = fields.text();
  const curve = OPENSSH_CURVES.get(name);
  if (curve === undefined || keyName !== `ecdsa-sha2-${name}`)
    throw new SigstoreError("key-invalid", "expected the curve that the key's type names, got another");
  return curve;
}

/** @throws SigstoreError `key-unsupported`, saying which kind it is and what to do */
export function requireKnownName(name: string): void {
  if (KEY_NAMES.has(name)) return;
  const [got, hint] = describeUnsupported(name);
  throw new SigstoreError("key-unsupported", `expected an OpenSSH key of Ed25519, ECDSA or RSA, got ${got}`, { hint });
}

function describeUnsupported(name: string): readonly [string, string] {
  if (/-cert-v0[01]@openssh\.com$/.test(name))
    return ["an OpenSSH certificate", "give the key it certifies: the .pub file beside it, without -cert in its name"];
  if (name.startsWith("sk-") || name.startsWith("webauthn-sk-"))
    return [
      "a key of a security key (FIDO)",
      "such a device signs data of its own beside the message, which no Sigstore verifier reads; take another key",
    ];
  if (name === "ssh-dss") return ["a DSA key", "DSA is not safe any more; make a new key: ssh-keygen -t ed25519"];
  return [`a key of type ${JSON.stringify(name.slice(0, 64))}`, "make a new key: ssh-keygen -t ed25519"];
}

/** Type, base64 and words of the comment; undefined when the line holds no key. */
function keyFields(line: string): readonly string[] | undefined {
  const words = line.trim().split(/[ \t]+/);
  if (isKeyStart(words)) return words;
  const rest = withoutOptions(line.trim())?.split(/[ \t]+/) ?? [];
  return isKeyStart(rest) ? rest : undefined;
}

function isKeyStart([name = "", encoded = ""]: readonly string[]): boolean {
  return KEY_NAME.test(name) && encoded.startsWith("AAAA");
}

/** What follows the options: these end at the first space outside quotes; `\"` inside quotes is a quote. */
function withoutOptions(line: string): string | undefined {
  let isQuoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index];
    if (character === "\\" && line[index + 1] === '"') index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if ((character === " " || character === "\t") && !isQuoted) return line.slice(index).trim();
  }
  return undefined;
}
