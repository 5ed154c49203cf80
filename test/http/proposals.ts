/**
 * Proposals that no honest client sends, to a Rekor v2 that runs: too large, too deep, no text, keys and signatures that do not belong
 * together, signatures that were turned into others (malleated). At the end the log holds exactly what it took.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digest } from "../../src/crypto/digest.ts";
import { parseEcdsaSignature } from "../../src/crypto/ecdsa.ts";
import { NIST_CURVES } from "../../src/crypto/nist-curves.ts";
import { concatBytes } from "../../src/encoding/bytes.ts";
import { der } from "../../src/encoding/der.ts";
import { utf8Encode } from "../../src/encoding/text.ts";
import { VirtualKeys } from "../../src/testing/virtual-keys.ts";
import { proposalOf, requestOf, SIGNER } from "../crash/client.ts";
import { LogProcess } from "../crash/process.ts";
import type { Suite } from "../suite.ts";
import { sendRaw, statusesOf } from "./raw.ts";

const MIB = 1024 * 1024;
const LIMIT = 4 * MIB;
const MESSAGE = utf8Encode("what is signed");
const DIGEST = digest("sha256", MESSAGE);
const P256 = NIST_CURVES["ecdsa-p256"];
const keys = new VirtualKeys("abuse suite");

/** All cases of this file. */
export async function proposalCases(suite: Suite): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "abuse-"));
  const log = await LogProcess.start(join(folder, "log"));
  const taken: string[] = [];
  const expect = (
    name: string,
    body: string | Uint8Array,
    status: number,
    type = "application/json",
  ): Promise<boolean> =>
    suite.case(`${name}: ${status}`, async () => {
      const { status: got, text } = await post(log, body, type);
      if (got !== status) throw new Error(`expected ${status}, got ${got}: ${text.slice(0, 300)}`);
      if (status === 201) taken.push(name);
      else if (!text.startsWith('{"code":')) throw new Error(`expected a google.rpc.Status, got ${text.slice(0, 300)}`);
    });
  try {
    for (const [name, body] of brokenBodies()) await expect(name, body, 400);
    for (const [name, body] of await foreignKeys()) await expect(name, body, 400);
    for (const [name, signature] of await falseSignatures())
      await expect(name, proposalOf({ digest: DIGEST, signature }), 400);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
      await expect(`content type ${JSON.stringify(type)}`, await requestOf(`type ${type}`), 201, type);
    const signature = await negated(await SIGNER.sign(MESSAGE));
    await expect("the other of the two numbers s, an entry of its own", proposalOf({ digest: DIGEST, signature }), 201);
    await suite.case("a body over the limit: 413, and the connection goes on", () => overTheLimit(log));
    await suite.case("a body far over the limit: 413, and the connection ends", () => farOverTheLimit(log));
    await suite.case("the log holds what it took, and nothing else", () => holds(log, taken.length));
    await log.stop();
  } finally {
    await log.kill();
    rmSync(folder, { recursive: true });
  }
}

function* brokenBodies(): Generator<readonly [string, string | Uint8Array]> {
  const good = proposalOf({ digest: DIGEST, signature: new Uint8Array(70) });
  yield ["nothing", ""];
  yield ["half of a text", good.slice(0, good.length / 2)];
  yield ["two texts", good + good];
  yield ["another member", good.replace("{", '{"more":1,')];
  yield ["a member twice", good.replace("{", '{"hashedRekordRequestV002":null,')];
  yield ["the member __proto__", good.replace("{", '{"__proto__":{},')];
  yield ["a hundred thousand arrays within each other", "[".repeat(100_000)];
  yield ["a million objects within each other", '{"a":'.repeat(700_000)];
  yield ["a million empty objects", `[${"{},".repeat(1_300_000)}{}]`];
  yield ["a number of a million digits", "9".repeat(1_000_000)];
  yield ["a base64 text of three megabytes", proposalOf({ digest: new Uint8Array(3 * MIB - 1000), signature: DIGEST })];
  yield ["bytes that are no UTF-8", concatBytes(utf8Encode('{"a":"'), Uint8Array.of(0xff, 0xfe), utf8Encode('"}'))];
  yield ["an overlong UTF-8 slash", concatBytes(utf8Encode('{"a":"'), Uint8Array.of(0xc0, 0xaf), utf8Encode('"}'))];
  yield ["half a surrogate pair", String.raw`{"\ud800":1}`];
  yield ["UTF-16", Buffer.from(good, "utf16le")];
  yield ["a byte order mark", `\u{feff}${good}`];
  yield ["zero bytes", new Uint8Array(1000)];
}

