/** OpenSSH's keys: lines with options and comments, what is refused by name, and containers that lie. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { keySample, keySampleText } from "../../../test/key-samples.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { ByteBuilder, concatBytes } from "../../encoding/bytes.ts";
import { parsePem } from "../../encoding/pem.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parsePublicKeyPem, parseSpki } from "../spki.ts";
import { parseOpenSshPrivateKey, parseOpenSshPrivatePart } from "./private-key.ts";
import { isOpenSshPublicLine, parseOpenSshPublicKey, parseOpenSshPublicLine } from "./public-key.ts";
import { SshReader } from "./wire.ts";

const lines = keySampleText("lines.pub").trimEnd().split("\n");
const [p256 = "", rsa = "", ed25519 = ""] = lines;

const text = (value: string): Uint8Array => string(utf8Encode(value));
const string = (bytes: Uint8Array): Uint8Array => new ByteBuilder().u32(bytes.length).bytes(bytes).build();
const u32 = (value: number): Uint8Array => new ByteBuilder().u32(value).build();
const lineOf = (name: string, ...fields: Uint8Array[]): string =>
  `${name} ${base64Encode(concatBytes(text(name), ...fields))}`;

function refused(run: () => unknown, code: ErrorCode, words = /./): void {
  assert.throws(run, (error) => isSigstoreError(error, code) && words.test(`${error.message} ${error.hint ?? ""}`));
}

describe("public lines", () => {
  it("each type, with its comment", () => {
    assert.deepEqual(
      lines.map((line) => [parseSpki(parseOpenSshPublicLine(line).spki).keyType, parseOpenSshPublicLine(line).comment]),
      [
        ["ecdsa-p256", "joe@example.org"],
        ["rsa", ""],
        ["ed25519", ""],
        ["ecdsa-p521", "jane at home"],
      ],
    );
    assert.deepEqual(parseOpenSshPublicLine(p256).spki, parsePublicKeyPem(keySampleText("p256.pub")));
    assert.deepEqual(parseOpenSshPublicLine(rsa).spki, parsePublicKeyPem(keySampleText("rsa.pub")));
  });

  it("options before the key are passed over, also those that name a key", () => {
    const expected = parseOpenSshPublicLine(ed25519);
    for (const options of ["restrict", 'from="10.0.0.*",command="echo \\" ssh-rsa AAAA"', "cert-authority,no-pty"])
      assert.deepEqual(parseOpenSshPublicLine(`${options} ${ed25519}`), expected, options);
    assert.equal(isOpenSshPublicLine("ssh-ed25519"), false);
    assert.equal(isOpenSshPublicLine('command="ssh-ed25519 AAAA"'), false);
    assert.equal(isOpenSshPublicLine(""), false);
  });

  it("kinds that cannot verify are refused by name", () => {
    const kinds: readonly (readonly [string, RegExp])[] = [
      ["sk-ssh-ed25519@openssh.com", /security key/],
      ["sk-ecdsa-sha2-nistp256@openssh.com", /security key/],
      ["ssh-dss", /DSA/],
      ["ssh-ed25519-cert-v01@openssh.com", /certificate/],
      ["ssh-rsa-cert-v01@openssh.com", /certificate/],
      ["ssh-mldsa-44@example.org", /ssh-mldsa-44/],
    ];
    for (const [name, words] of kinds)
      refused(() => parseOpenSshPublicLine(lineOf(name, string(new Uint8Array(32)))), "key-unsupported", words);
  });

  it("a type that the octets do not name, another curve, another length, octets behind", () => {
    refused(() => parseOpenSshPublicLine(ed25519.replace("ssh-ed25519", "ssh-rsa")), "key-invalid");
    const ec = "ecdsa-sha2-nistp256";
    refused(() => parseOpenSshPublicLine(lineOf(ec, text("nistp384"), string(new Uint8Array(97)))), "key-invalid");
    refused(() => parseOpenSshPublicLine(lineOf(ec, text("nistp256"), string(new Uint8Array(64)))), "key-invalid");
    refused(() => parseOpenSshPublicLine(lineOf("ssh-ed25519", string(new Uint8Array(31)))), "key-invalid");
    const blob = concatBytes(text("ssh-ed25519"), string(new Uint8Array(32).fill(9)));
    assert.equal(parseSpki(parseOpenSshPublicKey(blob)).keyType, "ed25519");
    refused(() => parseOpenSshPublicKey(concatBytes(blob, u32(0))), "key-invalid");
    refused(() => parseOpenSshPublicKey(blob.subarray(0, -1)), "key-invalid");
  });

  it("numbers are minimal and not negative (RFC 4251 §5)", () => {
    const mpint = (...octets: readonly number[]): Uint8Array =>
      new SshReader(string(Uint8Array.from(octets)), "a number", "key-invalid").mpint();
    assert.deepEqual([mpint(), mpint(1), mpint(0, 0x80)], [new Uint8Array(0), Uint8Array.of(1), Uint8Array.of(0x80)]);
    for (const octets of [[0x80], [0, 1], [0]]) refused(() => mpint(...octets), "key-invalid");
  });
});

const MAGIC = utf8Encode("openssh-key-v1\0");
const publicBlob = concatBytes(text("ssh-ed25519"), string(new Uint8Array(32).fill(9)));

/** A container; each part can be another one. */
function container(
  parts: Partial<Record<"cipher" | "kdf" | "options" | "count" | "tail", Uint8Array>> = {},
): Uint8Array {
  const { cipher = text("none"), kdf = text("none"), options = string(new Uint8Array(0)), count = u32(1) } = parts;
  const body = [string(publicBlob), string(new Uint8Array(8))];
  return concatBytes(MAGIC, cipher, kdf, options, count, ...body, parts.tail ?? new Uint8Array(0));
}

