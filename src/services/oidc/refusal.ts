/**
 * Refusals of the identity provider, by the error codes of OAuth (RFC 6749 §4.1.2.1 and §5.2; RFC 8628 §3.5; OpenID Connect Core §3.1.2.6).
 *
 * A description is ours alone: nothing that a client or a person sent stands in it.
 */
import { isSigstoreError, SigstoreError } from "../../errors.ts";

/** The codes that are answered here. */
export type OauthError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "access_denied"
  | "temporarily_unavailable"
  | "login_required"
  | "interaction_required"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "registration_not_supported"
  | "authorization_pending"
  | "slow_down"
  | "expired_token";

/** A refusal as it is answered. */
export interface Refusal {
  readonly error: OauthError;
  readonly description: string;
}

/**
 * The error to throw. RFC 6749 §5.2: descriptions "MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E", that is,
 * neither quotes nor backslashes.
 */
export function refuse(error: OauthError, description: string): SigstoreError {
  return new SigstoreError("login-refused", description, { details: { error } });
}

/** The refusal in `error`; anything else is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!isSigstoreError(error, "login-refused")) throw error;
  return { error: error.details["error"] as OauthError, description: error.message };
}
