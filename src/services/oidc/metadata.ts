/**
 * What the provider says of itself (OpenID Connect Discovery 1.0 §3; RFC 8414 §2; RFC 8628 §4; RFC 9207 §3).
 */
import { PROVIDER_ALGORITHM } from "./keys.ts";

/** The discovery document of `issuer`. */
export function providerMetadata(issuer: string): Readonly<Record<string, unknown>> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device/code`,
    jwks_uri: `${issuer}/keys`,
    scopes_supported: ["openid", "email"],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [PROVIDER_ALGORITHM],
    token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
    claims_supported: ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "email", "email_verified"],
    // Stock clients refuse a provider that does not say this.
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    prompt_values_supported: ["none", "login", "consent", "select_account"],
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}
