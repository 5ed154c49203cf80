/**
 * The identity provider that asks a person: by browser, by device code, or by a code carried over.
 *
 * One login serves until its token ends. Leaves out: keeping anything on disk (home/).
 */
import type { IdentityToken } from "../../formats/identity-token.ts";
import type { CallOptions, IdentityProvider } from "../../sign/ports.ts";
import { logInOutOfBand, logInWithBrowser } from "./browser-login.ts";
import { logInWithDevice } from "./device-login.ts";
import { discoverProvider } from "./discovery.ts";
import type { LoginSettings } from "./login-settings.ts";

/** How to log in: in a browser here, at another device, or with a code that is typed in. */
export type LoginFlow = "browser" | "device" | "out-of-band";

/** What a login is made with. */
export interface InteractiveOptions extends Pick<
  LoginSettings,
  "http" | "talk" | "now" | "clientSecret" | "connectorId"
> {
  readonly issuer: string;
  readonly flow: LoginFlow;
  /** `sigstore` by default. */
  readonly clientId?: string;
  /** Milliseconds that a person has to log in; five minutes by default. */
  readonly patienceMs?: number;
}

/** A token with less time left is not handed out again. */
const LEAST_TIME_LEFT_MS = 30_000;

const FLOWS = { browser: logInWithBrowser, device: logInWithDevice, "out-of-band": logInOutOfBand } as const;

/** Asks a person, once for calls that run at the same time, and again when the token has ended. */
export class InteractiveProvider implements IdentityProvider {
  readonly label: string;
  readonly #options: InteractiveOptions;
  #token: IdentityToken | undefined;
  #pending: Promise<IdentityToken> | undefined;

  constructor(options: InteractiveOptions) {
    this.label = options.issuer;
    this.#options = options;
  }

  /** The token of a login; errors `login-failed`, `cancelled` and those of `HttpClient.send`. */
  async fetchIdentityToken(options: CallOptions = {}): Promise<IdentityToken> {
    const known = this.#token;
    if (known !== undefined && this.#options.now() + LEAST_TIME_LEFT_MS < known.expiresMs) return known;
    this.#pending ??= this.#logIn(options).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #logIn({ signal }: CallOptions): Promise<IdentityToken> {
    const { issuer, flow, clientId = "sigstore", patienceMs = 300_000, ...rest } = this.#options;
    const provider = await discoverProvider(issuer, rest.http, { signal });
    this.#token = await FLOWS[flow]({ ...rest, provider, clientId, patienceMs, signal });
    return this.#token;
  }
}
