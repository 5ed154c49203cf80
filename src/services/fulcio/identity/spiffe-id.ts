/**
 * SPIFFE identities (SPIFFE-ID §2): `spiffe://trust-domain/path`.
 */

const PREFIX = "spiffe://";
/** SPIFFE-ID §2.1: "The trust domain name MUST only contain lowercase letters, numbers, dots, dashes, and underscores". */
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
/** SPIFFE-ID §2.2: "The path segments MUST contain only letters, numbers, dots, dashes, and underscores". */
const SEGMENT = /^[a-zA-Z0-9._-]+$/;
/** SPIFFE-ID §2.3: "SPIFFE implementations MUST support SPIFFE URIs up to 2048 bytes in length and MUST NOT generate URIs of length greater". */
const LONGEST_ID = 2048;

/** The trust domain in `text`, a bare name or any identity of it; undefined when it is none. */
export function parseSpiffeTrustDomain(text: string): string | undefined {
  if (text.includes(":/")) return trustDomainOfSpiffeId(text);
  return TRUST_DOMAIN.test(text) ? text : undefined;
}

/** The trust domain of an identity, or undefined when `id` is none. */
export function trustDomainOfSpiffeId(id: string): string | undefined {
  if (!id.startsWith(PREFIX) || id.length > LONGEST_ID) return undefined;
  const [trustDomain = "", ...segments] = id.slice(PREFIX.length).split("/");
  // SPIFFE-ID §2.2: "Paths MUST NOT include a trailing /, empty segments or relative path modifiers (i.e. ., ..)."
  const isPath = segments.every((segment) => SEGMENT.test(segment) && segment !== "." && segment !== "..");
  return TRUST_DOMAIN.test(trustDomain) && isPath ? trustDomain : undefined;
}
