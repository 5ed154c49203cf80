/**
 * A certificate where a bundle is expected, a bundle where a trusted root is expected: says what was given instead.
 *
 * Parsers can only say which member they missed; what somebody mistook for what is found out here, after the refusal.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";
import type { VerificationResult } from "../verdict/result.ts";
import { FORMAT_TEXTS, recognize } from "./inspection/recognize.ts";
import type { Format } from "./inspection/recognize.ts";

/** `result` about a bundle that could not be read, its failure naming what the bytes are if they are no bundle at all. */
export function describeMisfit(result: VerificationResult, bytes: Uint8Array): VerificationResult {
  const misfit = misfitText("bundle", bytes);
  if (misfit === undefined || result.failure === undefined) return result;
  const failure = { ...result.failure, message: misfit.message, hint: misfit.hint };
  const earlier = result.checks.slice(0, -1);
  return { ...result, failure, checks: [...earlier, { step: failure.step, outcome: "failed", summary: misfit.message, code: failure.code }] };
}

/**
 * What `parse` makes of `bytes`, which should be `format`.
 *
 * @throws SigstoreError what `parse` throws, in the words of this module where the bytes are something else
 */
export function parseExpected<Value>(format: Format, bytes: Uint8Array, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    const misfit = misfitText(format, bytes);
    if (misfit === undefined) throw error;
    throw new SigstoreError(error.code, misfit.message, { hint: misfit.hint, cause: error });
  }
}

const ADVICE: Partial<Readonly<Record<Format, string>>> = {
  bundle: "a bundle is JSON and holds signature, certificate and log entry together",
  "trusted-root": "a trusted root is JSON and lists the keys of logs and authorities",
  "public-key": "a public key is a PEM block: -----BEGIN PUBLIC KEY-----",
};

function misfitText(expected: Format, bytes: Uint8Array): { readonly message: string; readonly hint: string } | undefined {
  const found = recognize(bytes);
  // The right kind of thing, but broken: its own reader has said where.
  if (found.format === expected || (found.format === undefined && found.what.startsWith("JSON"))) return undefined;
  const notation = found.format !== undefined && (found.notation === "pem" || found.notation === "der") ? ` in ${found.notation.toUpperCase()}` : "";
  return {
    message: `expected ${FORMAT_TEXTS[expected]}, got ${found.what}${notation}`,
    hint: found.hint ?? ADVICE[expected] ?? "is it the right file?",
  };
}
