/**
 * The login in a browser: what a program asks for, name and password, the code on its way back (RFC 6749 §4.1; RFC 9207).
 *
 * Between two pages nothing is remembered of a request: the form carries it along as it came, and it is read anew. Nobody is sent on
 * without a click, even when somebody is logged in: any program on the machine may ask.
 */
import {
  accountPage,
  continuePage,
  loginPage,
  type LoginPurpose,
  messagePage,
  outOfBandPage,
} from "../../web/login.ts";
import type { ServiceResponse } from "../http/message.ts";
import { waitText } from "./attempts.ts";
import type { AuthorizationRequest } from "./authorization.ts";
import type { Browser } from "./browser.ts";
import { type FormFields, parseFields, readForm } from "./form.ts";
import { respondRedirect } from "./page-response.ts";
import { addressWithAnswer, formActionOf, hostOf } from "./redirect.ts";
import type { Refusal } from "./refusal.ts";
import type { LoginOutcome } from "./service.ts";
import type { LoginSession } from "./sessions.ts";

/** What a login is for: a program's request, or the approval of a device. `text` carries it from page to page. */
type LoginTarget =
  | { readonly kind: "program"; readonly text: string; readonly request: AuthorizationRequest }
  | { readonly kind: "device"; readonly text: string };

/** `GET /authorize`: what a program asks. */
export async function authorize(browser: Browser): Promise<ServiceResponse> {
  const { query } = browser.request;
  const outcome = browser.service.readAuthorization(parseFields(query));
  if (outcome.kind !== "request") return refuseAuthorization(browser, outcome);
  return askProgram(browser, { kind: "program", text: query, request: outcome.request });
}

async function askProgram(
  browser: Browser,
  target: Extract<LoginTarget, { readonly kind: "program" }>,
): Promise<ServiceResponse> {
  const { request } = target;
  const session = await browser.session();
  const usable = session !== undefined && browser.service.isFreshEnough(request, session) ? session : undefined;
  // OpenID Connect Core §3.1.2.6: what `prompt=none` is answered.
  if (request.isSilent) {
    const error = usable === undefined ? "login_required" : "interaction_required";
    return refuseRequest(browser, request, { error, description: "a person must agree on the login page" });
  }
  if (usable === undefined) return askPassword(browser, target, { name: request.loginHint ?? "" });
  const text = continuePage(browser.context.frame, {
    purpose: purposeOf(target),
    form: browser.form("/login", { request: target.text }),
    email: usable.user.email,
  });
  return browser.page(text, { formAction: formActionFor(request) });
}

/** The login page of a target; `name` is what is known of the person. */
function askPassword(
  browser: Browser,
  target: LoginTarget,
  known: { readonly name: string; readonly problem?: string },
  options: { readonly status?: number; readonly retryAfterMs?: number } = {},
): ServiceResponse {
  const { frame, service } = browser.context;
  const text = loginPage(frame, {
    purpose: purposeOf(target),
    form: browser.form("/login", { [target.kind === "program" ? "request" : "device"]: target.text }),
    ...known,
    name: known.name === "" && service.isDev ? service.devEmail : known.name,
  });
  return browser.page(text, {
    ...options,
    formAction: target.kind === "program" ? formActionFor(target.request) : undefined,
  });
}

/** The login page for whoever wants to approve a device. */
export function askDeviceLogin(browser: Browser, typedCode: string): ServiceResponse {
  return askPassword(browser, { kind: "device", text: typedCode }, { name: "" });
}

function purposeOf(target: LoginTarget): LoginPurpose {
  if (target.kind === "device") return { kind: "device", userCode: target.text === "" ? undefined : target.text };
  const { client, isOutOfBand, redirectUri } = target.request;
  if (isOutOfBand) return { kind: "out-of-band", client: client.name };
  return { kind: "program", client: client.name, waitsAt: hostOf(redirectUri) };
}

function formActionFor({ isOutOfBand, redirectUri }: AuthorizationRequest): string | undefined {
  return isOutOfBand ? undefined : formActionOf(redirectUri);
}

/** `POST /login`: what the login page and the page of who is logged in send. */
export async function logIn(browser: Browser): Promise<ServiceResponse> {
  const fields = readForm(browser.request);
  browser.requireOwnForm(fields);
  const target = readTarget(browser, fields);
  if ("status" in target) return target;
  switch (fields.get("action")) {
    case "continue":
      return goOn(browser, target);
    case "switch":
      browser.service.sessions.end(browser.value);
      return askPassword(browser, target, { name: "" });
    default:
      return checkPassword(browser, target, fields.get("name") ?? "", fields.get("password") ?? "");
  }
}

/** What the form was for, judged anew; or the answer to one that is not in order. */
function readTarget(browser: Browser, fields: FormFields): LoginTarget | ServiceResponse {
  const device = fields.get("device");
  const text = fields.get("request");
  if (text === undefined) return { kind: "device", text: device ?? "" };
  const outcome = browser.service.readAuthorization(parseFields(text));
  return outcome.kind === "request"
    ? { kind: "program", text, request: outcome.request }
    : refuseAuthorization(browser, outcome);
}

async function goOn(browser: Browser, target: LoginTarget): Promise<ServiceResponse> {
  const session = await browser.session();
  if (target.kind === "device") return respondRedirect(devicePath(browser, target.text));
  if (session === undefined || !browser.service.isFreshEnough(target.request, session))
    return askPassword(browser, target, { name: target.request.loginHint ?? "" });
  return sendCode(browser, target.request, session, browser.value);
}

