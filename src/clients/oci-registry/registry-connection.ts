/**
 * Requests to registries: where they go, with which credentials, and what their refusals mean.
 *
 * Credentials are shown when a registry asks for them, and from then on with every request to it; they go to the registry's own
 * origin, or to the service that it names for its tokens, and nowhere else.
 */
import { concatBytes } from "../../encoding/bytes.ts";
import { isSigstoreError } from "../../errors.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import { LIMITS } from "../../limits.ts";
import { isLoopback } from "../http/exchange.ts";
import type { HttpClient } from "../http/http-client.ts";
import type { HttpRequest, HttpResponse, HttpStream } from "../http/http-request.ts";
import { parseChallenge } from "./challenge.ts";
import type { Challenge } from "./challenge.ts";
import { basicToken, secretsOf } from "./credential.ts";
import type { FindCredential, RegistryCredential } from "./credential.ts";
import { inContext, refusalError } from "./registry-error.ts";
import type { Asked } from "./registry-error.ts";
import { TokenService } from "./token-service.ts";

/** What a registry is asked with. */
export interface RegistryOptions {
  readonly http: HttpClient;
  /** Milliseconds since 1970, for the life of tokens. */
  readonly nowMs: () => number;
  /** Anonymous for all where it is left out. */
  readonly findCredential?: FindCredential;
  /** How registries are asked that are not asked over TLS, or are on this machine and are: by host and port. */
  readonly protocols?: ReadonlyMap<string, "http" | "https">;
}

/** What may be done with a repository: one token for all that a command does there. */
export type RegistryAccess = "pull" | "push" | "delete";

/** One request. */
export interface RegistryRequest extends Asked {
  readonly method: HttpRequest["method"];
  /** Below `/v2/<repository>/`, or a whole address that the registry gave. */
  readonly path: string | URL;
  readonly access: RegistryAccess;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpRequest["body"];
  readonly maxBytes?: number;
  /** Answers besides 2xx that the caller understands. */
  readonly understood?: readonly number[];
  readonly repeat?: HttpRequest["repeat"];
  /** Another repository that is read from. */
  readonly from?: string | undefined;
}

/** A whole answer, and the address that it came from. */
export interface RegistryResponse extends HttpResponse {
  readonly url: URL;
}

type AnswerHead = Pick<HttpResponse, "status" | "headers">;

/** All refusals: what passes (408, 429, 5xx) is the HTTP client's. */
const REFUSALS = Array.from({ length: 100 }, (_, index) => 400 + index).filter(
  (status) => status !== 408 && status !== 429,
);

const ACTIONS: Readonly<Record<RegistryAccess, string>> = {
  pull: "pull",
  push: "pull,push",
  delete: "pull,push,delete",
};

/** Asks registries; one serves a whole command. */
export class RegistryConnection {
  readonly #http: HttpClient;
  readonly #findCredential: FindCredential;
  readonly #protocols: ReadonlyMap<string, "http" | "https">;
  readonly #tokens: TokenService;
  readonly #challenges = new Map<string, Challenge>();
  readonly #credentials = new Map<string, Promise<RegistryCredential | undefined>>();

  constructor(options: RegistryOptions) {
    this.#http = options.http;
    this.#findCredential = options.findCredential ?? (async () => undefined);
    this.#protocols = options.protocols ?? new Map<string, "http">();
    this.#tokens = new TokenService(options.http, options.nowMs);
  }

