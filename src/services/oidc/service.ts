/**
 * The identity provider (OpenID Connect Core 1.0 and Discovery 1.0; RFC 6749, 7636, 8252, 8628, 9207, held to RFC 9700): people prove who
 * they are, programs get a token that says so.
 *
 * The rules and no HTTP. Sessions, codes and counts of attempts live in memory: a restart ends logins that are under way, and no account.
 * Leaves out: implicit and hybrid flows, refresh tokens, user info, dynamic registration, logout of clients.
 */
import { sha256 } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import type { JsonWebKey } from "../../formats/jwk.ts";
import { LIMITS } from "../../limits.ts";
import { accountKey, AttemptCounter, deviceKey, placeKeys } from "./attempts.ts";
import {
  type AuthorizationOutcome,
  type AuthorizationRequest,
  readAuthorization,
  readScopes,
} from "./authorization.ts";
import { authenticateClient } from "./client-authentication.ts";
import { AuthorizationCodes, isChallenge } from "./codes.ts";
import { checkOidcOptions, type OidcClient, type OidcEvent, type OidcOptions, SIGSTORE_CLIENT } from "./config.ts";
import { DEVICE_CODE_SECONDS, DeviceCodes, type DeviceLogin } from "./device-codes.ts";
import { ExpiringMap } from "./expiring-map.ts";
import type { FormFields } from "./form.ts";
import { issuerKey, KeyRing, type ProviderKey, PROVIDER_ALGORITHM, publicJwk } from "./keys.ts";
import { providerMetadata } from "./metadata.ts";
import { refusalOf, refuse } from "./refusal.ts";
import { type LoginSession, LoginSessions } from "./sessions.ts";
import { type Grant, type IssuedTokens, issueTokens } from "./tokens.ts";
import type { AuthenticatedUser } from "./user-authenticator.ts";
import { isEmail } from "./users.ts";

/** What became of a name and a password. */
export type LoginOutcome =
  | { readonly kind: "user"; readonly user: AuthenticatedUser }
  | { readonly kind: "wrong" }
  | { readonly kind: "limited"; readonly waitMs: number }
  | { readonly kind: "unavailable" };

/** What was found for a code that a person typed. */
export type DeviceOutcome =
  | { readonly kind: "device"; readonly device: DeviceLogin }
  | { readonly kind: "wrong" }
  | { readonly kind: "limited"; readonly waitMs: number };

/** Answer of the device endpoint (RFC 8628 §3.2). */
export interface DeviceAnswer {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

const DEFAULT_TOKEN_SECONDS = 600;
const DEFAULT_POLL_SECONDS = 2;
/** RFC 6749 §4.1.2: "A maximum authorization code lifetime of 10 minutes is RECOMMENDED"; programs need seconds, people minutes. */
const CODE_MS = 60_000;
const SHOWN_CODE_MS = 5 * 60_000;

/** An identity provider at work. */
export class OidcService {
  readonly issuer: string;
  readonly isDev: boolean;
  /** The address that development mode proposes. */
  readonly devEmail: string;
  readonly sessions: LoginSessions;
  readonly #options: OidcOptions;
  readonly #clients: ReadonlyMap<string, OidcClient>;
  readonly #tokenSeconds: number;
  readonly #pollSeconds: number;
  readonly #keys: KeyRing;
  readonly #codes: AuthorizationCodes;
  readonly #devices: DeviceCodes;
  readonly #attempts = new AttemptCounter();
  /** `jti` of tokens that were taken back. */
  readonly #revoked = new ExpiringMap<true>(LIMITS.loginsKept);

  /** @throws SigstoreError `config-invalid` */
  constructor(options: OidcOptions) {
    checkOidcOptions(options);
    const { issuer, dev, random, clients = [], tokenSeconds = DEFAULT_TOKEN_SECONDS, devEmail } = options;
    this.issuer = issuer;
    this.isDev = dev;
    this.devEmail = devEmail ?? "dev@example.com";
    this.#options = options;
    this.#clients = new Map([SIGSTORE_CLIENT, ...clients].map((client) => [client.id, client]));
    this.#tokenSeconds = tokenSeconds;
    this.#pollSeconds = options.pollSeconds ?? DEFAULT_POLL_SECONDS;
    this.#keys = new KeyRing(options.keys, tokenSeconds * 1000);
    this.#codes = new AuthorizationCodes(random, tokenSeconds * 1000);
    this.#devices = new DeviceCodes(random, this.#pollSeconds * 1000);
    this.sessions = new LoginSessions(random);
  }

  /** The clock of the service, milliseconds since 1970. */
  get nowMs(): number {
    return this.#options.nowMs();
  }

