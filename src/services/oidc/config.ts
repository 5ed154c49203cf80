/**
 * Settings of the identity provider, and what they must fulfil (OpenID Connect Discovery 1.0 §3; RFC 8414 §2).
 *
 * Leaves out: where keys and users lie (the instance, storage-users.ts).
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import { SigstoreError } from "../../errors.ts";
import type { ProviderKey } from "./keys.ts";
import { isRegistrable } from "./redirect.ts";
import type { UserAuthenticator } from "./user-authenticator.ts";

/** A program that people log in with. All are public clients: what is installed on everybody's machine has no secret. */
export interface OidcClient {
  readonly id: string;
  /** How the login page calls it. */
  readonly name: string;
  /** Addresses that its codes may go to, besides any port of the loopback and the out-of-band page. */
  readonly redirectUris?: readonly string[];
  /** For whom its tokens are good besides itself: `sigstore` lets it ask for certificates in the person's name. */
  readonly audiences?: readonly string[];
}

/** The client that every Sigstore program is. */
export const SIGSTORE_CLIENT: OidcClient = { id: "sigstore", name: "Sigstore" };

/** What happened, for logs; never a token, code, password, or a name that is not one of a user. */
export interface OidcEvent {
  readonly kind:
    | "logged-in"
    | "login-refused"
    | "attempts-limited"
    | "token-issued"
    | "code-replayed"
    | "device-approved"
    | "device-refused"
    | "users-unreadable";
  /** The user's e-mail address, where a user is known. */
  readonly email?: string;
  readonly clientId?: string;
  readonly address?: string;
}

/** What a provider is made with. */
export interface OidcOptions {
  /** Its own name and address, without a slash at its end: `http://localhost:8480/auth`. */
  readonly issuer: string;
  readonly keys: readonly ProviderKey[];
  /** Who has an account; not asked in development mode. */
  readonly users: UserAuthenticator | undefined;
  /** Logs in whoever asks, as whom he says: on the loopback alone. */
  readonly dev: boolean;
  /** Programs besides `sigstore`. */
  readonly clients?: readonly OidcClient[];
  /** How long a token is good; ten minutes unless something else is said. */
  readonly tokenSeconds?: number;
  /** How often a device may ask; every two seconds unless something else is said. */
  readonly pollSeconds?: number;
  /** The e-mail address that development mode proposes. */
  readonly devEmail?: string;
  readonly observe?: (event: OidcEvent) => void;
  /** The clock, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Cryptographic randomness. */
  readonly random: RandomSource;
}

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);
const LONGEST_TOKEN_SECONDS = 86_400;

/** True for an address of this machine that no other reaches. */
export function isLoopbackUrl(url: string): boolean {
  const { hostname } = new URL(url);
  return LOOPBACK_NAMES.has(hostname) || hostname.endsWith(".localhost");
}

/** True for the address of a client on this machine, as sockets tell it. */
export function isLoopbackAddress(address: string): boolean {
  return /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address) || address === "::1";
}

/** Holds settings to what a provider needs. @throws SigstoreError `config-invalid` */
export function checkOidcOptions({ issuer, dev, users, clients = [], tokenSeconds = 600 }: OidcOptions): void {
  // OpenID Connect Discovery 1.0 §3: issuer is a "URL using the https scheme with no query or fragment components".
  if (!/^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/.test(issuer) || !URL.canParse(issuer) || issuer.endsWith("/"))
    throw invalid("an https address without query, fragment or slash at its end as the issuer", "another one");
  if (issuer.startsWith("http:") && !isLoopbackUrl(issuer))
    throw invalid("an https address as the issuer", "http on an address that others reach", "use TLS, or localhost");
  if (dev && !isLoopbackUrl(issuer))
    throw invalid(
      "an address of this machine for logins without a password",
      "one that others reach",
      "leave development mode out, and add users with sigstore user add",
    );
  if (!dev && users === undefined) throw invalid("users who may log in", "none");
  if (!Number.isInteger(tokenSeconds) || tokenSeconds < 60 || tokenSeconds > LONGEST_TOKEN_SECONDS)
    throw invalid(`tokens that are good for 60 to ${LONGEST_TOKEN_SECONDS} seconds`, String(tokenSeconds));
  checkClients([SIGSTORE_CLIENT, ...clients]);
}

function checkClients(clients: readonly OidcClient[]): void {
  if (new Set(clients.map(({ id }) => id)).size !== clients.length) throw invalid("each client once", "one twice");
  for (const { id, redirectUris = [] } of clients) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(id)) throw invalid("a client id of visible characters", "another");
    if (!redirectUris.every(isRegistrable))
      throw invalid(`redirect addresses of ${id} with https, or http on localhost, and a plain path`, "others");
  }
}

function invalid(expected: string, got: string, hint?: string): SigstoreError {
  return new SigstoreError("config-invalid", `expected ${expected}, got ${got}`, hint === undefined ? {} : { hint });
}
