/**
 * Asks a Rekor v2 log for as much as it gives, and prints one line of JSON: `log-load.ts SETTINGS`, in a process of its own, ours and the
 * original alike.
 *
 * So many requests are open at any moment, one on each connection that stays open; each is a hashedrekord of its own, signed with P-256. One
 * counts when its answer is 201 and was read whole; of each hundredth the proof is verified. The generator shares the machine with the
 * server, so it is plain: bytes that were made before, and of the answer the status and the length.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { connect, type Socket } from "node:net";
import { parseTlogEntry } from "../src/formats/bundle/tlog-entry.ts";
import { hashLeaf } from "../src/tlog/merkle.ts";
import { verifyInclusion } from "../src/tlog/proof.ts";

/** What is measured, and for how long. */
export interface LoadSettings {
  readonly port: number;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly countedMs: number;
  /** Path of GET requests instead of entries. */
  readonly read?: string;
}

/** What came of it. */
export interface LoadOutcome {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly counted: number;
  readonly errors: number;
  readonly firstError: string;
}

const PREPARED = 20_000;
const VERIFIED_SHARE = 100;

class Load {
  readonly #settings: LoadSettings;
  readonly #next: () => Buffer;
  readonly #latenciesMs: number[] = [];
  readonly #sockets: Socket[] = [];
  #answers = 0;
  #errors = 0;
  #firstError = "";
  #countFromMs = Number.POSITIVE_INFINITY;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#next = settings.read === undefined ? entryRequests(PREPARED) : readRequests(settings.read);
  }

  async run(): Promise<LoadOutcome> {
    const { inFlight, warmUpMs, countedMs } = this.#settings;
    for (let number = 0; number < inFlight; number += 1) this.#open();
    await later(warmUpMs);
    this.#countFromMs = performance.now();
    await later(countedMs);
    const spentMs = performance.now() - this.#countFromMs;
    this.#countFromMs = Number.POSITIVE_INFINITY;
    for (const socket of this.#sockets) socket.destroy();
    const sorted = Float64Array.from(this.#latenciesMs).toSorted();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return {
      perSecond: (sorted.length * 1000) / spentMs,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      counted: sorted.length,
      errors: this.#errors,
      firstError: this.#firstError,
    };
  }

  #open(): void {
    const socket = connect({ port: this.#settings.port, host: "127.0.0.1", noDelay: true });
    this.#sockets.push(socket);
    const reader = new AnswerReader();
    let sentMs = performance.now();
    const send = (): void => {
      sentMs = performance.now();
      socket.write(this.#next());
    };
    socket.on("connect", send);
    socket.on("error", (error) => this.#failed(error.message));
    socket.on("data", (bytes: Buffer) => {
      const answer = reader.read(bytes);
      if (answer === undefined) return;
      this.#answered(answer, performance.now() - sentMs);
      send();
    });
  }

  #answered({ status, body }: Answer, tookMs: number): void {
    this.#answers += 1;
    const wanted = this.#settings.read === undefined ? 201 : 200;
    if (status !== wanted) this.#failed(`${status} ${body.toString("utf8", 0, 200)}`);
    else if (performance.now() >= this.#countFromMs) this.#latenciesMs.push(tookMs);
    if (status === 201 && this.#answers % VERIFIED_SHARE === 0 && !isProved(body))
      this.#failed("a proof that does not hold");
  }

  #failed(reason: string): void {
    this.#errors += 1;
    this.#firstError ||= reason;
  }
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Puts one answer after another together; both servers say how long a body is, or send it in chunks. */
class AnswerReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  #needed = 0;

  read(part: Buffer): Answer | undefined {
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes < this.#needed) return undefined;
    const whole = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    this.#parts = [whole];
    const head = whole.indexOf("\r\n\r\n");
    if (head < 0) return undefined;
    const text = whole.toString("latin1", 0, head);
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text) ?? [];
    if (length === undefined && !whole.subarray(-5).equals(LAST_CHUNK)) return undefined;
    this.#needed = length === undefined ? whole.length : head + 4 + Number(length);
    if (whole.length < this.#needed) return undefined;
    this.#parts = [];
    this.#bytes = 0;
    this.#needed = 0;
    const body = whole.subarray(head + 4);
    return { status: Number(text.slice(9, 12)), body: length === undefined ? unchunked(body) : body };
  }
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (end < 0 || size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

function isProved(body: Buffer): boolean {
  const { logIndex: index, canonicalizedBody, inclusionProof } = parseTlogEntry(body.toString("utf8"));
  if (inclusionProof === undefined) return false;
  const { treeSize, hashes, rootHash } = inclusionProof;
  return verifyInclusion({ leafHash: hashLeaf(canonicalizedBody), index, treeSize, hashes, rootHash });
}

/** Requests for entries, so many made beforehand, and more when they are used up. */
function entryRequests(prepared: number): () => Buffer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rawBytes = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const ready = Array.from({ length: prepared }, () => entryRequest(privateKey, rawBytes));
  return () => ready.pop() ?? entryRequest(privateKey, rawBytes);
}

function entryRequest(key: KeyObject, rawBytes: string): Buffer {
  const message = randomBytes(32);
  const signature = {
    content: sign("sha256", message, key).toString("base64"),
    verifier: { publicKey: { rawBytes }, keyDetails: "PKIX_ECDSA_P256_SHA_256" },
  };
  const digest = createHash("sha256").update(message).digest("base64");
  const body = JSON.stringify({ hashedRekordRequestV002: { digest, signature } });
  const head = `POST /api/v2/log/entries HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body, "latin1");
}

function readRequests(path: string): () => Buffer {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`, "latin1");
  return () => request;
}

function later(afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, afterMs);
  });
}

if (import.meta.main) {
  const settings = JSON.parse(process.argv[2] ?? "") as LoadSettings;
  console.log(JSON.stringify(await new Load(settings).run()));
  process.exit();
}
