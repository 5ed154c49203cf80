/**
 * Bearer tokens of registries (distribution, "Token Authentication Specification" and "Authenticate using OAuth2").
 *
 * One token serves all requests of its scopes until shortly before it expires; who asks at once for the same gets the same.
 * Leaves out `offline_token`: what is remembered beyond one command is the credential helper's.
 */
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { isLoopback } from "../http/exchange.ts";
import type { HttpClient } from "../http/http-client.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { JsonAnswer } from "../http/json-answer.ts";
import type { Challenge } from "./challenge.ts";
import { basicToken, secretsOf } from "./credential.ts";
import type { RegistryCredential } from "./credential.ts";

/** What a registry says where its tokens come from. */
export type BearerChallenge = Extract<Challenge, { scheme: "bearer" }>;

interface Token {
  readonly text: string;
  readonly untilMs: number;
}

/** The specification: "For compatibility with older clients, a token should never be returned with less than 60 seconds to live." */
const DEFAULT_SECONDS = 60;
const SERVICE = "token service of the registry";
const CLIENT_ID = "sigstore-ts";

/** Gets tokens and remembers them. */
export class TokenService {
  readonly #http: HttpClient;
  readonly #nowMs: () => number;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(http: HttpClient, nowMs: () => number) {
    this.#http = http;
    this.#nowMs = nowMs;
  }

  /** A token for `scopes`. @throws SigstoreError as the HTTP client's; `registry-unauthorized` where none is given */
  async token(
    registryUrl: URL,
    challenge: BearerChallenge,
    scopes: readonly string[],
    credential: RegistryCredential | undefined,
  ): Promise<string> {
    if (credential?.kind === "registry-token") return credential.registryToken;
    const key = keyOf(challenge, scopes, credential);
    const known = await this.#tokens.get(key);
    if (known !== undefined && known.untilMs > this.#nowMs()) return known.text;
    const asking = this.#fetch(realmOf(registryUrl, challenge), challenge, scopes, credential);
    this.#tokens.set(key, asking);
    try {
      return (await asking).text;
    } catch (error) {
      this.#tokens.delete(key);
      throw error;
    }
  }

  /** Forgets a token that the registry did not accept. */
  forget(challenge: BearerChallenge, scopes: readonly string[], credential: RegistryCredential | undefined): void {
    this.#tokens.delete(keyOf(challenge, scopes, credential));
  }

  async #fetch(
    realm: URL,
    challenge: BearerChallenge,
    scopes: readonly string[],
    credential: RegistryCredential | undefined,
  ): Promise<Token> {
    const request = tokenRequest(realm, challenge, scopes, credential);
    const askedMs = this.#nowMs();
    const { bytes } = await this.#http.send(request).catch((error: unknown) => {
      throw isSigstoreError(error, "service-refused") ? unauthorized(error, credential) : error;
    });
    const answer = JsonAnswer.parse(request, bytes);
    const text = answer.findText("token") ?? answer.text("access_token");
    const seconds = Math.max(answer.findSeconds("expires_in") ?? DEFAULT_SECONDS, 1);
    // A tenth of its life is left for the way, and for clocks that run apart.
    return { text, untilMs: askedMs + seconds * 900 };
  }
}

function tokenRequest(
  realm: URL,
  { service }: BearerChallenge,
  scopes: readonly string[],
  credential: RegistryCredential | undefined,
): HttpRequest {
  const query = new URLSearchParams(service === undefined ? [] : [["service", service]]);
  const common = {
    service: SERVICE,
    maxBytes: LIMITS.serviceAnswerBytes,
    repeat: "always" as const,
    secrets: secretsOf(credential),
  };
  if (credential?.kind === "identity-token") {
    query.set("grant_type", "refresh_token");
    query.set("client_id", CLIENT_ID);
    query.set("scope", scopes.join(" "));
    query.set("refresh_token", credential.identityToken);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { ...common, method: "POST", url: realm.href, headers, body: query.toString() };
  }
  for (const scope of scopes) query.append("scope", scope);
  const separator = realm.search === "" ? "?" : "&";
  const url = `${realm.href}${query.size === 0 ? "" : `${separator}${query.toString()}`}`;
  const isNamed = credential?.kind === "password";
  const headers = isNamed ? { authorization: `Basic ${basicToken(credential.username, credential.password)}` } : {};
  return { ...common, method: "GET", url, headers };
}

/** Where tokens come from: over TLS unless the registry itself is asked without, and on this machine only for a registry on it. */
function realmOf(registryUrl: URL, { realm }: BearerChallenge): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const isSecure = url?.protocol === "https:" || (url?.protocol === "http:" && registryUrl.protocol === "http:");
  const isElsewhere = url !== undefined && isLoopback(url.hostname) && !isLoopback(registryUrl.hostname);
  if (url !== undefined && isSecure && !isElsewhere && url.hash === "" && url.username === "") return url;
  throw new SigstoreError(
    "service-answer-invalid",
    `expected an https address for tokens of the registry ${registryUrl.host}, got "${realm.slice(0, 200)}"`,
    { hint: "credentials are not sent there", details: { registry: registryUrl.host } },
  );
}

function keyOf(
  challenge: BearerChallenge,
  scopes: readonly string[],
  credential: RegistryCredential | undefined,
): string {
  return JSON.stringify([challenge.realm, challenge.service ?? "", [...scopes].sort(), secretsOf(credential)]);
}

function unauthorized(error: SigstoreError, credential: RegistryCredential | undefined): SigstoreError {
  const tried = credential === undefined ? "anonymously" : `with the credentials from ${credential.from}`;
  return new SigstoreError("registry-unauthorized", error.message, {
    hint: `asked ${tried}; log in to the registry again`,
    details: { ...error.details, credentials: tried },
    cause: error,
  });
}
