/**
 * Client of a Rekor v2 log, `POST /api/v2/log/entries` (rekor-tiles rekor_service.proto; rekor.md 2.1).
 *
 * Proposes hashedrekord 0.0.2, the only kind that the log takes. An entry that is there already comes from the answer, where
 * the log shows it in `details` as ours does, and otherwise from the log's tiles. Leaves out: every check of what comes back.
 */
import { base64Encode } from "../encoding/base64.ts";
import { serializeJson } from "../encoding/json-writer.ts";
import type { JsonObject } from "../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import type { TlogEntry } from "../formats/bundle/bundle.ts";
import { parseTlogEntry } from "../formats/bundle/tlog-entry.ts";
import { parseEntryBody } from "../formats/rekor/entry-body.ts";
import { LIMITS } from "../limits.ts";
import type { CallOptions, EntryProposal, TransparencyLog } from "../sign/ports.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";
import { answerError } from "./http/http-error.ts";
import type { HttpRequest, HttpResponse } from "./http/http-request.ts";
import { JsonAnswer } from "./http/json-answer.ts";
import { TiledLogClient } from "./tiled-log.ts";

/** The log answers when a checkpoint covers the entry; stock logs take up to 20 seconds, and their clients wait 90. */
const TIMEOUT_MS = 90_000;
/** How the entry stands among the details of a google.rpc.Status: as a google.protobuf.Any. */
const ENTRY_TYPE = /\.TransparencyLogEntry$/;

/** What a client of a Rekor v2 log may know about it. */
export interface RekorV2Options {
  /** The log ID by the origin of a checkpoint, from the trusted root: entries in tiles do not tell it. */
  readonly findLogId?: (origin: string) => Uint8Array | undefined;
}

/** A Rekor v2 log at `address`, its base address. */
export class RekorV2Client implements TransparencyLog {
  readonly address: string;
  readonly majorApiVersion = 2;
  readonly #http: HttpClient;
  readonly #options: RekorV2Options;

  constructor(address: string, http: HttpClient, options: RekorV2Options = {}) {
    this.address = address;
    this.#http = http;
    this.#options = options;
  }

  /** Submits an entry, or fetches the equal one that is there; errors as `HttpClient.send`, TypeError for a dsse proposal. */
  async submitEntry(proposal: EntryProposal, { signal }: CallOptions = {}): Promise<TlogEntry> {
    const request: HttpRequest = {
      service: "transparency log",
      method: "POST",
      url: addressBelow(this.address, "api/v2/log/entries"),
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(proposalToJson(proposal)),
      maxBytes: LIMITS.logAnswerBytes,
      // The same proposal twice is one entry: the second answer is 409.
      repeat: "always",
      timeoutMs: TIMEOUT_MS,
      understood: [409],
      signal,
    };
    const response = await this.#http.send(request);
    return response.status === 409 ? this.#findExisting(request, response) : readEntry(request, response.bytes);
  }

  async #findExisting(request: HttpRequest, response: HttpResponse): Promise<TlogEntry> {
    const shown = entryInDetails(request, response.bytes);
    if (shown !== undefined) return shown;
    const index = response.headers.get("x-log-index") ?? "";
    if (!/^(?:0|[1-9]\d{0,18})$/.test(index))
      throw answerError(request, "the index of the entry that is there already", index || "none");
    return this.#readFromTiles(BigInt(index), request);
  }

  async #readFromTiles(index: bigint, request: HttpRequest): Promise<TlogEntry> {
    const tiles = new TiledLogClient(addressBelow(this.address, "api/v2"), this.#http, request.signal);
    const { body, origin, proof } = await tiles.readEntry(index).catch((error: unknown) => {
      throw unreadableEntry(error, index);
    });
    const logId = this.#options.findLogId?.(origin);
    if (logId === undefined) throw answerError(request, "a checkpoint of a log that is known", `one of ${origin}`);
    const { kind, version } = understandBody(request, body);
    return {
      logIndex: index,
      logId,
      kindVersion: { kind, version },
      integratedTimeSeconds: 0n,
      inclusionPromise: undefined,
      inclusionProof: proof,
      canonicalizedBody: body,
    };
  }
}

/** Stock logs leave it to other servers to show tiles. */
function unreadableEntry(error: unknown, index: bigint): unknown {
  if (!isSigstoreError(error)) return error;
  return new SigstoreError(error.code, error.message, {
    hint: `the log has this entry already, at index ${index}, and does not show it at this address: sign again, which makes a new entry`,
    details: { ...error.details, logIndex: String(index) },
    cause: error,
  });
}

function proposalToJson(proposal: EntryProposal): JsonObject {
  if (proposal.kind !== "hashedrekord")
    throw new TypeError(`expected a hashedrekord for Rekor v2, got ${proposal.kind}`);
  const { digest, signature, verifier } = proposal;
  return {
    hashedRekordRequestV002: {
      digest: base64Encode(digest.digest),
      signature: {
        content: base64Encode(signature),
        verifier: { [verifier.kind]: { rawBytes: base64Encode(verifier.rawBytes) }, keyDetails: verifier.keyDetails },
      },
    },
  };
}

function readEntry(request: HttpRequest, source: Uint8Array | string): TlogEntry {
  return holdToAnswer(request, () => parseTlogEntry(source));
}

function understandBody(request: HttpRequest, body: Uint8Array): { readonly kind: string; readonly version: string } {
  return holdToAnswer(request, () => parseEntryBody(body));
}

function entryInDetails(request: HttpRequest, bytes: Uint8Array): TlogEntry | undefined {
  const details = JsonAnswer.parse(request, bytes).objects("details");
  const found = details
    .map((one) => one.raw())
    .find(({ "@type": type }) => typeof type === "string" && ENTRY_TYPE.test(type));
  if (found === undefined) return undefined;
  const { "@type": _type, ...entry } = found;
  return readEntry(request, serializeJson(entry));
}

function holdToAnswer<Value>(request: HttpRequest, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw answerError(request, "a log entry that can be read", error.message);
  }
}
