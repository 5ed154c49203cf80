/**
 * Claims of a verified token, as issuers' rules read them: texts that must be there, flags that are sometimes texts, and the one
 * claim that a path names (`$.federated_claims.connector_id`).
 */
import type { JsonObject, JsonValue } from "../../../encoding/json.ts";
import { SigstoreError } from "../../../errors.ts";
import { isObject } from "../../../formats/proto-json.ts";
import { refuseToken } from "../refusal.ts";

/** A claim as text, empty when absent. @throws SigstoreError `identity-token-refused` for another type */
export function claimText(claims: JsonObject, name: string): string {
  const value = claims[name] ?? "";
  if (typeof value !== "string")
    throw refuseToken("CLAIM_INVALID", `expected the claim ${name} as a text, got another value`, { claim: name });
  return value;
}

/** A claim as text that must be there. @throws SigstoreError `identity-token-refused` */
export function requireClaim(claims: JsonObject, name: string): string {
  const text = claimText(claims, name);
  if (text === "") throw refuseToken("CLAIM_MISSING", `missing ${name} claim in ID token`, { claim: name });
  return text;
}

/** A flag that some providers write as a text; absent is false. @throws SigstoreError `identity-token-refused` */
export function claimFlag(claims: JsonObject, name: string): boolean {
  const value = claims[name] ?? false;
  if (value === true || value === "true" || value === "True") return true;
  if (value === false || value === "false" || value === "False") return false;
  throw refuseToken("CLAIM_INVALID", `expected the claim ${name} as true or false, got another value`, { claim: name });
}

/**
 * The names along a JSONPath: `$`, then `.name` or `["name"]` any number of times.
 *
 * @throws SigstoreError `config-invalid` for anything else that JSONPath has
 */
export function parseClaimPath(path: string): readonly string[] {
  const steps = path.startsWith("$")
    ? [...path.slice(1).matchAll(/\.([^.[\]'"*?@()\s]+)|\[(?:"([^"\\]+)"|'([^'\\]+)')\]/gy)]
    : [];
  const length = steps.reduce((sum, [step]) => sum + step.length, 1);
  if (steps.length === 0 || length !== path.length)
    throw new SigstoreError(
      "config-invalid",
      `expected a path of claims such as $.federated_claims.connector_id, got ${JSON.stringify(path)}`,
    );
  return steps.map(([, plain, double, single]) => plain ?? double ?? single ?? "");
}

/** The claim at the end of a path, as text. @throws SigstoreError `identity-token-refused` when there is none */
export function claimAt(claims: JsonObject, path: string): string {
  let value: JsonValue | undefined = claims;
  for (const name of parseClaimPath(path)) value = isObject(value ?? null) ? (value as JsonObject)[name] : undefined;
  if (value === undefined || value === null || value === "")
    throw refuseToken("CLAIM_MISSING", `expected a claim at ${path}, got none`, { claim: path });
  return claimValueText(value);
}

/** A claim as Go prints it with `%v`: texts bare, whole numbers without exponent, lists in brackets. */
export function claimValueText(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (value === null) return "<nil>";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(claimValueText).join(" ")}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${members.map(([name, member]) => `${name}:${claimValueText(member)}`).join(" ")}]`;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