  /** The whole answer. @throws SigstoreError naming registry, repository and what was asked */
  async send(request: RegistryRequest): Promise<RegistryResponse> {
    const send = async (sent: HttpRequest) => ({ ...(await this.#http.send(sent)), url: new URL(sent.url) });
    return this.#ask(request, send, async ({ bytes }) => bytes);
  }

  /** The answer as it comes. @throws SigstoreError as `send` */
  async stream(request: RegistryRequest): Promise<HttpStream> {
    return this.#ask(
      request,
      async (sent) => this.#http.stream(sent),
      async ({ body }) => readAll(body),
    );
  }

  /** Asks for nothing but whether the credentials are good. @throws SigstoreError `registry-unauthorized` */
  async checkLogin(registry: string): Promise<void> {
    const name = { registry, repository: "" };
    const path = new URL("/v2/", this.urlOf(name));
    await this.send({ name, what: "to log in", method: "GET", path, access: "pull" });
  }

  /** Where a registry is. */
  urlOf({ registry }: RepositoryName): URL {
    const plain = new URL(`http://${registry}/`);
    const protocol = this.#protocols.get(registry) ?? (isLoopback(plain.hostname) ? "http" : "https");
    return protocol === "http" ? plain : new URL(`https://${registry}/`);
  }

  async #ask<Answer extends AnswerHead>(
    request: RegistryRequest,
    send: (sent: HttpRequest) => Promise<Answer>,
    bytesOf: (answer: Answer) => Promise<Uint8Array>,
  ): Promise<Answer> {
    try {
      const { answer, credential } = await this.#authenticated(request, send);
      if (isSuccess(answer.status) || request.understood?.includes(answer.status) === true) return answer;
      const tried = credential === undefined ? "anonymously" : `with the credentials from ${credential.from}`;
      const refused = { status: answer.status, bytes: await bytesOf(answer) };
      throw refusalError(request, refused, tried, secretsOf(credential));
    } catch (error) {
      // What a connection says names an address only.
      throw isSigstoreError(error) && error.details["asked"] === undefined ? inContext(request, error) : error;
    }
  }

  /** The last answer, and the credential that was shown for it. */
  async #authenticated<Answer extends AnswerHead>(
    request: RegistryRequest,
    send: (sent: HttpRequest) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer; readonly credential: RegistryCredential | undefined }> {
    const origin = this.urlOf(request.name);
    const url =
      typeof request.path === "string"
        ? new URL(`/v2/${request.name.repository}/${request.path}`, origin)
        : request.path;
    const isAtHome = url.origin === origin.origin;
    let challenge = this.#challenges.get(origin.origin);
    for (let isFirst = true; ; isFirst = false) {
      const credential = challenge === undefined ? undefined : await this.#credentialFor(request.name);
      const scopes = scopesOf(request, challenge);
      const authorization =
        isAtHome && challenge !== undefined
          ? await this.#authorization(origin, challenge, scopes, credential)
          : undefined;
      const answer = await send(this.#requestFor(request, url, authorization, credential));
      const asksAgain = answer.status === 401 && isFirst && isAtHome;
      const asked = asksAgain ? parseChallenge(answer.headers.get("www-authenticate")) : undefined;
      if (asked === undefined) return { answer, credential: authorization === undefined ? undefined : credential };
      if (challenge?.scheme === "bearer") this.#tokens.forget(challenge, scopes, credential);
      challenge = asked;
      this.#challenges.set(origin.origin, asked);
    }
  }

  #requestFor(
    request: RegistryRequest,
    url: URL,
    authorization: string | undefined,
    credential: RegistryCredential | undefined,
  ): HttpRequest {
    const { method, headers = {}, body, maxBytes = LIMITS.serviceAnswerBytes, repeat = "always" } = request;
    return {
      service: "registry",
      method,
      url: url.href,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      ...(body !== undefined && { body }),
      ...(authorization !== undefined && { secrets: [authorization.split(" ")[1] ?? "", ...secretsOf(credential)] }),
      leavesCredentialsBehind: true,
      maxBytes,
      repeat,
      understood: REFUSALS,
    };
  }

  async #authorization(
    origin: URL,
    challenge: Challenge,
    scopes: readonly string[],
    credential: RegistryCredential | undefined,
  ): Promise<string | undefined> {
    if (challenge.scheme === "bearer")
      return `Bearer ${await this.#tokens.token(origin, challenge, scopes, credential)}`;
    return credential?.kind === "password"
      ? `Basic ${basicToken(credential.username, credential.password)}`
      : undefined;
  }

  async #credentialFor({ registry, repository }: RepositoryName): Promise<RegistryCredential | undefined> {
    const key = `${registry}/${repository}`;
    const finding = this.#credentials.get(key) ?? this.#findCredential(registry, repository);
    this.#credentials.set(key, finding);
    return finding;
  }
}

/** What is asked for, and what the registry says besides that it wants. */
function scopesOf({ name, access, from }: RegistryRequest, challenge: Challenge | undefined): readonly string[] {
  const own = name.repository === "" ? [] : [`repository:${name.repository}:${ACTIONS[access]}`];
  const other = from === undefined ? [] : [`repository:${from}:pull`];
  const asked = challenge?.scheme === "bearer" ? challenge.scopes : [];
  // Other repositories' scopes are of the request that was answered, not of this one.
  const further = asked.filter((scope) => !scope.startsWith("repository:"));
  return [...new Set([...own, ...other, ...further])];
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return concatBytes(...chunks);
}
