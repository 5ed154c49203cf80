/** A client of Rekor v2 that believes nothing: an answer counts when its proof leads to a checkpoint that the log signed. */
import { Agent, request } from "node:http";
import { digest } from "../../src/crypto/digest.ts";
import { base64Encode } from "../../src/encoding/base64.ts";
import { utf8Encode } from "../../src/encoding/text.ts";
import { parseTlogEntry } from "../../src/formats/bundle/tlog-entry.ts";
import { VirtualKeys } from "../../src/testing/virtual-keys.ts";
import { openCheckpoint } from "../../src/tlog/checkpoint.ts";
import { hashLeaf } from "../../src/tlog/merkle.ts";
import { noteVerifier } from "../../src/tlog/note-key.ts";
import { verifyInclusion } from "../../src/tlog/proof.ts";
import type { NoteVerifier } from "../../src/tlog/signed-note.ts";
import { LOG_SIGNER, ORIGIN } from "./server.ts";

/** What the log has said of an entry, and is held to. */
export interface Acknowledged {
  readonly index: bigint;
  readonly body: Uint8Array;
  readonly treeSize: bigint;
  readonly rootHash: Uint8Array;
  readonly isNew: boolean;
}

/** Whose checkpoints count. */
export interface KnownLog {
  readonly origin: string;
  readonly verifier: NoteVerifier;
}

const CRASH_LOG: KnownLog = { origin: ORIGIN, verifier: noteVerifier(ORIGIN, LOG_SIGNER.publicKey) };
/** The key of the suite's clients. */
export const SIGNER = new VirtualKeys("crash suite").signer("client", "PKIX_ECDSA_P256_SHA_256");
/** Requests by their text: another signature over the same would be another entry. */
const requests = new Map<string, Promise<string>>();

/** Submits to one server. */
export class RekorClient {
  readonly #port: number;
  readonly #log: KnownLog;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number, log: KnownLog = CRASH_LOG) {
    this.#port = port;
    this.#log = log;
  }

  /** Submits the entry of `text`; undefined when nobody answers, or the server cannot take it now. */
  async submit(text: string): Promise<Acknowledged | undefined> {
    const answer = await this.#post(await requestOf(text));
    if (answer === undefined || answer.status === 503) return undefined;
    if (answer.status === 201) return acknowledgedOf(answer.body, true, this.#log);
    if (answer.status !== 409) throw new Error(`expected 201 or 409, got ${answer.status}: ${answer.body}`);
    const { details } = JSON.parse(answer.body) as { details: [Record<string, unknown>] };
    const { "@type": _, ...entry } = details[0];
    return acknowledgedOf(JSON.stringify(entry), false, this.#log);
  }

  #post(body: string): Promise<{ readonly status: number; readonly body: string } | undefined> {
    const options = { port: this.#port, path: "/api/v2/log/entries", method: "POST", agent: this.#agent };
    return new Promise((resolve) => {
      const outgoing = request(options, (incoming) => {
        let text = "";
        incoming.on("data", (bytes: Buffer) => (text += bytes.toString("utf8")));
        incoming.on("end", () =>
          resolve(incoming.complete ? { status: incoming.statusCode ?? 0, body: text } : undefined),
        );
        incoming.on("error", () => resolve(undefined));
      });
      outgoing.on("error", () => resolve(undefined));
      outgoing.end(body);
    });
  }
}

/** The request for the entry of `text`; the same whenever it is asked for. */
export function requestOf(text: string): Promise<string> {
  const known = requests.get(text) ?? signedRequest(text);
  requests.set(text, known);
  return known;
}

async function signedRequest(text: string): Promise<string> {
  const message = utf8Encode(text);
  return proposalOf({ digest: digest("sha256", message), signature: await SIGNER.sign(message) });
}

/** What a proposal is made of; what is not said is that of the suite's client. */
export interface ProposalParts {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly spki?: Uint8Array;
  readonly keyDetails?: string;
}

/** The body of a request for an entry. */
export function proposalOf(parts: ProposalParts): string {
  const { spki = SIGNER.publicKey.spki, keyDetails = SIGNER.algorithm.name } = parts;
  const verifier = { publicKey: { rawBytes: base64Encode(spki) }, keyDetails };
  const signature = { content: base64Encode(parts.signature), verifier };
  return JSON.stringify({ hashedRekordRequestV002: { digest: base64Encode(parts.digest), signature } });
}

/** An answer of 201, held to its proof and to the log's key. */
export function acknowledgedOf(text: string, isNew: boolean, { origin, verifier }: KnownLog = CRASH_LOG): Acknowledged {
  const { logIndex: index, canonicalizedBody: body, inclusionProof } = parseTlogEntry(text);
  if (inclusionProof?.checkpoint === undefined) throw new Error("expected a proof with a checkpoint, got none");
  const { treeSize, rootHash, hashes } = inclusionProof;
  const { checkpoint } = openCheckpoint(inclusionProof.checkpoint, [verifier]);
  if (checkpoint.origin !== origin || checkpoint.treeSize !== treeSize)
    throw new Error(`expected a checkpoint of ${origin} and size ${treeSize}, got another`);
  if (!verifyInclusion({ leafHash: hashLeaf(body), index, treeSize, hashes, rootHash: checkpoint.rootHash }))
    throw new Error(`expected a proof of entry ${index}, got one that does not hold`);
  return { index, body, treeSize, rootHash, isNew };
}
