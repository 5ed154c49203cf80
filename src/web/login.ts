/**
 * The pages on which people log in: pure functions from values to HTML.
 *
 * Everything works without scripts, by keyboard alone and on a phone. Each page says who asks and what will be visible of the person.
 * Leaves out: who may see which (services/oidc).
 */
import { form, type PageForm, type PageFrame, page, problemNote } from "./login-page.ts";
import { html, type Markup, type MarkupValue } from "./markup.ts";

/** Who asks, and how the answer gets there. */
export type LoginPurpose =
  | { readonly kind: "program"; readonly client: string; readonly waitsAt: string }
  | { readonly kind: "out-of-band"; readonly client: string }
  | { readonly kind: "device"; readonly userCode: string | undefined };

/** A login page. */
export interface LoginPageValues {
  readonly purpose: LoginPurpose;
  readonly form: PageForm;
  /** What is known of the name already. */
  readonly name: string;
  readonly problem?: string;
}

/** Asks for name and password; in development mode for an e-mail address alone. */
export function loginPage(frame: PageFrame, values: LoginPageValues): string {
  const fields = frame.isDev ? emailField(values) : passwordFields(values);
  return page(
    frame,
    "Sign in",
    html`<h1>Sign in</h1>
${purposeText(values.purpose)}
${problemNote(values.problem)}
${form(values.form, html`${fields}<button type="submit" name="action" value="login">Sign in</button>`)}
${VISIBLE}`,
  );
}

const VISIBLE = html`<p class="quiet after">Signatures name your e-mail address. It stays in this instance’s log for good, seen by all who can read the log.</p>`;

function purposeText(purpose: LoginPurpose): Markup {
  switch (purpose.kind) {
    case "program":
      return html`<p>${purpose.client} wants to know who you are, so that it can sign files in your name. It waits at
<strong>${purpose.waitsAt}</strong>.</p>`;
    case "out-of-band":
      return html`<p>${purpose.client} wants to know who you are, so that it can sign files in your name. You will get a code to copy into it.</p>`;
    case "device":
      return purpose.userCode === undefined
        ? html`<p>Sign in first; then type the code that the other device shows.</p>`
        : html`<p>Sign in first; then look whether the other device shows <strong class="whole">${purpose.userCode}</strong>.</p>`;
  }
}

/** The field that a person fills in next has the focus. */
function passwordFields({ name, problem }: LoginPageValues): Markup {
  const invalid = problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`;
  const isNamed = name !== "";
  return html`<div class="field"><label for="name">Name or e-mail address</label>
<input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required${invalid}${!isNamed && AUTOFOCUS}></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${invalid}${isNamed && AUTOFOCUS}></div>
`;
}

const AUTOFOCUS = html` autofocus`;

function emailField({ name, problem }: LoginPageValues): Markup {
  const invalid = problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`;
  return html`<div class="field"><label for="name">E-mail address</label>
<input id="name" name="name" type="email" value="${name}" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" required${invalid} autofocus></div>
`;
}

/** Asks whether who is logged in already goes on. */
export function continuePage(
  frame: PageFrame,
  values: { readonly purpose: LoginPurpose; readonly form: PageForm; readonly email: string },
): string {
  const buttons = html`<button type="submit" name="action" value="continue" autofocus>Continue as ${values.email}</button>
<button type="submit" name="action" value="switch" class="second">Use another account</button>`;
  return page(
    frame,
    "Sign in",
    html`<h1>Sign in</h1>
${purposeText(values.purpose)}
${form(values.form, buttons)}
${VISIBLE}`,
  );
}

