/**
 * Names and extensions of a certificate, from texts of a token: what fits neither is refused with the reason.
 */
import type { FulcioExtensions } from "../../../formats/x509/fulcio-extensions.ts";
import type { GeneralName } from "../../../formats/x509/general-name.ts";
import { refuseToken } from "../refusal.ts";
import type { VerifiedToken } from "./principal.ts";
import { joinUri, parseUri } from "./uri.ts";

const ASCII = /^[\u0000-\u007f]*$/;

/** A name of kind URI, written as Go writes it. @throws SigstoreError `identity-token-refused` */
export function uriName(text: string): GeneralName {
  const uri = parseUri(text);
  if (uri === undefined || uri.text === "") throw refuseToken("SUBJECT_REFUSED", `expected a URI, got ${shown(text)}`);
  return { kind: "uri", value: requireAscii(uri.text) };
}

/** Parts joined to an address as Go joins them. @throws SigstoreError `identity-token-refused` */
export function joined(base: string, ...elements: readonly string[]): string {
  const text = joinUri(base, ...elements);
  if (text === undefined)
    throw refuseToken("SUBJECT_REFUSED", `expected a URI, got ${shown([base, ...elements].join("/"))}`);
  return text;
}

/** RFC 5280 §4.2.1.6: URIs and mail addresses are IA5String. @throws SigstoreError `identity-token-refused` */
export function requireAscii(text: string): string {
  if (!ASCII.test(text)) throw refuseToken("SUBJECT_REFUSED", `x509: ${shown(text)} cannot be encoded as an IA5String`);
  return text;
}

/** The extensions that every certificate has, and `more`. */
export function extensionsOf(token: VerifiedToken, more: FulcioExtensions = {}): FulcioExtensions {
  return { ...more, issuer: token.issuer.issuerUrl, tokenSubject: token.subject };
}

/** A text of a token in an error: claims are public, the token is not; cut. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 128));
}