/** Keys that are not those that signed, or of another kind than they say. */
async function foreignKeys(): Promise<(readonly [string, string])[]> {
  const signature = await SIGNER.sign(MESSAGE);
  const other = keys.signer("other", "PKIX_ECDSA_P256_SHA_256").publicKey;
  const larger = keys.signer("larger", "PKIX_ECDSA_P384_SHA_384").publicKey;
  const edwards = keys.signer("edwards", "PKIX_ED25519").publicKey;
  const parts = { digest: DIGEST, signature };
  return [
    ["another key", proposalOf({ ...parts, spki: other.spki })],
    ["a key of another curve", proposalOf({ ...parts, spki: larger.spki })],
    ["a key of another kind", proposalOf({ ...parts, spki: edwards.spki })],
    ["details of another curve", proposalOf({ ...parts, keyDetails: "PKIX_ECDSA_P384_SHA_384" })],
    ["details of another scheme", proposalOf({ ...parts, keyDetails: "PKIX_RSA_PKCS1V15_2048_SHA256" })],
    ["details of nothing", proposalOf({ ...parts, keyDetails: "PUBLIC_KEY_DETAILS_UNSPECIFIED" })],
    ["half a key", proposalOf({ ...parts, spki: SIGNER.publicKey.spki.subarray(0, 40) })],
    ["a key with more behind it", proposalOf({ ...parts, spki: concatBytes(SIGNER.publicKey.spki, Uint8Array.of(0)) })],
    ["a point that is not on the curve", proposalOf({ ...parts, spki: withFlippedBit(SIGNER.publicKey.spki, 80) })],
    ["another digest", proposalOf({ ...parts, digest: digest("sha256", DIGEST) })],
    ["a longer digest", proposalOf({ ...parts, digest: digest("sha512", MESSAGE) })],
  ];
}

/** Signatures that were sound until somebody changed them. */
async function falseSignatures(): Promise<(readonly [string, Uint8Array])[]> {
  const signature = await SIGNER.sign(MESSAGE);
  const { r, s } = numbersOf(signature);
  const flipped = Array.from(
    signature,
    (_, at) => [`bit ${at * 8} turned over`, withFlippedBit(signature, at)] as const,
  );
  return [
    ...flipped,
    ["a byte more", concatBytes(signature, Uint8Array.of(0))],
    ["a byte less", signature.subarray(0, -1)],
    ["r and s exchanged", integers(s, r)],
    ["r of 0", integers(0n, s)],
    ["s of 0", integers(r, 0n)],
    ["s and the order more", integers(r, s + P256.order)],
    ["r and the order more", integers(r + P256.order, s)],
    ["s below 0", der.sequence(der.integer(r), der.integer(-s))],
    ["a length in its long form", concatBytes(Uint8Array.of(0x30, 0x81), signature.subarray(1))],
    ["the bare numbers", signature.subarray(-64)],
  ];
}

function numbersOf(signature: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  const numbers = parseEcdsaSignature(P256, signature);
  if (numbers === undefined) throw new Error("expected a signature, got something else");
  return numbers;
}

/** (r, n - s) verifies as (r, s) does: ECDSA is made so, and the original takes both. */
async function negated(signature: Uint8Array): Promise<Uint8Array> {
  const { r, s } = numbersOf(signature);
  return integers(r, P256.order - s);
}

function integers(r: bigint, s: bigint): Uint8Array {
  return der.sequence(der.integer(r), der.integer(s));
}

function withFlippedBit(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x80;
  return copy;
}

async function post(
  { port }: LogProcess,
  body: string | Uint8Array,
  type: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = type === "" ? {} : { "content-type": type };
  const bytes = typeof body === "string" ? body : new Uint8Array(body);
  const answer = await fetch(`http://127.0.0.1:${port}/api/v2/log/entries`, { method: "POST", headers, body: bytes });
  return { status: answer.status, text: await answer.text() };
}

function head(length: number, more = ""): string {
  return `POST /api/v2/log/entries HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${more}\r\n`;
}

const HEALTH = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

async function overTheLimit({ port }: LogProcess): Promise<void> {
  const received = await sendRaw(port, head(LIMIT + 1), new Uint8Array(LIMIT + 1), HEALTH);
  if (statusesOf(received).join(" ") !== "413 200" || !received.includes(`at most ${LIMIT} bytes, got ${LIMIT + 1}`))
    throw new Error(`expected 413 that names both sizes, then 200, got ${received}`);
}

async function farOverTheLimit({ port }: LogProcess): Promise<void> {
  const received = await sendRaw(port, head(100 * LIMIT), new Uint8Array(LIMIT), HEALTH);
  if (statusesOf(received).join(" ") !== "413") throw new Error(`expected 413 alone, got ${received}`);
}

async function holds({ port }: LogProcess, count: number): Promise<string> {
  const [, size] = (await (await fetch(`http://127.0.0.1:${port}/api/v2/checkpoint`)).text()).split("\n");
  if (size !== String(count)) throw new Error(`expected ${count} entries, got ${size}`);
  const { status } = await fetch(`http://127.0.0.1:${port}/healthz`);
  if (status !== 200) throw new Error(`expected a log that serves, got ${status}`);
  return `${count} entries`;
}