/** Asks for the code that a device shows. */
export function deviceCodePage(
  frame: PageFrame,
  values: { readonly form: PageForm; readonly email: string; readonly typed: string; readonly problem?: string },
): string {
  const invalid = values.problem !== undefined && html` aria-invalid="true"`;
  const describedBy = values.problem === undefined ? "hint" : "problem hint";
  const field = html`<div class="field"><label for="user_code">Code on the device</label>
<input id="user_code" name="user_code" class="typed" value="${values.typed}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="16" required aria-describedby="${describedBy}"${invalid} autofocus>
<span class="hint" id="hint">Eight letters, such as BCDF-GHJK. Capitals and the dash do not matter.</span></div>
<button type="submit">Next</button>`;
  return page(
    frame,
    "Sign in on another device",
    html`<h1>Sign in on another device</h1>
<p>You are <strong>${values.email}</strong>.</p>
${problemNote(values.problem)}
${form(values.form, field)}`,
  );
}

/** What is known of a device that waits. */
export interface WaitingDevice {
  readonly userCode: string;
  readonly client: string;
  /** How long ago it began, in words. */
  readonly started: string;
  /** Where it asked from; empty where nobody knows. */
  readonly address: string;
}

/** Asks whether the person began what is about to be allowed (RFC 8628 §5.4: "remote phishing"). */
export function deviceConfirmPage(
  frame: PageFrame,
  values: { readonly form: PageForm; readonly email: string; readonly device: WaitingDevice },
): string {
  const { userCode, client, started, address } = values.device;
  const buttons = html`<button type="submit" name="decision" value="agree">Yes, sign in there</button>
<button type="submit" name="decision" value="refuse" class="second">No, I did not start this</button>`;
  return page(
    frame,
    "Did you start this?",
    html`<h1>Did you start this?</h1>
<p>You are signing in on another device. It must show this code:</p>
<p class="code">${userCode}</p>
<dl>${fact("Program", client)}${fact("Began", started)}${address !== "" && fact("From", address)}${fact("As", values.email)}</dl>
<p>If somebody sent you this code or this page, say no: they would sign files in your name.</p>
${form(values.form, buttons)}`,
  );
}

function fact(name: string, value: string): MarkupValue {
  return html`<dt>${name}</dt><dd>${value}</dd>`;
}

/** Shows a code to be carried over to a program. */
export function outOfBandPage(frame: PageFrame, values: { readonly code: string; readonly minutes: number }): string {
  return page(
    frame,
    "Copy this code",
    html`<h1>Copy this code</h1>
<p>Copy it, go back to the program, and paste it there.</p>
<div class="field"><label for="code">Code</label>
<textarea id="code" class="copied" rows="2" readonly autofocus autocomplete="off" spellcheck="false" aria-describedby="keys">${values.code}</textarea></div>
<p class="quiet" id="keys"><kbd>Ctrl</kbd> <kbd>A</kbd> takes all of it, <kbd>Ctrl</kbd> <kbd>C</kbd> copies it; on a Mac with <kbd>⌘</kbd>, on a phone hold it. It is good once, for ${values.minutes} minutes, and only in the program that asked.</p>`,
  );
}

/** Says something and asks nothing: that it is done, or what is wrong and what to do. */
export function messagePage(
  frame: PageFrame,
  values: { readonly title: string; readonly paragraphs: readonly string[]; readonly isProblem?: boolean },
): string {
  const paragraphs = values.paragraphs.map((text) => html`<p>${text}</p>\n`);
  const content = html`<h1>${values.title}</h1>
${paragraphs}`;
  return page(frame, values.title, values.isProblem === true ? html`<div role="alert">${content}</div>` : content);
}

/** Who is logged in here; lets them log out. */
export function accountPage(
  frame: PageFrame,
  values: { readonly email: string; readonly signOut: PageForm; readonly deviceAddress: string },
): string {
  return page(
    frame,
    "You are signed in",
    html`<h1>You are signed in</h1>
<p>This browser is signed in as <strong>${values.email}</strong>.</p>
<p><a href="${values.deviceAddress}">Sign in on another device</a></p>
${form(values.signOut, html`<button type="submit" class="second">Sign out</button>`)}`,
  );
}
