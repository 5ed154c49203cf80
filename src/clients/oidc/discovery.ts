/**
 * OpenID Connect Discovery 1.0 §4: where an identity provider answers.
 *
 * Leaves out the provider's keys: a client that gets its token straight from the token endpoint need not verify the
 * signature (OpenID Connect Core §3.1.3.7, 6), and the certificate authority does.
 */
import { LIMITS } from "../../limits.ts";
import type { CallOptions } from "../../sign/ports.ts";
import { addressBelow } from "../address.ts";
import type { HttpClient } from "../http/http-client.ts";
import { answerError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { JsonAnswer } from "../http/json-answer.ts";

/** The provider's addresses. */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string | undefined;
  readonly tokenEndpoint: string;
  readonly deviceAuthorizationEndpoint: string | undefined;
  /** RFC 8414 §2: how a login can be bound to its client. */
  readonly challengeMethods: readonly string[];
}

/** Asks the provider of `issuer`; errors as `HttpClient.send`. */
export async function discoverProvider(
  issuer: string,
  http: HttpClient,
  { signal }: CallOptions = {},
): Promise<ProviderMetadata> {
  const request: HttpRequest = {
    service: "identity provider",
    method: "GET",
    url: addressBelow(issuer, ".well-known/openid-configuration"),
    headers: { accept: "application/json" },
    maxBytes: LIMITS.serviceAnswerBytes,
    repeat: "always",
    signal,
  };
  const answer = JsonAnswer.parse(request, (await http.send(request)).bytes);
  const named = answer.text("issuer");
  // OpenID Connect Discovery §4.3: "The issuer value returned MUST be identical to the Issuer URL".
  if (named !== issuer && named !== issuer.replace(/\/+$/, ""))
    throw answerError(request, `the issuer ${issuer}`, named);
  const endpoint = (name: string): string | undefined => {
    const address = answer.findText(name);
    if (address !== undefined && !isAddress(address)) throw answerError(request, `an address in ${name}`, address);
    return address;
  };
  return {
    issuer: named,
    authorizationEndpoint: endpoint("authorization_endpoint"),
    tokenEndpoint: endpoint("token_endpoint") ?? answer.text("token_endpoint"),
    deviceAuthorizationEndpoint: endpoint("device_authorization_endpoint"),
    challengeMethods: answer.texts("code_challenge_methods_supported"),
  };
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\//i.test(text);
}
