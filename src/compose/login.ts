import type { HttpClient } from "../clients/http/http-client.ts";
/**
 * Who is signing: the first that is there of a token given by hand, a remembered login, the machine's own identity, and a
 * person who logs in.
 *
 * What a person chose for this run comes first, what they chose before comes next, what the machine brings along last but
 * one. Only where nothing is left is somebody asked, and only where there is somebody to ask.
 */
import { findAmbientProvider } from "../clients/oidc/ambient.ts";
import type { AmbientWorld } from "../clients/oidc/ambient.ts";
import { givenTokenProvider } from "../clients/oidc/given-token.ts";
import { InteractiveProvider } from "../clients/oidc/interactive-provider.ts";
import type { LoginFlow } from "../clients/oidc/interactive-provider.ts";
import type { LoginTalk } from "../clients/oidc/login-settings.ts";
import { runProgram } from "../clients/run-program.ts";
import { SigstoreError } from "../errors.ts";
import { readTextIfPresent } from "../files/read.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import type { Home } from "../home/folder.ts";
import { readSession } from "../home/sessions.ts";
import { LIMITS } from "../limits.ts";
import type { IdentityProvider } from "../sign/ports.ts";
import { selectIdentityProvider } from "../sign/select-services.ts";
import type { SigningInstance } from "./instance.ts";

/** What decides who is signing. */
export interface LoginWish {
  readonly instance: SigningInstance;
  readonly http: HttpClient;
  readonly home: Home | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Brings the text of a token that the user handed over, and says where it is from. */
  readonly given?: { readonly label: string; readonly read: () => string } | undefined;
  /** The way to log in that the user asked for; nothing else is then tried. */
  readonly flow?: LoginFlow | undefined;
  /** Where no way was asked for: the one that fits this machine, or nothing where nobody is there. */
  readonly fittingFlow: LoginFlow | undefined;
  readonly talk: LoginTalk;
  readonly now: () => number;
}

/** A remembered login with less time left is not begun with. */
const LEAST_TIME_LEFT_MS = 15_000;

/**
 * The provider of the identity to sign with.
 *
 * @throws SigstoreError `identity-token-missing` where there is no identity and nobody to ask, `home-invalid`, `signing-service-missing`
 */
export async function chooseIdentityProvider(wish: LoginWish): Promise<IdentityProvider> {
  const { given, flow, fittingFlow } = wish;
  if (given !== undefined) return givenTokenProvider(given.label, async () => Promise.resolve(given.read()));
  if (flow !== undefined) return interactiveProvider(wish, flow);
  const found = await findStandingIdentity(wish);
  if (found !== undefined) return found;
  if (fittingFlow !== undefined) return interactiveProvider(wish, fittingFlow);
  throw new SigstoreError("identity-token-missing", "expected an identity to sign with, got nobody to ask for one", {
    hint: "give a token with --identity-token-file FILE or in SIGSTORE_ID_TOKEN, or log in at another device with --device",
  });
}

/** An identity that needs no login: of the variable for tokens, remembered, or the machine's; undefined where there is none. */
export async function findStandingIdentity(
  wish: Pick<LoginWish, "instance" | "http" | "home" | "environment" | "now">,
): Promise<IdentityProvider | undefined> {
  const world = ambientWorld(wish);
  return (
    (await findAmbientProvider(world, { name: "envvar" })) ??
    rememberedProvider(wish) ??
    (await findAmbientProvider(world))
  );
}

/** Logs a person in. Errors as `IdentityProvider.fetchIdentityToken`. */
export async function logIn(wish: LoginWish, flow: LoginFlow, signal?: AbortSignal): Promise<IdentityToken> {
  return interactiveProvider(wish, flow).fetchIdentityToken({ signal });
}

/** `provider`, whose token `announce` sees before anybody else does; what it throws ends the wish. */
export function announcingProvider(
  provider: IdentityProvider,
  announce: (token: IdentityToken) => Promise<void>,
): IdentityProvider {
  return {
    label: provider.label,
    async fetchIdentityToken(options) {
      const token = await provider.fetchIdentityToken(options);
      await announce(token);
      return token;
    },
  };
}

function interactiveProvider({ instance, http, talk, now }: LoginWish, flow: LoginFlow): IdentityProvider {
  const { url } = selectIdentityProvider(instance.signingConfig, now());
  return new InteractiveProvider({ issuer: url, flow, http, talk, now });
}

function rememberedProvider({
  home,
  instance,
  now,
}: Pick<LoginWish, "home" | "instance" | "now">): IdentityProvider | undefined {
  const token = home && readSession(home, instance.name);
  if (token === undefined || now() + LEAST_TIME_LEFT_MS >= token.expiresMs) return undefined;
  return { label: "remembered login", fetchIdentityToken: async () => Promise.resolve(token) };
}

function ambientWorld({ environment, http }: Pick<LoginWish, "environment" | "http">): AmbientWorld {
  return {
    environment,
    http,
    runProgram,
    readTextFile: async (path) => Promise.resolve(readTextIfPresent(path, LIMITS.smallFileBytes)),
  };
}