async function checkPassword(
  browser: Browser,
  target: LoginTarget,
  name: string,
  password: string,
): Promise<ServiceResponse> {
  const { service, context } = browser;
  const outcome = await service.logIn(name, password, browser.address);
  if (outcome.kind !== "user") return askAgain(browser, target, name, outcome);
  // A new value, whoever knew the one before.
  const value = service.sessions.begin(outcome.user, browser.value, service.nowMs);
  const setCookie = context.cookie.write(value);
  if (target.kind === "device") return respondRedirect(devicePath(browser, target.text), setCookie);
  const session = service.sessions.find(value, service.nowMs);
  if (session === undefined) throw new Error("expected the session that was just begun, got none");
  return sendCode(browser, target.request, session, value, setCookie);
}

function askAgain(
  browser: Browser,
  target: LoginTarget,
  name: string,
  outcome: Exclude<LoginOutcome, { readonly kind: "user" }>,
): ServiceResponse {
  switch (outcome.kind) {
    case "wrong":
      return askPassword(browser, target, { name, problem: wrongText(browser.service.isDev) }, { status: 403 });
    case "limited": {
      const problem = `Too many attempts. Wait ${waitText(outcome.waitMs)}, then try again.`;
      return askPassword(browser, target, { name, problem }, { status: 429, retryAfterMs: outcome.waitMs });
    }
    case "unavailable": {
      const problem =
        "Passwords cannot be checked right now. Try again in a minute; if it stays so, tell who runs this instance.";
      return askPassword(browser, target, { name, problem }, { status: 503, retryAfterMs: 5000 });
    }
  }
}

/** The same words for a name that nobody has. */
function wrongText(isDev: boolean): string {
  return isDev
    ? "That is no e-mail address that a certificate can carry. Try one such as dev@example.com."
    : "Name and password do not belong together. Look at both, and try again.";
}

function sendCode(
  browser: Browser,
  request: AuthorizationRequest,
  session: LoginSession,
  value: string,
  setCookie?: string,
): ServiceResponse {
  const code = browser.service.grantCode(request, session, value);
  if (request.isOutOfBand) return respondRedirect(browser.path("/callback"), setCookie);
  return respondRedirect(
    addressWithAnswer(request.redirectUri, { code, ...answerFields(browser, request.state) }),
    setCookie,
  );
}

/** RFC 9207 §2: "iss", "in the authorization response", error responses too, so that clients of several issuers mix up none. */
function answerFields(browser: Browser, state: string | undefined): Readonly<Record<string, string>> {
  return { ...(state !== undefined && { state }), iss: browser.service.issuer };
}

function refuseRequest(browser: Browser, request: AuthorizationRequest, refusal: Refusal): ServiceResponse {
  const { redirectUri, state } = request;
  return request.isOutOfBand
    ? refuseAuthorization(browser, { kind: "page", refusal })
    : refuseAuthorization(browser, { kind: "redirect", redirectUri, state, refusal });
}

function refuseAuthorization(
  browser: Browser,
  outcome:
    | { readonly kind: "page"; readonly refusal: Refusal }
    | {
        readonly kind: "redirect";
        readonly redirectUri: string;
        readonly state: string | undefined;
        readonly refusal: Refusal;
      },
): ServiceResponse {
  const { error, description } = outcome.refusal;
  if (outcome.kind === "page")
    return browser.problem("The program asked for something impossible", [
      `Its request was refused: ${description} (${error}).`,
      "Nothing happened. Close this window, and tell who made or set up the program.",
    ]);
  const answer = { error, error_description: description, ...answerFields(browser, outcome.state) };
  return respondRedirect(addressWithAnswer(outcome.redirectUri, answer));
}

function devicePath(browser: Browser, typedCode: string): string {
  const query = typedCode === "" ? "" : `?${new URLSearchParams({ user_code: typedCode }).toString()}`;
  return `${browser.path("/device")}${query}`;
}

/** `GET /callback`: the code of a login whose program cannot be reached, shown to who logged in and to nobody else. */
export async function showCode(browser: Browser): Promise<ServiceResponse> {
  const shown = (await browser.session())?.shownCode;
  const { nowMs } = browser.service;
  if (shown === undefined || nowMs >= shown.expiresMs)
    return browser.problem("There is no code here", [
      "A code is shown for five minutes after a login, in the browser of that login.",
      "Go back to the program, and begin again.",
    ]);
  const minutes = Math.max(1, Math.round((shown.expiresMs - nowMs) / 60_000));
  return browser.page(outOfBandPage(browser.context.frame, { code: shown.code, minutes }));
}

/** `GET /`: who is logged in. */
export async function showAccount(browser: Browser): Promise<ServiceResponse> {
  const session = await browser.session();
  const { frame } = browser.context;
  if (session === undefined)
    return browser.page(
      messagePage(frame, {
        title: "Nobody is signed in",
        paragraphs: ["Signing in begins in a program: sign a file with it, and it opens the page here that you need."],
      }),
    );
  const { email } = session.user;
  return browser.page(
    accountPage(frame, { email, signOut: browser.form("/logout"), deviceAddress: browser.path("/device") }),
  );
}

/** `POST /logout`. */
export async function logOut(browser: Browser): Promise<ServiceResponse> {
  browser.requireOwnForm(readForm(browser.request));
  browser.service.sessions.end(browser.value);
  return respondRedirect(browser.path("/"), browser.context.cookie.remove());
}
