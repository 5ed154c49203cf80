/**
 * What a registry asks credentials for: WWW-Authenticate (RFC 9110 §11.6.1; distribution, "Token Authentication Specification").
 *
 * Bearer and Basic, which is all that registries speak; other schemes are passed over.
 */

/** How to show who is asking. */
export type Challenge =
  | { readonly scheme: "basic" }
  | {
      readonly scheme: "bearer";
      readonly realm: string;
      readonly service: string | undefined;
      readonly scopes: readonly string[];
    };

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PART = new RegExp(
  String.raw`\s*(?:(?<name>${TOKEN})\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>${TOKEN}))|(?<scheme>${TOKEN}))\s*,?`,
  "y",
);

/** The strongest challenge in a header (of several headers, joined with commas), or undefined where there is none that we know. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const found = schemesIn(header ?? "");
  const bearer = found.find(({ scheme }) => scheme === "bearer");
  const realm = bearer?.parameters.get("realm");
  if (bearer !== undefined && realm !== undefined) {
    const scopes = (bearer.parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
    return { scheme: "bearer", realm, service: bearer.parameters.get("service"), scopes };
  }
  return found.some(({ scheme }) => scheme === "basic") ? { scheme: "basic" } : undefined;
}

interface Scheme {
  readonly scheme: string;
  readonly parameters: Map<string, string>;
}

function schemesIn(header: string): readonly Scheme[] {
  const schemes: Scheme[] = [];
  PART.lastIndex = 0;
  for (let part = PART.exec(header)?.groups; part !== undefined; part = PART.exec(header)?.groups) {
    const { name, quoted, bare, scheme } = part;
    if (scheme !== undefined) schemes.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else schemes.at(-1)?.parameters.set((name ?? "").toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? bare ?? "");
  }
  return schemes;
}
