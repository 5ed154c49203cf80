/**
 * One request of a browser: its cookie, who is logged in, and the pages that it gets.
 *
 * Leaves out: what the pages are for (login-pages.ts, device-pages.ts).
 */
import type { PageForm, PageFrame } from "../../web/login-page.ts";
import { messagePage } from "../../web/login.ts";
import type { ServiceRequest, ServiceResponse } from "../http/message.ts";
import type { LoginCookie } from "./cookie.ts";
import type { FormFields } from "./form.ts";
import { type PageOptions, respondPage } from "./page-response.ts";
import { refuse } from "./refusal.ts";
import type { OidcService } from "./service.ts";
import type { LoginSession } from "./sessions.ts";

/** What is the same for all requests. */
export interface BrowserContext {
  readonly service: OidcService;
  readonly cookie: LoginCookie;
  readonly frame: PageFrame;
  /** The path of the issuer, before which forms and redirects within it stand: `/auth`. */
  readonly basePath: string;
}

/** A browser that asks for something. */
export class Browser {
  readonly context: BrowserContext;
  readonly request: ServiceRequest;
  /** Its cookie: what it sent, or what it is about to get. */
  readonly value: string;
  readonly #isNew: boolean;

  constructor(context: BrowserContext, request: ServiceRequest) {
    this.context = context;
    this.request = request;
    const sent = context.cookie.read(request.headers["cookie"]);
    this.value = sent ?? context.service.sessions.newBrowser();
    this.#isNew = sent === undefined;
  }

  get service(): OidcService {
    return this.context.service;
  }

  /** Where the request comes from; empty where that is not known. */
  get address(): string {
    return this.request.remoteAddress;
  }

  /** Who is logged in in it. */
  async session(): Promise<LoginSession | undefined> {
    return this.service.currentSession(this.value);
  }

  /** A form of ours that posts to a path below the issuer. */
  form(path: string, fields: Readonly<Record<string, string>> = {}): PageForm {
    return { action: this.path(path), formToken: this.service.sessions.formToken(this.value), fields };
  }

  /** A path below the issuer as browsers are to ask for it. */
  path(path: string): string {
    return `${this.context.basePath}${path}`;
  }

  /** RFC 9700 §4.7.1: forms count only with the token that belongs to this browser. @throws SigstoreError `login-refused` */
  requireOwnForm(fields: FormFields): void {
    const token = fields.get("form_token") ?? "";
    if (!this.#isNew && this.service.sessions.isFormToken(token, this.value)) return;
    throw refuse("invalid_request", "this page was open for too long, or cookies are turned off: begin again");
  }

  /** A page, and with it the cookie of a browser that had none. */
  page(text: string, options: PageOptions = {}): ServiceResponse {
    const setCookie = this.#isNew ? this.context.cookie.write(this.value) : undefined;
    return respondPage(text, { setCookie, ...options });
  }

  /** A page that says what is wrong. */
  problem(title: string, paragraphs: readonly string[], options: PageOptions = {}): ServiceResponse {
    return respondPage(messagePage(this.context.frame, { title, paragraphs, isProblem: true }), {
      status: 400,
      ...options,
    });
  }
}
