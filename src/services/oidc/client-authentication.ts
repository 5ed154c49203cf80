/**
 * Which client asks at the token and device endpoints (RFC 6749 §2.3 and §3.2.1; RFC 8628 §3.1).
 *
 * All clients are public. Go's and Python's libraries send `Authorization: Basic` with an empty password, others `client_id` in the form;
 * whoever sends a secret believes that it protects something, and is told that it does not.
 */
import { base64Decode } from "../../encoding/base64.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import type { OidcClient } from "./config.ts";
import type { FormFields } from "./form.ts";
import { refuse } from "./refusal.ts";

/** The client that sent `fields`. @throws SigstoreError `login-refused` */
export function authenticateClient(
  fields: FormFields,
  authorization: string | undefined,
  clients: ReadonlyMap<string, OidcClient>,
): OidcClient {
  const basic = authorization === undefined ? undefined : readBasic(authorization);
  const named = fields.get("client_id");
  // RFC 6749 §2.3: "The client MUST NOT use more than one authentication method in each request."
  if (basic !== undefined && named !== undefined && named !== basic.id)
    throw refuse("invalid_request", "expected one client, got one in the header and another in the form");
  if ((basic?.secret ?? "") !== "" || fields.get("client_secret") !== undefined)
    throw refuse("invalid_client", "expected no secret of a public client, got one");
  const client = clients.get(basic?.id ?? named ?? "");
  if (client === undefined) throw refuse("invalid_client", "expected a client_id that this instance knows, got none");
  return client;
}

const BASIC = /^basic +([A-Za-z0-9+/=]{1,1024}) *$/i;

function readBasic(authorization: string): { readonly id: string; readonly secret: string } {
  const [, encoded] = BASIC.exec(authorization) ?? [];
  if (encoded === undefined) throw refuse("invalid_client", "expected Basic authentication, got another");
  const text = decodedText(encoded);
  const colon = text.indexOf(":");
  if (colon < 0) throw refuse("invalid_client", "expected a client id and a colon, got none");
  // RFC 6749 §2.3.1: both are "encoded using the application/x-www-form-urlencoded encoding algorithm".
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map(formDecoded);
  return { id: id ?? "", secret: secret ?? "" };
}

function decodedText(encoded: string): string {
  try {
    return utf8Decode(base64Decode(encoded));
  } catch (error) {
    if (isSigstoreError(error)) throw refuse("invalid_client", "expected base64 of UTF-8 in Basic authentication");
    throw error;
  }
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) throw refuse("invalid_client", "expected percent-encoded UTF-8, got other octets");
    throw error;
  }
}
