/**
 * The keys of issuers: found by discovery (OpenID Connect Discovery 1.0 §4), kept, and fetched again when a token names one that is not
 * among them (fulcio, pkg/config; go-oidc, oidc.go and jwks.go).
 *
 * An address to fetch from comes from the configuration, or matched a pattern of it; a redirect to another host is not followed, so
 * that neither token nor issuer can send us elsewhere (GHSA-59jp-pj84-45mr). Leaves out: sockets (the port), cache headers.
 */
import { parseJson } from "../../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { type JsonWebKey, parseJsonWebKeySet } from "../../formats/jwk.ts";
import { isObject } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import type { OidcIssuer } from "./config.ts";

/** What an issuer signs with: algorithms by name, and its keys. */
export interface IssuerKeySet {
  readonly algorithms: readonly string[];
  readonly keys: readonly JsonWebKey[];
  /** True for the `jti` of a token that the issuer took back; only an issuer in this process can say so. */
  readonly isRevoked?: (tokenId: string) => boolean;
}

/**
 * Port: the keys of an issuer.
 *
 * Any number of calls may run at once; for one issuer they share what is under way. Keys may be kept for as long as `isStale` is not said;
 * then they are fetched again, though not more often than every few seconds. Errors: SigstoreError `issuer-unreachable`.
 */
export interface IssuerKeys {
  keysOf(issuer: OidcIssuer, options: { readonly isStale: boolean }): Promise<IssuerKeySet>;
}

/**
 * Port: one GET. It never follows a redirect, has a time-out of its own (10 s in the original), bounds the answer by
 * LIMITS.serviceAnswerBytes, and trusts `caCertificates` (PEM, may be empty) besides the system's authorities. `isCluster`: the cluster's
 * own Kubernetes API, whose authority and service account token are used. Errors: SigstoreError.
 */
export interface IssuerHttp {
  get(
    url: string,
    options: { readonly caCertificates: string; readonly isCluster: boolean },
  ): Promise<{ readonly status: number; readonly location: string | undefined; readonly body: Uint8Array }>;
}

/** How long keys are not fetched again, whatever tokens name. */
const LEAST_AGE_MS = 5_000;
const CLUSTER_ISSUER = "https://kubernetes.default.svc";

interface Kept {
  readonly set: IssuerKeySet;
  /** When they were last fetched, or fetching them was last tried. */
  readonly triedMs: number;
}

/** Keys of issuers over HTTP, the last hundred issuers' kept in memory. */
export class FetchedIssuerKeys implements IssuerKeys {
  readonly #http: IssuerHttp;
  readonly #nowMs: () => number;
  readonly #kept = new Map<string, Kept>();
  /** What is being fetched, by issuer; meanwhile the keys of before do for who does not ask for fresh ones. */
  readonly #running = new Map<string, Promise<IssuerKeySet>>();
  /** Exact issuers of type kubernetes are the cluster's own where it is configured; those of a pattern never are. */
  readonly #isCluster: (issuer: OidcIssuer) => boolean;

  constructor(http: IssuerHttp, nowMs: () => number, configuredIssuers: ReadonlySet<string>) {
    this.#http = http;
    this.#nowMs = nowMs;
    this.#isCluster = ({ type, issuerUrl }) =>
      type === "kubernetes" && configuredIssuers.has(CLUSTER_ISSUER) && configuredIssuers.has(issuerUrl);
  }

  async keysOf(issuer: OidcIssuer, { isStale }: { readonly isStale: boolean }): Promise<IssuerKeySet> {
    const kept = this.#kept.get(issuer.issuerUrl);
    const isYoung = kept !== undefined && Math.abs(this.#nowMs() - kept.triedMs) < LEAST_AGE_MS;
    if (kept === undefined || (isStale && !isYoung)) return this.#refresh(issuer);
    this.#keep(issuer.issuerUrl, kept);
    return kept.set;
  }

  async #refresh(issuer: OidcIssuer): Promise<IssuerKeySet> {
    const { issuerUrl } = issuer;
    const running = this.#running.get(issuerUrl);
    if (running !== undefined) return running;
    const fetching = this.#fetchAndKeep(issuer).finally(() => this.#running.delete(issuerUrl));
    this.#running.set(issuerUrl, fetching);
    return fetching;
  }