  /** The discovery document. */
  metadata(): Readonly<Record<string, unknown>> {
    return providerMetadata(this.issuer);
  }

  /** The keys, as clients fetch them (RFC 7517 §5). */
  keySet(): { readonly keys: readonly Readonly<Record<string, string>>[] } {
    return { keys: this.#keys.published(this.nowMs).map(publicJwk) };
  }

  /** The same keys, for a certificate authority in this process: what its port `IssuerKeys` answers. */
  publicKeys(): {
    readonly algorithms: readonly string[];
    readonly keys: readonly JsonWebKey[];
    readonly isRevoked: (tokenId: string) => boolean;
  } {
    return {
      algorithms: [PROVIDER_ALGORITHM],
      keys: this.#keys.published(this.nowMs).map(issuerKey),
      isRevoked: (tokenId) => this.isRevoked(tokenId),
    };
  }

  /**
   * Rotates the keys by one step: see `KeyRing.rotate`.
   *
   * @returns the keys in their new states, for the instance to keep
   */
  rotate(fresh: Pick<ProviderKey, "keyId" | "signer">): readonly ProviderKey[] {
    return this.#keys.rotate(fresh, this.nowMs);
  }

  /** True for the `jti` of a token whose code was used twice. */
  isRevoked(tokenId: string): boolean {
    return this.#revoked.get(tokenId, this.nowMs) !== undefined;
  }

  /** Reads what a program asks of the login page. */
  readAuthorization(fields: FormFields): AuthorizationOutcome {
    return readAuthorization(fields, { issuer: this.issuer, clients: this.#clients });
  }

  /** Checks a name and a password, once the limits let it; in development mode the name is an e-mail address, and all there is. */
  async logIn(name: string, password: string, address: string): Promise<LoginOutcome> {
    if (this.isDev) return this.#logInAsAnybody(name.trim(), address);
    const attempt = this.#attempts.begin([accountKey(name.trim()), ...placeKeys(address)], this.nowMs);
    if (typeof attempt === "number") {
      this.#tell({ kind: "attempts-limited", address });
      return { kind: "limited", waitMs: attempt };
    }
    const outcome = await this.#authenticate(name, password, address);
    if (outcome.kind !== "wrong") attempt.succeed();
    return outcome;
  }

  /** The login in the browser with this cookie, if there is one and its account still stands. */
  async currentSession(browser: string): Promise<LoginSession | undefined> {
    const session = this.sessions.find(browser, this.nowMs);
    if (session === undefined || (await this.#isCurrent(session.user))) return session;
    this.sessions.end(browser);
    return undefined;
  }

  /** Whether a login may serve a request, or the password is to be asked for again. */
  isFreshEnough({ mustLogIn, maxAgeMs }: AuthorizationRequest, { authTimeMs }: LoginSession): boolean {
    return !mustLogIn && (maxAgeMs === undefined || this.nowMs - authTimeMs <= maxAgeMs);
  }

  /** A code for a request that the person logged in in this browser agreed to. */
  grantCode(request: AuthorizationRequest, session: LoginSession, browser: string): string {
    const { client, nonce, hasEmail, redirectUri, challenge } = request;
    const { user, authTimeMs } = session;
    const lifetimeMs = request.isOutOfBand ? SHOWN_CODE_MS : CODE_MS;
    const grant = { client, user, authTimeMs, hasEmail, nonce };
    const code = this.#codes.issue({ grant, redirectUri, challenge, browser }, lifetimeMs, this.nowMs);
    if (request.isOutOfBand) session.shownCode = { code, expiresMs: this.nowMs + lifetimeMs };
    return code;
  }

  /** Begins the login of a device. @throws SigstoreError `login-refused` */
  beginDevice(fields: FormFields, authorization: string | undefined, address: string): DeviceAnswer {
    fields.requireNoRepetition();
    const client = authenticateClient(fields, authorization, this.#clients);
    const hasEmail = readScopes(fields).includes("email");
    const challenge = readDeviceChallenge(fields);
    const { deviceCode, userCode } = this.#devices.begin({ client, hasEmail, challenge, address }, this.nowMs);
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${this.issuer}/device`,
      verification_uri_complete: `${this.issuer}/device?user_code=${userCode}`,
      expires_in: DEVICE_CODE_SECONDS,
      interval: this.#pollSeconds,
    };
  }

  /** The device that shows this code, for a person who is logged in; RFC 8628 §5.1: guesses are "rate-limit"ed. */
  findDevice(typed: string, { user }: LoginSession, address: string): DeviceOutcome {
    const keys = [deviceKey(user.subject), ...placeKeys(address)];
    const attempt = this.#attempts.begin(keys, this.nowMs);
    if (typeof attempt === "number") {
      this.#tell({ kind: "attempts-limited", email: user.email, address });
      return { kind: "limited", waitMs: attempt };
    }
    const device = this.#devices.find(typed, this.nowMs);
    if (device === undefined) return { kind: "wrong" };
    attempt.succeed();
    return { kind: "device", device };
  }

  /** What the person decided about a device; undefined when it waits no more. */
  decideDevice(userCode: string, isAgreed: boolean, session: LoginSession, address: string): DeviceLogin | undefined {
    const { user, authTimeMs } = session;
    const device = this.#devices.decide(userCode, isAgreed ? { user, authTimeMs } : "refused", this.nowMs);
    if (device !== undefined)
      this.#tell({ kind: isAgreed ? "device-approved" : "device-refused", email: user.email, address });
    return device;
  }

  /** The token endpoint. @throws SigstoreError `login-refused` */
  async redeem(
    fields: FormFields,
    authorization: string | undefined,
    address: string,
  ): Promise<IssuedTokens["answer"]> {
    fields.requireNoRepetition();
    const client = authenticateClient(fields, authorization, this.#clients);
    const grantType = fields.require("grant_type");
    const code = fields.get("code") ?? "";
    const grant = this.#grantOf(grantType, fields, client, address);
    if (!(await this.#isCurrent(grant.user)))
      throw refuse("invalid_grant", "the account of this login is gone or changed");
    const tokens = await issueTokens(grant, {
      issuer: this.issuer,
      key: this.#keys.active,
      lifetimeSeconds: this.#tokenSeconds,
      nowMs: this.nowMs,
      random: this.#options.random,
    });
    if (grantType === "authorization_code") this.#codes.noteTokens(code, tokens.tokenIds, this.nowMs);
    this.#tell({ kind: "token-issued", email: grant.user.email, clientId: client.id, address });
    return tokens.answer;
  }

  #grantOf(grantType: string, fields: FormFields, client: OidcClient, address: string): Grant {
    const verifier = fields.get("code_verifier");
    if (grantType === "urn:ietf:params:oauth:grant-type:device_code")
      return this.#devices.poll(fields.require("device_code"), client.id, verifier, this.nowMs);
    if (grantType !== "authorization_code")
      throw refuse("unsupported_grant_type", "expected authorization_code or device_code, got another");
    const redirectUri = fields.require("redirect_uri");
    const redemption = { code: fields.require("code"), clientId: client.id, redirectUri, verifier };
    return this.#codes.redeem(redemption, this.nowMs, ({ tokenIds, browser }) => {
      for (const id of tokenIds) this.#revoked.set(id, true, this.nowMs + this.#tokenSeconds * 1000, this.nowMs);
      this.sessions.end(browser);
      this.#tell({ kind: "code-replayed", clientId: client.id, address });
    });
  }

  #logInAsAnybody(email: string, address: string): LoginOutcome {
    if (!isEmail(email)) return { kind: "wrong" };
    const subject = base64UrlEncode(sha256(utf8Encode(`${this.issuer} ${email}`)).subarray(0, 16));
    this.#tell({ kind: "logged-in", email, address });
    return { kind: "user", user: { subject, email, name: email, revision: "" } };
  }

  async #authenticate(name: string, password: string, address: string): Promise<LoginOutcome> {
    const user = await this.#askUsers((users) => users.authenticate(name, password), address);
    if (user === "unavailable") return { kind: "unavailable" };
    this.#tell(
      user === undefined ? { kind: "login-refused", address } : { kind: "logged-in", email: user.email, address },
    );
    return user === undefined ? { kind: "wrong" } : { kind: "user", user };
  }

  async #isCurrent(user: AuthenticatedUser): Promise<boolean> {
    return this.isDev || (await this.#askUsers((users) => users.isCurrent(user), "")) === true;
  }

  /** What the port to the people answers; a list that cannot be read lets nobody in. */
  async #askUsers<T>(
    ask: (users: NonNullable<OidcOptions["users"]>) => Promise<T>,
    address: string,
  ): Promise<T | "unavailable"> {
    const { users } = this.#options;
    if (users === undefined) return "unavailable";
    try {
      return await ask(users);
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      if (error.code === "login-refused") refusalOf(error);
      else this.#tell({ kind: "users-unreadable", address });
      return "unavailable";
    }
  }

  #tell(event: OidcEvent): void {
    this.#options.observe?.(event);
  }
}

function readDeviceChallenge(fields: FormFields): string | undefined {
  const [challenge, method] = [fields.get("code_challenge"), fields.get("code_challenge_method")];
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== "S256" || challenge === undefined || !isChallenge(challenge))
    throw refuse("invalid_request", "expected a code_challenge by S256, got another");
  return challenge;
}
