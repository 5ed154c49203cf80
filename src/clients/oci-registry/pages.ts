/**
 * Lists that registries give in pages (OCI distribution specification 1.1, "Listing Tags", "Listing Referrers"; RFC 8288).
 *
 * A page names the next one in a Link header, with quotes or without. It stays with the same registry and repository: who
 * writes the list does not decide where we ask.
 */
import type { RegistryResponse } from "./registry-connection.ts";
import { strangeAnswer } from "./registry-error.ts";
import type { Asked } from "./registry-error.ts";

const NEXT = /<(?<address>[^<>]*)>\s*;(?:[^,]*;)?\s*rel\s*=\s*(?:"(?:[^"]* )?next(?: [^"]*)?"|next(?=\s*(?:[;,]|$)))/i;

/** The address of the page after `response`, or undefined where it is the last. @throws SigstoreError `service-answer-invalid` */
export function nextPage(asked: Asked, response: RegistryResponse): URL | undefined {
  const address = NEXT.exec(response.headers.get("link") ?? "")?.groups?.["address"];
  if (address === undefined) return undefined;
  const next = URL.canParse(address, response.url.href) ? new URL(address, response.url.href) : undefined;
  if (next?.origin === response.url.origin && next.pathname === response.url.pathname) return next;
  throw strangeAnswer(asked, "the next page at the same address", `"${address}"`);
}
