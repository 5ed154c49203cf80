/**
 * `instance.json`: who an instance is and what it is made of. Strictly read; no secrets.
 *
 * Of each kind the last is the one at work; those before are listed on, since what they have signed stays good. Keys and chains
 * lie in files named here. Leaves out: where the folder lies and who holds it.
 */
import { base64Encode } from "../../encoding/base64.ts";
import { type JsonObject, parseJson } from "../../encoding/json.ts";
import { formatRfc3339, momentText } from "../../encoding/time.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { type MessageFields, MessageReader, objectFields } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import { API_VERSION } from "../../verdict/result.ts";
import { damaged } from "./durable-file.ts";

/** A certificate authority or timestamp authority; `name` names its key and its chain. */
export interface AuthorityRecord {
  readonly name: string;
  /** Stands in the trusted root, for ever as it was at first. */
  readonly uri: string;
  /** Name of the root's key, while the folder has it. */
  readonly rootKey: string | undefined;
  readonly startMs: number;
  /** Since when it is not used any more. */
  readonly endMs: number | undefined;
}

/** A log; `name` names its key and its folder. */
export interface LogRecord {
  readonly name: string;
  readonly origin: string;
  /** Its address in the trusted root, whose host is the origin. */
  readonly baseUrl: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly startMs: number;
  /** Since when it takes no more entries. */
  readonly endMs: number | undefined;
}

/** A key of the identity provider; `name` names it. Published before it signs, and for a while after. */
export interface IdentityKeyRecord {
  readonly name: string;
  readonly state: "next" | "active" | "retired";
  /** When it came into this state. */
  readonly sinceMs: number;
}

/** An instance. Lists have at least one element, the last is at work. */
export interface InstanceRecord {
  /** A DNS name, its own for ever. */
  readonly name: string;
  /** Public address without a slash at the end, as it was last. */
  readonly url: string;
  readonly createdMs: number;
  readonly certificateAuthorities: readonly AuthorityRecord[];
  readonly timestampAuthorities: readonly AuthorityRecord[];
  readonly rekorLogs: readonly LogRecord[];
  readonly ctLogs: readonly LogRecord[];
  /** In no order; exactly one is active. */
  readonly identityKeys: readonly IdentityKeyRecord[];
}

const FIELDS = objectFields(
  "apiVersion",
  "kind",
  "name",
  "url",
  "created",
  "certificateAuthorities",
  "timestampAuthorities",
  "rekorLogs",
  "ctLogs",
  "identityKeys",
);
const AUTHORITY = objectFields("name", "uri", "rootKey", "start", "end");
const LOG = objectFields("name", "origin", "baseUrl", "publicKey", "start", "end");
const IDENTITY_KEY = objectFields("name", "state", "since");
const IDENTITY_KEY_STATES = ["next", "active", "retired"] as const;
const KIND = "Instance";

