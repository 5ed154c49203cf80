/**
 * The rules of the timestamp authority: which requests get a timestamp (RFC 3161 §2.1; timestamp-authority, pkg/api, pkg/verification).
 *
 * Answers are granted responses or refusals; nothing a client sends makes it throw. It issues nothing while the clock is wrong,
 * or its certificate is not good. Leaves out: HTTP (handler.ts), making and signing (authority/timestamp), the clocks themselves.
 */
import { randomSerialNumber, type RandomSource } from "../../authority/serial-number.ts";
import {
  certificatesFor,
  essHashOf,
  signedAttributes,
  signTimestampToken,
  type TimestampIssuance,
  tstInfoFields,
} from "../../authority/timestamp.ts";
import { momentText } from "../../encoding/time.ts";
import { isSigstoreError } from "../../errors.ts";
import { DIGEST_LENGTH } from "../../formats/hash-algorithm.ts";
import {
  parseTimestampRequest,
  serializeTimestampResponse,
  serializeTstInfo,
  type TimestampRequest,
} from "../../formats/rfc3161.ts";
import type { Certificate } from "../../formats/x509/certificate.ts";
import { OID } from "../../formats/x509/oids.ts";
import { checkClock, type ClockReading, type ClockState, startClockGuard } from "./clock-guard.ts";
import type { TsaSettings } from "./config.ts";
import { parseJsonTimestampRequest } from "./json-request.ts";
import { refuse, REFUSAL_TEXT, type TimestampRefusal } from "./refusal.ts";

/** What the service needs of the world. */
export interface TsaWorld {
  /** Reads the clocks; asked before each timestamp, so it must be cheap. */
  readonly readClock: () => ClockReading;
  /** Cryptographic randomness. */
  readonly random: RandomSource;
}

/** A timestamp (a granted TimeStampResp, DER), or why there is none. */
export type TimestampAnswer = { readonly kind: "granted"; readonly response: Uint8Array } | TimestampRefusal;

const LENGTH_BY_OID: ReadonlyMap<string, number> = new Map([
  [OID.sha256, DIGEST_LENGTH.sha256],
  [OID.sha384, DIGEST_LENGTH.sha384],
  [OID.sha512, DIGEST_LENGTH.sha512],
]);

const RETRY_SECONDS = 30;

/** A timestamp authority at work; its only state is what it knows of the clock. */
export class TimestampService {
  readonly settings: TsaSettings;
  readonly #world: TsaWorld;
  #clock: ClockState;

  constructor(settings: TsaSettings, world: TsaWorld) {
    this.settings = settings;
    this.#world = world;
    this.#clock = startClockGuard(world.readClock(), settings.clock);
  }

  /** What the guard knows of the clock now, for health and metrics. */
  checkClock(): ClockState {
    this.#clock = checkClock(this.#clock, this.#world.readClock(), this.settings.clock);
    return this.#clock;
  }

  /** Answers a request in DER or JSON. */
  async answer(body: Uint8Array, format: "der" | "json"): Promise<TimestampAnswer> {
    const request = format === "der" ? parseDerRequest(body) : parseJsonTimestampRequest(body);
    if ("kind" in request) return request;
    const refusal = checkRequest(request, this.settings);
    return refusal ?? this.#issue(request);
  }

