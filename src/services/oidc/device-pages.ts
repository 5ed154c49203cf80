/**
 * Approving a device in a browser (RFC 8628 §3.3): log in, type the code or come with it, look whether it is one's own, agree or refuse.
 */
import { deviceCodePage, deviceConfirmPage, messagePage } from "../../web/login.ts";
import type { ServiceResponse } from "../http/message.ts";
import { waitText } from "./attempts.ts";
import type { Browser } from "./browser.ts";
import type { DeviceLogin } from "./device-codes.ts";
import { parseFields, readForm } from "./form.ts";
import { askDeviceLogin } from "./login-pages.ts";
import type { LoginSession } from "./sessions.ts";

const MOST_TYPED = 32;

/** `GET /device`, with the code in the query where the person followed a link. */
export async function deviceEntry(browser: Browser): Promise<ServiceResponse> {
  const typed = (parseFields(browser.request.query).get("user_code") ?? "").slice(0, MOST_TYPED);
  const session = await browser.session();
  if (session === undefined) return askDeviceLogin(browser, typed);
  return typed === "" ? askCode(browser, session, "") : confirm(browser, session, typed);
}

/** `POST /device`: the code, typed. */
export async function deviceCode(browser: Browser): Promise<ServiceResponse> {
  const fields = readForm(browser.request);
  browser.requireOwnForm(fields);
  const typed = (fields.get("user_code") ?? "").slice(0, MOST_TYPED);
  const session = await browser.session();
  return session === undefined ? askDeviceLogin(browser, typed) : confirm(browser, session, typed);
}

function askCode(
  browser: Browser,
  { user }: LoginSession,
  typed: string,
  problem?: { readonly text: string; readonly status: number; readonly retryAfterMs?: number },
): ServiceResponse {
  const form = browser.form("/device");
  const values = { form, email: user.email, typed, ...(problem !== undefined && { problem: problem.text }) };
  return browser.page(deviceCodePage(browser.context.frame, values), problem);
}

/** RFC 8628 §3.3.1: with the code in the link the server "SHOULD display the user_code" and have the person compare it. */
function confirm(browser: Browser, session: LoginSession, typed: string): ServiceResponse {
  const device = findDevice(browser, session, typed);
  if ("status" in device) return device;
  const form = browser.form("/device/confirm", { user_code: device.userCode });
  const waiting = waitingDevice(device, browser.service.nowMs);
  return browser.page(deviceConfirmPage(browser.context.frame, { form, email: session.user.email, device: waiting }));
}

/** The device that waits with this code; or the page for one that does not, or for too many guesses. */
function findDevice(browser: Browser, session: LoginSession, typed: string): DeviceLogin | ServiceResponse {
  const outcome = browser.service.findDevice(typed, session, browser.address);
  switch (outcome.kind) {
    case "device":
      return outcome.device;
    case "wrong":
      return askCode(browser, session, typed, {
        text: "No device waits with this code. Look at the device: codes end after ten minutes.",
        status: 404,
      });
    case "limited": {
      const text = `Too many wrong codes. Wait ${waitText(outcome.waitMs)}, then try again.`;
      return askCode(browser, session, typed, { text, status: 429, retryAfterMs: outcome.waitMs });
    }
  }
}

function waitingDevice(
  { userCode, client, startedMs, address }: DeviceLogin,
  nowMs: number,
): {
  readonly userCode: string;
  readonly client: string;
  readonly started: string;
  readonly address: string;
} {
  const agoMs = Math.max(1000, nowMs - startedMs);
  return { userCode, client: client.name, started: `${waitText(agoMs)} ago`, address };
}

/** `POST /device/confirm`: the person's decision. */
export async function deviceDecision(browser: Browser): Promise<ServiceResponse> {
  const fields = readForm(browser.request);
  browser.requireOwnForm(fields);
  const session = await browser.session();
  const userCode = fields.get("user_code") ?? "";
  if (session === undefined) return askDeviceLogin(browser, userCode);
  // Who sends decisions instead of codes guesses too.
  const device = findDevice(browser, session, userCode);
  if ("status" in device) return device;
  const isAgreed = fields.get("decision") === "agree";
  browser.service.decideDevice(device.userCode, isAgreed, session, browser.address);
  return browser.page(messagePage(browser.context.frame, isAgreed ? AGREED : REFUSED));
}

const AGREED = {
  title: "You are signed in",
  paragraphs: ["The other device goes on by itself in a few seconds. You can close this window."],
};

const REFUSED = {
  title: "The device was refused",
  paragraphs: [
    "Nobody signed in with your name. If somebody sent you the code, tell who runs this instance.",
    "You can close this window.",
  ],
};
