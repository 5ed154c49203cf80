/**
 * A browser for tests and demonstrations: cookies, redirects and forms, and no scripts. It does what a person does on the login pages, by
 * the same requests.
 *
 * Cookies are kept by host; forms are read with the markup of our own pages in mind. Leaves out: everything else that a browser is.
 */

/** One answer, as far as pages go. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Sends one request and follows nothing. */
export type Send = (request: {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<Answer>;

/** A form of a page, and what it would send untouched. */
export interface ShownForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Values of its buttons that have a name: `action=login`. */
  readonly buttons: readonly string[];
}

/** Where the browser is. */
export interface ShownPage extends Answer {
  readonly url: string;
  readonly forms: readonly ShownForm[];
}

const MOST_REDIRECTS = 10;

/** A browser with its own cookies. */
export class ScriptedBrowser {
  readonly #send: Send;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(send: Send = sendOverHttp) {
    this.#send = send;
  }

  /** Opens an address, and goes where it is sent; `isFollowed` says where it stops. */
  async open(url: string, isFollowed: (location: string) => boolean = () => true): Promise<ShownPage> {
    return this.#go("GET", url, "", isFollowed);
  }

  /** Sends a form of `page` with these values in it. */
  async submit(
    page: ShownPage,
    values: Readonly<Record<string, string>>,
    isFollowed: (location: string) => boolean = () => true,
  ): Promise<ShownPage> {
    const [form] = page.forms;
    if (form === undefined) throw new Error(`expected a page with a form at ${page.url}, got ${page.status}`);
    const body = new URLSearchParams({ ...form.fields, ...values }).toString();
    return this.#go("POST", new URL(form.action, page.url).href, body, isFollowed);
  }

  /** The cookies that this browser has for an address, as it would send them. */
  cookiesFor(url: string): string {
    return [...this.#jar(url)].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Puts a cookie in, as an attacker may. */
  plant(url: string, name: string, value: string): void {
    this.#jar(url).set(name, value);
  }

  async #go(
    firstMethod: "GET" | "POST",
    firstUrl: string,
    firstBody: string,
    isFollowed: (location: string) => boolean,
  ): Promise<ShownPage> {
    let [method, url, body] = [firstMethod, firstUrl, firstBody];
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await this.#send({ method, url, headers: this.#headers(method, url), body });
      this.#takeCookies(url, answer.headers["set-cookie"]);
      const location = answer.headers["location"];
      if (answer.status < 300 || answer.status >= 400 || location === undefined || !isFollowed(location))
        return { ...answer, url, forms: formsOf(answer.text) };
      [method, url, body] = ["GET", new URL(location, url).href, ""];
    }
    throw new Error(`expected at most ${MOST_REDIRECTS} redirects, got more`);
  }

  #headers(method: string, url: string): Readonly<Record<string, string>> {
    const cookie = this.cookiesFor(url);
    return {
      host: new URL(url).host,
      ...(cookie !== "" && { cookie }),
      ...(method === "POST" && {
        origin: new URL(url).origin,
        "content-type": "application/x-www-form-urlencoded",
      }),
    };
  }

  #jar(url: string): Map<string, string> {
    const { hostname } = new URL(url);
    const jar = this.#cookies.get(hostname) ?? new Map<string, string>();
    this.#cookies.set(hostname, jar);
    return jar;
  }

  #takeCookies(url: string, header: string | undefined): void {
    if (header === undefined) return;
    const [pair = ""] = header.split(";");
    const equals = pair.indexOf("=");
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (/;\s*max-age=0/i.test(header)) this.#jar(url).delete(name);
    else this.#jar(url).set(name, value);
  }
}

/** Requests over the network. */
async function sendOverHttp({ method, url, headers, body }: Parameters<Send>[0]): Promise<Answer> {
  const { host, ...sent } = headers;
  if (host !== new URL(url).host) throw new Error("expected the host of the address");
  const response = await fetch(url, {
    method,
    headers: sent,
    redirect: "manual",
    ...(method === "POST" && { body }),
  });
  const cookies = response.headers.getSetCookie();
  const answered = Object.fromEntries(response.headers);
  return {
    status: response.status,
    headers: { ...answered, ...(cookies[0] !== undefined && { "set-cookie": cookies[0] }) },
    text: await response.text(),
  };
}

function formsOf(text: string): readonly ShownForm[] {
  return [...text.matchAll(/<form method="post" action="([^"]*)">([\s\S]*?)<\/form>/g)].map(([, action, content]) => {
    const inputs = tagsOf(content ?? "", "input").filter(({ name }) => name !== undefined);
    return {
      action: unescapeText(action ?? ""),
      fields: Object.fromEntries(inputs.map(({ name = "", value = "" }) => [name, value])),
      buttons: tagsOf(content ?? "", "button").map(({ name = "", value = "" }) => `${name}=${value}`),
    };
  });
}

/** The attributes of each tag of this name. */
function tagsOf(text: string, name: string): readonly Readonly<Record<string, string | undefined>>[] {
  return [...text.matchAll(new RegExp(`<${name}\\b([^>]*)>`, "g"))].map(([, attributes]) =>
    Object.fromEntries(
      [...(attributes ?? "").matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
        key,
        unescapeText(value),
      ]),
    ),
  );
}

/** Text of our pages without their escapes. */
function unescapeText(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** Logs in at a login page's address, as a person would, and ends where that leads; who is logged in already goes on. */
export async function logInAt(
  browser: ScriptedBrowser,
  address: string,
  person: { readonly name: string; readonly password?: string },
): Promise<ShownPage> {
  const page = await browser.open(address);
  if (page.forms[0]?.buttons.includes("action=continue") === true) return browser.submit(page, { action: "continue" });
  return browser.submit(page, {
    action: "login",
    name: person.name,
    ...(person.password !== undefined && { password: person.password }),
  });
}

/** Approves the login of a device: opens its address with the code, logs in where that is asked, and says yes. */
export async function approveDevice(
  browser: ScriptedBrowser,
  addressWithCode: string,
  person: { readonly name: string; readonly password?: string },
): Promise<ShownPage> {
  const page = await browser.open(addressWithCode);
  const isLogin = page.forms[0]?.buttons.includes("action=login") === true;
  const confirm = isLogin ? await browser.submit(page, { action: "login", ...person }) : page;
  return browser.submit(confirm, { decision: "agree" });
}