  /** Keys of before are better than none while the issuer is away; without them the next token asks again. */
  async #fetchAndKeep(issuer: OidcIssuer): Promise<IssuerKeySet> {
    try {
      const set = await this.#fetch(issuer);
      this.#keep(issuer.issuerUrl, { set, triedMs: this.#nowMs() });
      return set;
    } catch (error) {
      const kept = this.#kept.get(issuer.issuerUrl);
      if (kept !== undefined) this.#keep(issuer.issuerUrl, { ...kept, triedMs: this.#nowMs() });
      throw error;
    }
  }

  /** Keeps as the latest, and forgets the one that was not asked for the longest. */
  #keep(issuerUrl: string, kept: Kept): void {
    this.#kept.delete(issuerUrl);
    this.#kept.set(issuerUrl, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > LIMITS.issuersKept && oldest !== undefined) this.#kept.delete(oldest);
  }

  async #fetch(issuer: OidcIssuer): Promise<IssuerKeySet> {
    try {
      const base = issuer.issuerUrl.endsWith("/") ? issuer.issuerUrl.slice(0, -1) : issuer.issuerUrl;
      const document = await this.#get(`${base}/.well-known/openid-configuration`, issuer);
      const { jwksUrl, algorithms } = readDiscovery(document, issuer);
      if (this.#isCluster(issuer)) requireSameHost(jwksUrl, issuer.issuerUrl);
      return { algorithms, keys: parseJsonWebKeySet(await this.#get(jwksUrl, issuer)) };
    } catch (cause) {
      if (!isSigstoreError(cause) || cause.code === "issuer-unreachable") throw cause;
      throw unreachable(issuer, cause.message, cause);
    }
  }

  async #get(start: string, issuer: OidcIssuer): Promise<Uint8Array> {
    const options = { caCertificates: issuer.caCertificates, isCluster: this.#isCluster(issuer) };
    let url = start;
    for (let redirects = 0; redirects <= LIMITS.redirects; redirects++) {
      const { status, location, body } = await this.#http.get(url, options);
      if (status >= 200 && status < 300) return body;
      if (status < 300 || status >= 400 || location === undefined || !URL.canParse(location, url))
        throw unreachable(issuer, `expected status 200 of ${url}, got ${status}`);
      const next = new URL(location, url).href;
      requireSameHost(next, start);
      url = next;
    }
    throw unreachable(issuer, `expected at most ${LIMITS.redirects} redirects from ${start}, got more`);
  }
}

/** OpenID Connect Discovery 1.0 §4.3: the issuer in the document "MUST exactly match the value of the iss Claim". */
function readDiscovery(
  document: Uint8Array,
  issuer: OidcIssuer,
): { readonly jwksUrl: string; readonly algorithms: readonly string[] } {
  const fields = parseJson(document, { maxBytes: LIMITS.serviceAnswerBytes });
  if (!isObject(fields)) throw unreachable(issuer, "expected a discovery document, got other JSON");
  const { issuer: name, jwks_uri: jwksUrl, id_token_signing_alg_values_supported: listed } = fields;
  if (name !== issuer.issuerUrl) {
    const got = typeof name === "string" ? JSON.stringify(name.slice(0, LIMITS.issuerLength)) : "none";
    throw unreachable(issuer, `expected a discovery document of ${issuer.issuerUrl}, got one of ${got}`);
  }
  if (typeof jwksUrl !== "string" || !URL.canParse(jwksUrl))
    throw unreachable(issuer, "expected the address of the keys (jwks_uri) in the discovery document, got none");
  const { protocol } = new URL(jwksUrl);
  if (protocol !== "https:" && !(protocol === "http:" && issuer.issuerUrl.startsWith("http:")))
    throw unreachable(issuer, `expected an https address of the keys, got ${protocol}`);
  const algorithms = Array.isArray(listed) ? listed.filter((one) => typeof one === "string") : [];
  return { jwksUrl, algorithms };
}

function requireSameHost(url: string, start: string): void {
  const [to, from] = [new URL(url), new URL(start)];
  if (to.host === from.host && (to.protocol === from.protocol || to.protocol === "https:")) return;
  throw new SigstoreError("issuer-unreachable", `oidc: redirect to different host ${JSON.stringify(to.host)} blocked`);
}

function unreachable(issuer: OidcIssuer, message: string, cause?: unknown): SigstoreError {
  return new SigstoreError("issuer-unreachable", `keys of ${issuer.issuerUrl}: ${message}`, { cause });
}
