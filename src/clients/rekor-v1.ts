/**
 * Client of a Rekor v1 log (rekor openapi.yaml, createLogEntry and getLogEntryByUUID; rekor.md 1 and appendix A).
 *
 * Proposes hashedrekord 0.0.1 and dsse 0.0.1. An entry that is there already is fetched from where the log says it is. Leaves
 * out: search, proofs by range, and every check of what comes back.
 */
import { base64Encode } from "../encoding/base64.ts";
import { hexDecode, hexEncode } from "../encoding/hex.ts";
import type { JsonObject } from "../encoding/json.ts";
import { serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import type { InclusionProof, TlogEntry } from "../formats/bundle/bundle.ts";
import { serializeDsseEnvelope } from "../formats/dsse.ts";
import { parseEntryBody } from "../formats/rekor/entry-body.ts";
import type { Verifier002 } from "../formats/rekor/entry-body.ts";
import { LIMITS } from "../limits.ts";
import type { CallOptions, EntryProposal, TransparencyLog } from "../sign/ports.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";
import { answerError } from "./http/http-error.ts";
import type { HttpRequest, HttpResponse } from "./http/http-request.ts";
import { JsonAnswer } from "./http/json-answer.ts";

const ENTRIES = "api/v1/log/entries";
/** The log answers when the entry is integrated, which may take it long. */
const TIMEOUT_MS = 90_000;
/** A leaf hash, with or without the number of the tree before it. */
const ENTRY_ID = /\/((?:[0-9a-fA-F]{16})?[0-9a-fA-F]{64})$/;

/** A Rekor v1 log at `address`, its base address. */
export class RekorV1Client implements TransparencyLog {
  readonly address: string;
  readonly majorApiVersion = 1;
  readonly #http: HttpClient;

  constructor(address: string, http: HttpClient) {
    this.address = address;
    this.#http = http;
  }

  /** Submits an entry, or fetches the equal one that is there; errors as `HttpClient.send`. */
  async submitEntry(proposal: EntryProposal, { signal }: CallOptions = {}): Promise<TlogEntry> {
    const request: HttpRequest = {
      ...this.#request(ENTRIES, signal),
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(proposalToJson(proposal)),
      understood: [409],
    };
    const response = await this.#http.send(request);
    return response.status === 409 ? this.#fetchExisting(request, response) : readEntry(request, response.bytes);
  }

  /** rekor.md 1.1: 409 with the entry's address in Location. Only its name is taken from there, never a host. */
  async #fetchExisting(request: HttpRequest, { headers }: HttpResponse): Promise<TlogEntry> {
    const location = headers.get("location") ?? "";
    const id = ENTRY_ID.exec(location)?.[1];
    if (id === undefined)
      throw answerError(request, "the address of the entry that is there already", location || "none");
    const fetching = this.#request(`${ENTRIES}/${id}`, request.signal);
    return readEntry(fetching, (await this.#http.send(fetching)).bytes);
  }

  #request(path: string, signal: AbortSignal | undefined): HttpRequest {
    return {
      service: "transparency log",
      method: "GET",
      url: addressBelow(this.address, path),
      maxBytes: LIMITS.logAnswerBytes,
      // The same proposal twice is one entry: the second answer is 409.
      repeat: "always",
      timeoutMs: TIMEOUT_MS,
      signal,
    };
  }
}

function proposalToJson(proposal: EntryProposal): JsonObject {
  const verifier = verifierText(proposal.verifier);
  if (proposal.kind === "dsse") {
    const envelope = JSON.stringify(serializeDsseEnvelope(proposal.envelope));
    return { apiVersion: "0.0.1", kind: "dsse", spec: { proposedContent: { envelope, verifiers: [verifier] } } };
  }
  const { algorithm, digest } = proposal.digest;
  const signature = { content: base64Encode(proposal.signature), publicKey: { content: verifier } };
  const spec = { data: { hash: { algorithm, value: hexEncode(digest) } }, signature };
  return { apiVersion: "0.0.1", kind: "hashedrekord", spec };
}

/** Base64 of the PEM of key or certificate. */
function verifierText({ kind, rawBytes }: Verifier002): string {
  return base64Encode(utf8Encode(serializePem(kind === "publicKey" ? "PUBLIC KEY" : "CERTIFICATE", rawBytes)));
}

/** A LogEntry: an object with one field, the entry under its identifier. */
function readEntry(request: HttpRequest, bytes: Uint8Array): TlogEntry {
  const answer = JsonAnswer.parse(request, bytes);
  const [id, ...others] = answer.names;
  if (id === undefined || others.length > 0) throw answerError(request, "one log entry", `${answer.names.length}`);
  const entry = answer.object(id);
  const canonicalizedBody = entry.bytes("body");
  const { kind, version } = entry.read("body", () => parseEntryBody(canonicalizedBody));
  const verification = entry.find("verification");
  return {
    logIndex: entry.integer("logIndex"),
    logId: hexOf(entry, "logID"),
    kindVersion: { kind, version },
    integratedTimeSeconds: entry.integer("integratedTime"),
    inclusionPromise: verification?.findBytes("signedEntryTimestamp"),
    inclusionProof: readProof(verification?.find("inclusionProof")),
    canonicalizedBody,
  };
}

function readProof(proof: JsonAnswer | undefined): InclusionProof | undefined {
  if (proof === undefined) return undefined;
  const hashes = proof.texts("hashes").slice(0, LIMITS.proofHashes + 1);
  return {
    logIndex: proof.integer("logIndex"),
    rootHash: hexOf(proof, "rootHash"),
    treeSize: proof.integer("treeSize"),
    hashes: hashes.map((hash) => proof.read("hashes", () => hexDecode(hash))),
    checkpoint: proof.findText("checkpoint"),
  };
}

function hexOf(owner: JsonAnswer, name: string): Uint8Array {
  const text = owner.text(name);
  return owner.read(name, () => hexDecode(text));
}
