/**
 * An identity provider for tests: two accounts, the test key, a clock that stands still until it is moved, and a way to ask it without a port.
 */
import { sha256 } from "../src/crypto/digest.ts";
import { createSigner } from "../src/crypto/signer.ts";
import { utf8Decode, utf8Encode } from "../src/encoding/text.ts";
import type { ServiceHandler } from "../src/services/http/message.ts";
import type { OidcEvent, OidcOptions } from "../src/services/oidc/config.ts";
import { oidcHandler } from "../src/services/oidc/handler.ts";
import { type ProviderKey, providerKeyId } from "../src/services/oidc/keys.ts";
import { LocalUsers } from "../src/services/oidc/local-users.ts";
import { OidcService } from "../src/services/oidc/service.ts";
import { hashPassword, type User } from "../src/services/oidc/users.ts";
import { rsaTestKey } from "../src/testing/rsa-test-key.ts";
import { seededRandom } from "../src/testing/seed.ts";
import type { Answer, Send } from "./scripted-browser.ts";

/** When tests begin. */
export const PROVIDER_NOW_MS = 1_772_366_400_000;

/** As cheap as scrypt gets: tests prove rules, not costs. */
const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };

/** Somebody with a password. */
export const ALICE = { name: "alice", email: "Alice@example.com", password: "correct horse battery" };
export const BOB = { name: "bob", email: "bob@example.com", password: "another good password" };

/** A provider at work. */
export interface TestProvider {
  readonly issuer: string;
  readonly service: OidcService;
  readonly handler: ServiceHandler;
  /** What it told its owner. */
  readonly events: OidcEvent[];
  /** The accounts; tests change them. */
  readonly users: User[];
  /** Moves the clock. */
  pass(milliseconds: number): void;
  /** Sends a request as from `address`. */
  readonly send: (address?: string) => Send;
}

/** An account with a password that is hashed as cheaply as can be. */
export async function testUser(account: typeof ALICE, label = account.name): Promise<User> {
  const random = seededRandom(label, "user");
  return {
    id: Buffer.from(random(16)).toString("base64url"),
    name: account.name,
    email: account.email,
    password: await hashPassword(account.password, random, CHEAP),
    createdMs: PROVIDER_NOW_MS,
  };
}

/** The test key as a provider's. */
export function testProviderKey(state: ProviderKey["state"] = "active", bits: 2048 | 3072 = 2048): ProviderKey {
  const signer = createSigner(rsaTestKey(bits));
  return { keyId: providerKeyId(signer.publicKey), signer, state };
}

/** A provider with ALICE and BOB. */
export async function testProvider(options: Partial<OidcOptions> = {}): Promise<TestProvider> {
  const issuer = options.issuer ?? "http://localhost:8480/auth";
  const users = [await testUser(ALICE), await testUser(BOB)];
  const events: OidcEvent[] = [];
  let nowMs = PROVIDER_NOW_MS;
  const service = new OidcService({
    issuer,
    keys: [testProviderKey()],
    users: new LocalUsers({ read: async () => users }),
    dev: false,
    nowMs: () => nowMs,
    random: seededRandom("oidc", "provider"),
    observe: (event) => events.push(event),
    ...options,
  });
  const handler = oidcHandler(service);
  return {
    issuer,
    service,
    handler,
    events,
    users,
    pass: (milliseconds) => (nowMs += milliseconds),
    send:
      (address = "127.0.0.1") =>
      (request) =>
        ask(handler, issuer, address, request),
  };
}

async function ask(
  handler: ServiceHandler,
  issuer: string,
  remoteAddress: string,
  { method, url, headers, body }: Parameters<Send>[0],
): Promise<Answer> {
  const { pathname, search, origin } = new URL(url);
  const base = new URL(issuer);
  // What is not the provider's is the program that waits for the answer.
  if (origin !== base.origin) return { status: 200, headers: {}, text: "back at the program" };
  const answer = await handler({
    method,
    path: pathname.slice(base.pathname.length) || "/",
    query: search.slice(1),
    headers,
    body: utf8Encode(body),
    remoteAddress,
  });
  return { status: answer.status, headers: answer.headers, text: utf8Decode(answer.body) };
}

/** What a program keeps to itself, and what it sends of it. */
export const VERIFIER = "a-verifier-of-at-least-43-characters-1234567890";
export const REDIRECT = "http://localhost:43210/auth/callback";

/** The address at which a stock program lets people log in; `changes` with undefined leaves a parameter out. */
export function authorizeAddress(issuer: string, changes: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters: Readonly<Record<string, string | undefined>> = {
    response_type: "code",
    client_id: "sigstore",
    scope: "openid email",
    redirect_uri: REDIRECT,
    state: "the-state",
    nonce: "the-nonce",
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: "S256",
    access_type: "online",
    ...changes,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  return `${issuer}/authorize?${query.toString()}`;
}

/** RFC 7636 §4.2. */
export function challengeOf(verifier: string): string {
  return Buffer.from(sha256(utf8Encode(verifier))).toString("base64url");
}

/** Sends a form to an endpoint, as a program does: without cookies, without `Origin`. */
export async function postForm(
  send: Send,
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly headers: Answer["headers"]; readonly json: Record<string, unknown> }> {
  const answer = await send({
    method: "POST",
    url,
    headers: { host: new URL(url).host, "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(form).toString(),
  });
  return { ...answer, json: JSON.parse(answer.text) as Record<string, unknown> };
}

/** The form with which a program brings a code. */
export function codeForm(
  code: string,
  changes: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return {
    grant_type: "authorization_code",
    client_id: "sigstore",
    code,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    ...changes,
  };
}