  async #issue(request: TimestampRequest): Promise<TimestampAnswer> {
    const reading = this.#world.readClock();
    this.#clock = checkClock(this.#clock, reading, this.settings.clock);
    if (!this.#clock.isRight) return clockRefusal(this.#clock, this.settings.clock.accuracyMs);
    const genTimeMs = Math.floor(reading.wallMs / 1000) * 1000;
    const { certificate } = this.settings.authority;
    if (genTimeMs < certificate.notBeforeMs || genTimeMs > certificate.notAfterMs)
      return certificateRefusal(genTimeMs, certificate);
    return { kind: "granted", response: await issue(this.settings, request, genTimeMs, this.#world.random) };
  }
}

function parseDerRequest(body: Uint8Array): TimestampRequest | TimestampRefusal {
  try {
    return parseTimestampRequest(body);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return refuse(error.code === "input-too-large" ? "tooLarge" : "failed", error.message);
  }
}

/** Why `request` gets no timestamp, or undefined when it does; checks in the original's order. */
function checkRequest(
  request: TimestampRequest,
  settings: Pick<TsaSettings, "acceptedPolicies" | "allowExtensions">,
): TimestampRefusal | undefined {
  const { hashAlgorithm, digest } = request.messageImprint;
  if (hashAlgorithm === OID.sha1)
    return refuse("weakHash", "expected SHA-256, SHA-384 or SHA-512, got SHA-1", "make the request with -sha256");
  const length = LENGTH_BY_OID.get(hashAlgorithm);
  if (length === undefined) return refuse("failed", `expected SHA-256, SHA-384 or SHA-512, got ${hashAlgorithm}`);
  if (digest.length !== length) return refuse("digestLength", `expected ${length} bytes, got ${digest.length} bytes`);
  const { policy } = request;
  if (policy !== undefined && !settings.acceptedPolicies.has(policy))
    return refuse("policy", `expected ${[...settings.acceptedPolicies].join(" or ")}, got ${policy}`, "name no policy");
  // RFC 3161 §2.4.2: an authority that does not recognise an extension "SHALL NOT issue a token".
  if (request.extensions.length > 0 && !settings.allowExtensions)
    return refuse("extension", `expected no extensions, got ${request.extensions.map(({ oid }) => oid).join(", ")}`);
  return undefined;
}

function clockRefusal({ aheadMs }: ClockState, accuracyMs: number): TimestampRefusal {
  const direction = aheadMs > 0 ? "ahead" : "behind";
  return {
    kind: "refused",
    status: 503,
    message: REFUSAL_TEXT.failed,
    reason: `expected a clock right to ${accuracyMs} ms, got one that is ${Math.round(Math.abs(aheadMs))} ms ${direction}`,
    hint: "no timestamps are issued until the clock of this authority is right again; ask later",
    retryAfterSeconds: RETRY_SECONDS,
  };
}

/** Nobody believes a timestamp from outside the life of its certificate: a clock that was wrong at the start makes such. */
function certificateRefusal(genTimeMs: number, { notBeforeMs, notAfterMs }: Certificate): TimestampRefusal {
  const life = `from ${momentText(notBeforeMs)} to ${momentText(notAfterMs)}`;
  return {
    kind: "refused",
    status: 503,
    message: REFUSAL_TEXT.failed,
    reason: `expected a time in the life of the authority's certificate, ${life}, got ${momentText(genTimeMs)}`,
    hint: "whoever runs the authority has to set its clock right, or renew its certificate",
    retryAfterSeconds: RETRY_SECONDS,
  };
}

/** The steps of authority/timestamp, with the request's extensions where they are allowed. */
async function issue(
  settings: TsaSettings,
  request: TimestampRequest,
  genTimeMs: number,
  random: RandomSource,
): Promise<Uint8Array> {
  const { authority } = settings;
  const issuance: TimestampIssuance = {
    serialNumber: randomSerialNumber(random),
    genTimeMs,
    accuracyMs: settings.clock.accuracyMs,
    defaultPolicy: settings.defaultPolicy,
    certificates: settings.certificates,
  };
  const tstInfo = serializeTstInfo({
    ...tstInfoFields(authority, request, issuance),
    extensions: request.extensions,
  });
  const token = await signTimestampToken(authority, {
    tstInfo,
    attributes: signedAttributes(authority, tstInfo, genTimeMs, essHashOf(request)),
    certificates: certificatesFor(authority, request, issuance),
  });
  return serializeTimestampResponse({ status: 0, token });
}
