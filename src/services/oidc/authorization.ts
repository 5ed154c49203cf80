/**
 * What a program asks of the login page (RFC 6749 §4.1.1; RFC 7636 §4.3; OpenID Connect Core §3.1.2; RFC 9700 §2.1).
 *
 * Until client and redirect are known to be good, whatever is wrong is told to the person and to no address; afterwards it is told to
 * the client. Leaves out: response types but `code`, signed requests, and hints that change nothing (`acr_values`, `ui_locales`).
 */
import { isChallenge } from "./codes.ts";
import type { OidcClient } from "./config.ts";
import type { FormFields } from "./form.ts";
import { isOutOfBand, isRedirectAllowed } from "./redirect.ts";
import { type Refusal, refusalOf, refuse } from "./refusal.ts";

/** A request that is in order. */
export interface AuthorizationRequest {
  readonly client: OidcClient;
  readonly redirectUri: string;
  /** The code is shown, not sent. */
  readonly isOutOfBand: boolean;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly challenge: string;
  readonly hasEmail: boolean;
  /** The password is asked for, whoever is logged in. */
  readonly mustLogIn: boolean;
  /** Nothing may be asked. */
  readonly isSilent: boolean;
  /** How long ago the login may have been. */
  readonly maxAgeMs: number | undefined;
  readonly loginHint: string | undefined;
}

/** A request read. */
export type AuthorizationOutcome =
  | { readonly kind: "request"; readonly request: AuthorizationRequest }
  /** To be told to the person. */
  | { readonly kind: "page"; readonly refusal: Refusal }
  /** To be told to the client. */
  | {
      readonly kind: "redirect";
      readonly redirectUri: string;
      readonly state: string | undefined;
      readonly refusal: Refusal;
    };

/** What is known of the provider while a request is read. */
export interface AuthorizationContext {
  readonly issuer: string;
  readonly clients: ReadonlyMap<string, OidcClient>;
}

/** RFC 6749 appendix A.5 and OpenID Connect Core §3.1.2.1: texts that come back as they were; cosign's have 171 characters. */
const OPAQUE = /^[\x20-\x7e]{1,1024}$/;

/** Reads a request. */
export function readAuthorization(fields: FormFields, context: AuthorizationContext): AuthorizationOutcome {
  let target: Target;
  try {
    target = readTarget(fields, context);
  } catch (error) {
    return { kind: "page", refusal: refusalOf(error) };
  }
  try {
    return { kind: "request", request: readRequest(fields, target, context) };
  } catch (error) {
    const refusal = refusalOf(error);
    if (isOutOfBand(target.redirectUri, context.issuer)) return { kind: "page", refusal };
    return { kind: "redirect", redirectUri: target.redirectUri, state: stateToReturn(fields), refusal };
  }
}

interface Target {
  readonly client: OidcClient;
  readonly redirectUri: string;
}

/** RFC 9700 §4.11.2: "Authorization servers MUST NOT automatically redirect" where client or redirect are not known to be good. */
function readTarget(fields: FormFields, { clients, issuer }: AuthorizationContext): Target {
  const client = clients.get(fields.require("client_id"));
  if (client === undefined) throw refuse("invalid_client", "this instance knows no program with this client_id");
  const redirectUri = fields.require("redirect_uri");
  if (!isRedirectAllowed(redirectUri, client, issuer))
    throw refuse(
      "invalid_request",
      "the answer would go to an address (redirect_uri) that is not registered for this program",
    );
  return { client, redirectUri };
}

function readRequest(fields: FormFields, target: Target, { issuer }: AuthorizationContext): AuthorizationRequest {
  fields.requireNoRepetition();
  refuseUnsupported(fields);
  const prompts = (fields.get("prompt") ?? "").split(" ").filter((prompt) => prompt !== "");
  // OpenID Connect Core §3.1.2.1: "If this parameter contains none with any other value, an error is returned."
  if (prompts.includes("none") && prompts.length > 1)
    throw refuse("invalid_request", "expected prompt none to be alone");
  return {
    ...target,
    isOutOfBand: isOutOfBand(target.redirectUri, issuer),
    state: opaque(fields, "state"),
    nonce: opaque(fields, "nonce"),
    challenge: readChallenge(fields),
    hasEmail: readScopes(fields).includes("email"),
    mustLogIn: prompts.includes("login") || prompts.includes("select_account"),
    isSilent: prompts.includes("none"),
    maxAgeMs: readMaxAge(fields),
    loginHint: fields.get("login_hint")?.slice(0, 254),
  };
}

function refuseUnsupported(fields: FormFields): void {
  // OpenID Connect Core §6.1 and §6.2: what is not supported has errors of its own.
  if (fields.get("request") !== undefined) throw refuse("request_not_supported", "signed requests are not supported");
  if (fields.get("request_uri") !== undefined)
    throw refuse("request_uri_not_supported", "requests by reference are not supported");
  if (fields.get("registration") !== undefined)
    throw refuse("registration_not_supported", "programs are registered in the settings of the instance");
  if (fields.require("response_type") !== "code")
    throw refuse("unsupported_response_type", "expected the response_type code, got another");
  if ((fields.get("response_mode") ?? "query") !== "query")
    throw refuse("invalid_request", "expected the response_mode query, got another");
}

/**
 * RFC 9700 §2.1.1: "Authorization servers MUST mitigate PKCE downgrade attacks by ensuring that a token request containing a
 * code_verifier parameter is accepted only if a code_challenge parameter was present in the authorization request"; here all have one.
 * RFC 7636 §4.3: without a method it "defaults to plain", which shows the verifier to whoever sees the address.
 */
function readChallenge(fields: FormFields): string {
  const challenge = fields.get("code_challenge");
  if (challenge === undefined) throw refuse("invalid_request", "code challenge required (PKCE, RFC 7636)");
  if (fields.get("code_challenge_method") !== "S256")
    throw refuse("invalid_request", "expected the code_challenge_method S256, got another or none");
  if (!isChallenge(challenge))
    throw refuse("invalid_request", "expected a code_challenge of 43 characters of base64url");
  return challenge;
}

/** The scopes that are asked for. @throws SigstoreError `login-refused` without `openid` */
export function readScopes(fields: FormFields): readonly string[] {
  const scopes = (fields.get("scope") ?? "").split(" ");
  // OpenID Connect Core §3.1.2.1: "OpenID Connect requests MUST contain the openid scope value"; others "SHOULD be ignored".
  if (!scopes.includes("openid")) throw refuse("invalid_scope", "expected the scope openid, got others or none");
  return scopes;
}

function readMaxAge(fields: FormFields): number | undefined {
  const text = fields.get("max_age");
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw refuse("invalid_request", "expected max_age in seconds, got something else");
  return Number(text) * 1000;
}

function opaque(fields: FormFields, name: string): string | undefined {
  const value = fields.get(name);
  if (value === undefined || OPAQUE.test(value)) return value;
  throw refuse("invalid_request", `expected ${name} of at most 1024 visible characters, got another`);
}

/** RFC 6749 §4.1.2.1: `state` is "REQUIRED if a "state" parameter was present"; one that is itself the fault cannot be returned. */
function stateToReturn(fields: FormFields): string | undefined {
  try {
    return opaque(fields, "state");
  } catch (error) {
    refusalOf(error);
    return undefined;
  }
}