/** Names of keys, chains and folders: they become file names. */
const FILE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** RFC 1123 §2.1. */
const DNS_NAME = /^(?=.{1,200}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** True for a host name that an instance can be called by. */
export function isInstanceName(text: string): boolean {
  return DNS_NAME.test(text);
}

/** The record in the bytes of `path`. @throws SigstoreError `instance-invalid` */
export function parseInstanceRecord(bytes: Uint8Array, path: string): InstanceRecord {
  try {
    const value = parseJson(bytes, { maxBytes: LIMITS.smallFileBytes });
    return readRecord(MessageReader.root(value, FIELDS, "instance-invalid", "instance"));
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw damaged(path, "the record of an instance", cause.message, cause);
  }
}

/** The record as text, for people too. */
export function serializeInstanceRecord(record: InstanceRecord): string {
  const { name, url, createdMs } = record;
  const value = {
    apiVersion: API_VERSION,
    kind: KIND,
    name,
    url,
    created: formatRfc3339(createdMs),
    certificateAuthorities: record.certificateAuthorities.map(authorityToJson),
    timestampAuthorities: record.timestampAuthorities.map(authorityToJson),
    rekorLogs: record.rekorLogs.map(logToJson),
    ctLogs: record.ctLogs.map(logToJson),
    identityKeys: record.identityKeys.map(identityKeyToJson),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Refuses a clock that is behind what the record knows: ends that are written by it would take from others what was signed.
 *
 * @throws SigstoreError `config-invalid`
 */
export function requireLaterThan(record: InstanceRecord, nowMs: number): void {
  const { certificateAuthorities, timestampAuthorities, rekorLogs, ctLogs } = record;
  const starts = [...certificateAuthorities, ...timestampAuthorities, ...rekorLogs, ...ctLogs].map(
    (one) => one.startMs,
  );
  const latestMs = Math.max(record.createdMs, ...starts);
  if (nowMs >= latestMs) return;
  throw new SigstoreError(
    "config-invalid",
    `expected a time after ${momentText(latestMs)}, when a part of this instance began, got ${momentText(nowMs)}`,
    { hint: "the clock of this machine is wrong: set it right, and run this again" },
  );
}

/** The last of a list that has one at least. */
export function active<Value>(list: readonly Value[]): Value {
  const last = list.at(-1);
  if (last === undefined) throw new TypeError("expected a record with one of each kind at least, got none");
  return last;
}

function readRecord(message: MessageReader): InstanceRecord {
  const kind = message.requireString("kind");
  if (kind !== KIND) throw message.refuse("kind", KIND, kind);
  const version = message.requireString("apiVersion");
  if (version !== API_VERSION) throw message.refuse("apiVersion", API_VERSION, version);
  const name = message.requireString("name");
  if (!isInstanceName(name)) throw message.refuse("name", "a host name", name);
  return {
    name,
    url: readUrl(message, "url"),
    createdMs: readTime(message, "created"),
    certificateAuthorities: readList(message, "certificateAuthorities", AUTHORITY, readAuthority),
    timestampAuthorities: readList(message, "timestampAuthorities", AUTHORITY, readAuthority),
    rekorLogs: readList(message, "rekorLogs", LOG, readLog),
    ctLogs: readList(message, "ctLogs", LOG, readLog),
    identityKeys: readList(message, "identityKeys", IDENTITY_KEY, readIdentityKey),
  };
}

/** Names of one list are files of their own: none may come twice. */
function readList<Value extends { readonly name: string }>(
  message: MessageReader,
  name: string,
  fields: MessageFields,
  read: (one: MessageReader) => Value,
): readonly Value[] {
  message.limit(name, LIMITS.trustedRootInstances);
  const list = message.messages(name, fields).map(read);
  if (list.length === 0) throw message.error(name, "expected at least one element, got none");
  const names = new Set(list.map((one) => one.name));
  if (names.size < list.length) throw message.error(name, "expected each name once, got one twice");
  return list;
}

function readAuthority(message: MessageReader): AuthorityRecord {
  const rootKey = message.string("rootKey");
  return {
    name: readFileName(message, "name"),
    uri: readUrl(message, "uri"),
    rootKey: rootKey === "" ? undefined : readFileName(message, "rootKey"),
    startMs: readTime(message, "start"),
    endMs: message.timestampMs("end"),
  };
}

function readLog(message: MessageReader): LogRecord {
  const origin = message.requireString("origin");
  if (!isInstanceName(origin)) throw message.refuse("origin", "a host name", origin);
  const baseUrl = readUrl(message, "baseUrl");
  if (new URL(baseUrl).hostname !== origin) throw message.refuse("baseUrl", `an address of ${origin}`, baseUrl);
  return {
    name: readFileName(message, "name"),
    origin,
    baseUrl,
    publicKey: message.requireBytes("publicKey"),
    startMs: readTime(message, "start"),
    endMs: message.timestampMs("end"),
  };
}

function readIdentityKey(message: MessageReader): IdentityKeyRecord {
  const text = message.requireString("state");
  const state = IDENTITY_KEY_STATES.find((one) => one === text);
  if (state === undefined) throw message.refuse("state", IDENTITY_KEY_STATES.join(" or "), text);
  return { name: readFileName(message, "name"), state, sinceMs: readTime(message, "since") };
}

function readFileName(message: MessageReader, name: string): string {
  const value = message.requireString(name);
  if (FILE_NAME.test(value)) return value;
  throw message.refuse(name, "letters, digits and hyphens", value);
}

function readUrl(message: MessageReader, name: string): string {
  const value = message.requireString(name);
  // It is shown: nothing in it may move a terminal.
  if (URL.canParse(value) && /^https?:\/\/[\x21-\x7e]+$/.test(value) && !value.endsWith("/")) return value;
  throw message.refuse(name, "an http or https address without a slash at its end", value);
}

function readTime(message: MessageReader, name: string): number {
  const value = message.timestampMs(name);
  if (value === undefined) throw message.error(name, "expected a time, got none");
  return value;
}

function authorityToJson({ name, uri, rootKey, startMs, endMs }: AuthorityRecord): JsonObject {
  return {
    name,
    uri,
    ...(rootKey !== undefined && { rootKey }),
    start: formatRfc3339(startMs),
    ...(endMs !== undefined && { end: formatRfc3339(endMs) }),
  };
}

function logToJson({ name, origin, baseUrl, publicKey, startMs, endMs }: LogRecord): JsonObject {
  return {
    name,
    origin,
    baseUrl,
    publicKey: base64Encode(publicKey),
    start: formatRfc3339(startMs),
    ...(endMs !== undefined && { end: formatRfc3339(endMs) }),
  };
}

function identityKeyToJson({ name, state, sinceMs }: IdentityKeyRecord): JsonObject {
  return { name, state, since: formatRfc3339(sinceMs) };
}