describe("private containers", () => {
  const bcrypt = (salt: Uint8Array, rounds: number): Uint8Array => string(concatBytes(string(salt), u32(rounds)));
  const salt = new Uint8Array(16);
  const sealed = { cipher: text("aes256-ctr"), kdf: text("bcrypt") };

  it("plain and encrypted", () => {
    assert.equal(parseOpenSshPrivateKey(container()).derivation, undefined);
    const found = parseOpenSshPrivateKey(container({ ...sealed, options: bcrypt(salt, 16), tail: Uint8Array.of(1) }));
    assert.deepEqual(
      [found.cipher, found.derivation, found.tag],
      ["aes256-ctr", { salt, rounds: 16 }, Uint8Array.of(1)],
    );
  });

  it("a cipher without derivation, or the other way round, options of none, several keys, another magic", () => {
    refused(() => parseOpenSshPrivateKey(container({ cipher: text("aes256-ctr") })), "key-invalid");
    refused(() => parseOpenSshPrivateKey(container({ kdf: text("bcrypt") })), "key-invalid");
    refused(() => parseOpenSshPrivateKey(container({ options: text("x") })), "key-invalid");
    refused(() => parseOpenSshPrivateKey(container({ count: u32(2) })), "key-invalid");
    refused(() => parseOpenSshPrivateKey(container().with(0, 0)), "key-invalid");
    refused(() => parseOpenSshPrivateKey(new Uint8Array(0)), "key-invalid");
  });

  it("another derivation, no salt, no rounds, too many rounds", () => {
    const asking = (options: Uint8Array): Uint8Array => container({ ...sealed, options });
    refused(() => parseOpenSshPrivateKey(container({ ...sealed, kdf: text("argon2") })), "key-encryption-invalid");
    refused(() => parseOpenSshPrivateKey(asking(bcrypt(new Uint8Array(0), 1))), "key-encryption-invalid");
    refused(() => parseOpenSshPrivateKey(asking(bcrypt(salt, 0))), "key-encryption-invalid");
    refused(
      () => parseOpenSshPrivateKey(asking(bcrypt(salt, LIMITS.bcryptRounds + 1))),
      "input-too-large",
      /ssh-keygen/,
    );
  });
});

describe("private parts", () => {
  const blocks = ["openssh.pem", "rsa-openssh.pem", "ed25519-openssh.pem"].map(
    (name) => parseOpenSshPrivateKey(parsePem(keySampleText(name))[0]?.bytes ?? keySample(name)).privatePart,
  );

  it("each type, and its comment", () => {
    assert.deepEqual(
      blocks.map((bytes) => parseOpenSshPrivatePart(bytes, 8)?.numbers.keyType),
      ["ecdsa-p256", "rsa", "ed25519"],
    );
  });

  it("two check numbers that differ say that the password was another", () => {
    for (const bytes of blocks) assert.equal(parseOpenSshPrivatePart(bytes.with(0, (bytes[0] ?? 0) ^ 1), 8), undefined);
  });

  it("padding that does not count, or is longer than a block, is refused", () => {
    const [bytes = new Uint8Array(0)] = blocks;
    refused(() => parseOpenSshPrivatePart(concatBytes(bytes, Uint8Array.of(1)), 8), "key-invalid");
    refused(() => parseOpenSshPrivatePart(concatBytes(bytes, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), 8), "key-invalid");
    const padded = blocks.find((block) => (block.at(-1) ?? 0) < 8);
    assert.ok(padded !== undefined);
    refused(() => parseOpenSshPrivatePart(padded.with(padded.length - 1, 9), 8), "key-invalid");
  });

  it("whatever the octets are, there is an answer or a SigstoreError", () => {
    fc.assert(
      fc.property(fc.constantFrom(...blocks), fc.nat(), fc.nat(255), (block, at, octet) => {
        try {
          parseOpenSshPrivatePart(block.with(at % block.length, octet), 8);
        } catch (error) {
          assert.ok(isSigstoreError(error), String(error));
        }
      }),
    );
  });
});
