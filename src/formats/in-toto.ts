import { serializeJson } from "../encoding/json-writer.ts";
/**
 * in-toto Statements v0.1 and v1 (in-toto attestation framework, spec/v0.1.0 and spec/v1).
 *
 * Type, subjects with their digests, predicate type and predicate. "Consumers MUST ignore unrecognized fields" (v1, parsing
 * rules), so unknown fields are no fault here. Leaves out the other parts of a resource descriptor (uri, content, …) and
 * what predicates mean.
 */
import { parseJson } from "../encoding/json.ts";
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { DIGEST_LENGTH } from "./hash-algorithm.ts";
import { describeJson, isObject } from "./proto-json.ts";

/** Payload type of a DSSE envelope that holds a statement. */
export const IN_TOTO_PAYLOAD_TYPE = "application/vnd.in-toto+json";
/** Type of the statements that stock clients write for attestations of older predicates. */
export const STATEMENT_TYPE_V01 = "https://in-toto.io/Statement/v0.1";
/** Type of current statements. */
export const STATEMENT_TYPE_V1 = "https://in-toto.io/Statement/v1";

/** The two types of statements that are read. */
export type StatementType = typeof STATEMENT_TYPE_V01 | typeof STATEMENT_TYPE_V1;

/** One thing that a statement speaks of. */
export interface StatementSubject {
  /** Empty when absent. */
  readonly name: string;
  /** Digests by algorithm name; sha256, sha384 and sha512 are lower-case hex of the right length, others as they stand. */
  readonly digests: ReadonlyMap<string, string>;
}

/** A claim about its subjects. */
export interface Statement {
  readonly type: StatementType;
  readonly subjects: readonly StatementSubject[];
  readonly predicateType: string;
  /** An empty object when absent: v1 says that this "is treated the same as set-but-empty". */
  readonly predicate: JsonObject;
}

/**
 * The statement in the payload of an envelope. Errors: `statement-invalid`.
 * @example
 * ```ts
 * import { parseStatement } from "sigstore-ts";
 * const payload = new TextEncoder().encode(`{
 *   "_type": "https://in-toto.io/Statement/v1",
 *   "subject": [{ "name": "app.tar.gz", "digest": { "sha256": "${"ab".repeat(32)}" } }],
 *   "predicateType": "https://slsa.dev/provenance/v1"
 * }`);
 * console.log(parseStatement(payload).subjects[0]?.name); // app.tar.gz
 * ```
 */
export function parseStatement(payload: Uint8Array): Statement {
  const value = parsePayload(payload);
  if (!isObject(value)) throw invalid("statement", "an object", value);
  // Without prototype, as every object that parseJson reads: what is asked of it is in the statement or nowhere.
  const predicate = value["predicate"] ?? (Object.create(null) as JsonObject);
  if (!isObject(predicate)) throw invalid("predicate", "an object", predicate);
  return {
    type: readType(value["_type"]),
    subjects: readSubjects(value["subject"]),
    predicateType: requireText("predicateType", value["predicateType"]),
    predicate,
  };
}

/** The statement as JSON, ready to be signed. */
export function serializeStatement(statement: Statement): Uint8Array {
  const subject = statement.subjects.map(({ name, digests }): JsonObject => {
    const digest = Object.fromEntries(digests);
    return name === "" ? { digest } : { name, digest };
  });
  const { type, predicateType, predicate } = statement;
  return utf8Encode(serializeJson({ _type: type, subject, predicateType, predicate }));
}

function parsePayload(payload: Uint8Array): JsonValue {
  try {
    return parseJson(payload, { maxBytes: LIMITS.bundleBytes });
  } catch (cause) {
    if (!(cause instanceof SigstoreError)) throw cause;
    throw new SigstoreError("statement-invalid", `statement: ${cause.message}`, { cause });
  }
}

function readType(value: JsonValue | undefined): StatementType {
  if (value === STATEMENT_TYPE_V1 || value === STATEMENT_TYPE_V01) return value;
  throw invalid("_type", `${STATEMENT_TYPE_V1} or ${STATEMENT_TYPE_V01}`, value);
}

function readSubjects(value: JsonValue | undefined): StatementSubject[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid("subject", "an array of at least one subject", value);
  return value.map((subject, index) => readSubject(subject, `subject[${index}]`));
}

function readSubject(value: JsonValue, path: string): StatementSubject {
  if (!isObject(value)) throw invalid(path, "an object", value);
  const name = value["name"] ?? "";
  if (typeof name !== "string") throw invalid(`${path}.name`, "a string", name);
  return { name, digests: readDigests(value["digest"], `${path}.digest`) };
}

/** Statement v1: each subject "MUST" have a digest. */
function readDigests(value: JsonValue | undefined, path: string): Map<string, string> {
  if (!isObject(value)) throw invalid(path, "an object of digests", value);
  const digests = new Map<string, string>();
  for (const [algorithm, digest] of Object.entries(value)) {
    digests.set(algorithm, readDigest(algorithm, digest, `${path}.${algorithm}`));
  }
  if (digests.size === 0)
    throw new SigstoreError("statement-invalid", `${path}: expected at least one digest, got none`);
  return digests;
}

const HEX = /^[0-9a-f]*$/i;
const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map(Object.entries(DIGEST_LENGTH));

function readDigest(algorithm: string, value: JsonValue, path: string): string {
  const text = requireText(path, value);
  const length = DIGEST_LENGTHS.get(algorithm);
  if (length === undefined) return text;
  if (text.length !== 2 * length || !HEX.test(text)) throw invalid(path, `${2 * length} hex digits`, value);
  return text.toLowerCase();
}

function requireText(path: string, value: JsonValue | undefined): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(path, "a string", value);
}

function invalid(path: string, expected: string, value: JsonValue | undefined): SigstoreError {
  return new SigstoreError("statement-invalid", `${path}: expected ${expected}, got ${describeJson(value)}`);
}
