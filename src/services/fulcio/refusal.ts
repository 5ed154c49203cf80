/**
 * What the certificate authority says when it gives no certificate: the original's texts (fulcio, pkg/server/error.go), on which
 * clients and scripts rely, and beside them what the original tells its own log alone: which claim, what was expected, what to do.
 *
 * Never any of the token.
 */
import { isSigstoreError, SigstoreError, type SigstoreErrorOptions } from "../../errors.ts";
import type { RpcCode } from "../http/rpc-status.ts";

/** The original's texts. */
export const TEXT = {
  identityToken: "There was an error processing the identity token",
  signature: "The signature supplied in the request could not be verified",
  publicKey: "The public key supplied in the request could not be parsed",
  insecureKey: "The public key supplied in the request is insecure",
  certificateRequest: "The certificate signing request could not be parsed",
  transparencyLog: "Error entering certificate in CTL",
  authority: "error communicating with CA backend",
} as const;

/** Why a token gets no certificate; what to do stands beside the reasons below. */
export type TokenReason = keyof typeof REMEDIES;

const REMEDIES = {
  TOKEN_MISSING: "send the identity token in the header Authorization: Bearer, or in credentials.oidcIdentityToken",
  TOKEN_MALFORMED: "send the whole identity token (a JWT: three parts with two dots), and nothing else",
  ISSUER_UNKNOWN: "use a token of an issuer that this authority takes; /api/v2/configuration lists them",
  ISSUER_UNREACHABLE:
    "the issuer's keys could not be fetched; ask again, and tell whoever runs this authority if it lasts",
  AUDIENCE_MISMATCH: "ask the issuer for a token with the audience that this authority expects",
  TOKEN_EXPIRED: "get a new token and use it at once; if it is new, compare the clocks",
  TOKEN_NOT_YET_VALID: "compare the clock of this machine with the issuer's",
  ALGORITHM_REFUSED: "the issuer must sign with an algorithm that its discovery document lists, by default RS256",
  SIGNATURE_INVALID: "use a token that the issuer really made; if its keys were just changed, ask again in a minute",
  TOKEN_REVOKED: "log in again: the code of this login was used twice, by somebody else or by mistake",
  TOKEN_USED: "this authority takes each token once: get a new one",
  CLAIM_MISSING: "the token must carry this claim; see how the issuer is configured",
  CLAIM_INVALID: "the token carries this claim in a form that cannot be used",
  EMAIL_UNVERIFIED: "verify the address with the issuer, or have the issuer say email_verified",
  SUBJECT_REFUSED: "the subject does not fit what this issuer may vouch for here",
  CONFIGURATION: "tell whoever runs this authority: its configuration for this issuer is not complete",
} as const;

/** A refused token: `problem` in words with what was expected and found, never the token. */
export function refuseToken(
  reason: TokenReason,
  problem: string,
  facts: Readonly<Record<string, string>> = {},
): SigstoreError {
  return new SigstoreError("identity-token-refused", problem, {
    hint: REMEDIES[reason],
    details: { ...facts, reason },
  });
}

/** Whose fault it is: the request's, or ours. */
export type RefusalCode = Extract<RpcCode, "INVALID_ARGUMENT" | "INTERNAL">;

/** What a refusal is answered as. */
export interface Refusal {
  readonly rpcCode: RefusalCode;
  readonly message: string;
  /** For programs: `TOKEN_EXPIRED`. */
  readonly reason: string;
  readonly problem: string;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, string>>;
}

/** An error that is answered with `message`; `cause` is what was found. */
export function refusing(rpcCode: RefusalCode, message: string, reason: string, cause: SigstoreError): SigstoreError {
  const { reason: _, ...facts } = cause.details;
  const details = {
    ...facts,
    rpcCode,
    text: message,
    reason: String(cause.details["reason"] ?? reason),
    problem: cause.message,
  };
  const options: SigstoreErrorOptions = { cause, details };
  return new SigstoreError(
    "certificate-refused",
    cause.message,
    cause.hint === undefined ? options : { ...options, hint: cause.hint },
  );
}

/** The result of `step`; what it refuses is answered with `message`. */
export async function orRefuse<Value>(
  rpcCode: RefusalCode,
  message: string,
  reason: string,
  step: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await step();
  } catch (error) {
    if (!isSigstoreError(error) || error.code === "certificate-refused") throw error;
    throw refusing(rpcCode, message, reason, error);
  }
}

/** What an error of code `certificate-refused` is answered as. */
export function refusalOf(error: SigstoreError): Refusal {
  const { rpcCode, text, reason, problem, ...facts } = error.details;
  return {
    rpcCode: rpcCode === "INTERNAL" ? "INTERNAL" : "INVALID_ARGUMENT",
    message: String(text),
    reason: String(reason),
    problem: String(problem),
    hint: error.hint,
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)])),
  };
}
