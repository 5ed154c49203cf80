/**
 * The HTTP interface of the identity provider, with paths below its issuer (RFC 6749, 8628; OpenID Connect Discovery 1.0).
 *
 * No CORS, on purpose: no page of another origin has anything to read here. Leaves out: the server around it (services/http).
 */
import { messagePage } from "../../web/login.ts";
import { allowHosts } from "../http/allowed-hosts.ts";
import { respondJson, type ServiceHandler, type ServiceRequest, type ServiceResponse } from "../http/message.ts";
import { router } from "../http/router.ts";
import { Browser, type BrowserContext } from "./browser.ts";
import { isLoopbackAddress, isLoopbackUrl } from "./config.ts";
import { LoginCookie } from "./cookie.ts";
import { deviceCode, deviceDecision, deviceEntry } from "./device-pages.ts";
import { readForm } from "./form.ts";
import { authorize, logIn, logOut, showAccount, showCode } from "./login-pages.ts";
import { NO_STORE, respondPage } from "./page-response.ts";
import { type OauthError, type Refusal, refusalOf } from "./refusal.ts";
import type { OidcService } from "./service.ts";

/** The handler of a service; its paths are those below the issuer. */
export function oidcHandler(service: OidcService): ServiceHandler {
  const { host, pathname } = new URL(service.issuer);
  const basePath = pathname === "/" ? "" : pathname;
  const frame = { instance: host, isDev: service.isDev };
  const context = { service, cookie: new LoginCookie(service.issuer), frame, basePath };
  const handler = allowHosts(routes(context), new Set(oidcHosts(service.issuer)));
  return service.isDev ? loopbackOnly(handler, context) : handler;
}

/**
 * The hosts that the provider answers to: the issuer's own, and where that is a name of the loopback, the other names of it.
 *
 * DNS rebinding brings a name of the attacker's; these are nobody's.
 */
function oidcHosts(issuer: string): readonly string[] {
  const { host, port } = new URL(issuer);
  if (!isLoopbackUrl(issuer)) return [host];
  return [host, ...["localhost", "127.0.0.1", "[::1]"].map((name) => (port === "" ? name : `${name}:${port}`))];
}

function routes(context: BrowserContext): ServiceHandler {
  const { service } = context;
  const page =
    (show: (browser: Browser) => Promise<ServiceResponse>): ServiceHandler =>
    (request) =>
      orProblem(new Browser(context, request), show);
  return router([
    {
      path: "/.well-known/openid-configuration",
      methods: { GET: async () => respondJson(200, service.metadata(), NO_CACHE) },
    },
    { path: "/keys", methods: { GET: async () => respondJson(200, service.keySet(), NO_CACHE) } },
    { path: "/token", methods: { POST: async (request) => orOauthError(request, () => token(service, request)) } },
    {
      path: "/device/code",
      methods: { POST: async (request) => orOauthError(request, () => device(service, request)) },
    },
    { path: "/authorize", methods: { GET: page(authorize) } },
    { path: "/login", methods: { POST: page(logIn), GET: page(showAccount) } },
    { path: "/logout", methods: { POST: page(logOut) } },
    { path: "/callback", methods: { GET: page(showCode) } },
    { path: "/device", methods: { GET: page(deviceEntry), POST: page(deviceCode) } },
    { path: "/device/confirm", methods: { POST: page(deviceDecision) } },
    { path: "/", methods: { GET: page(showAccount) } },
  ]);
}

/** Keys change: a client that keeps them asks whether they still are what they were. */
const NO_CACHE = { "cache-control": "no-cache" };

async function token(service: OidcService, request: ServiceRequest): Promise<ServiceResponse> {
  const { headers, remoteAddress } = request;
  return respondJson(200, await service.redeem(readForm(request), headers["authorization"], remoteAddress), NO_STORE);
}

async function device(service: OidcService, request: ServiceRequest): Promise<ServiceResponse> {
  const { headers, remoteAddress } = request;
  return respondJson(200, service.beginDevice(readForm(request), headers["authorization"], remoteAddress), NO_STORE);
}

async function orOauthError(
  { headers }: ServiceRequest,
  answer: () => Promise<ServiceResponse>,
): Promise<ServiceResponse> {
  try {
    return await answer();
  } catch (error) {
    return oauthError(refusalOf(error), headers["authorization"] !== undefined);
  }
}

const STATUSES: Partial<Record<OauthError, number>> = { invalid_client: 401, temporarily_unavailable: 503 };

/**
 * RFC 6749 §5.2: 400, and for `invalid_client` 401, with "WWW-Authenticate" where the client used that header.
 */
function oauthError({ error, description }: Refusal, isBasic: boolean): ServiceResponse {
  const status = STATUSES[error] ?? 400;
  const headers = {
    ...NO_STORE,
    ...(status === 401 && isBasic && { "www-authenticate": 'Basic realm="token"' }),
    ...(status === 503 && { "retry-after": "60" }),
  };
  return respondJson(status, { error, error_description: description }, headers);
}

async function orProblem(
  browser: Browser,
  show: (browser: Browser) => Promise<ServiceResponse>,
): Promise<ServiceResponse> {
  try {
    return await show(browser);
  } catch (error) {
    const { description } = refusalOf(error);
    return browser.problem("That did not work", [
      `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
      "Go back to the program, and begin again.",
    ]);
  }
}

/** Without passwords everybody who reaches the provider is everybody: so nobody else may reach it. */
function loopbackOnly(handler: ServiceHandler, { frame }: BrowserContext): ServiceHandler {
  return async (request) => {
    const { remoteAddress } = request;
    if (remoteAddress === "" || isLoopbackAddress(remoteAddress)) return handler(request);
    const paragraphs = ["Development mode answers this computer alone: it lets anybody in without a password."];
    return respondPage(messagePage(frame, { title: "Not from here", paragraphs, isProblem: true }), { status: 403 });
  };
}
