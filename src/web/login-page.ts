/**
 * What all login pages have in common: the frame with the instance's name, and the warning of development mode on every one.
 *
 * No script, no picture from elsewhere, nothing that a strict Content-Security-Policy would have to allow but the style.
 */
import { LOGIN_STYLE } from "./login-style.ts";
import { html, type Markup, type MarkupValue } from "./markup.ts";
import { framedPage } from "./page-frame.ts";

/** Which instance a page is of. */
export interface PageFrame {
  /** Its host, as people know it. */
  readonly instance: string;
  readonly isDev: boolean;
}

/** A form of ours. `fields` are hidden; `formToken` tells that it is ours. */
export interface PageForm {
  readonly action: string;
  readonly formToken: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** A whole page as text. */
export function page({ instance, isDev }: PageFrame, title: string, content: Markup): string {
  return framedPage({
    title: `${title} – ${instance}`,
    style: LOGIN_STYLE,
    isUnlisted: true,
    header: html`Identity of <strong>${instance}</strong>`,
    notice: isDev && DEVELOPMENT,
    content,
  });
}

const DEVELOPMENT = html`<aside class="note dev" aria-label="Development mode"><strong>Development mode.</strong>
Anyone on this computer can sign in as anyone, without a password.</aside>`;

/** A form with its hidden fields. */
export function form({ action, formToken, fields = {} }: PageForm, content: MarkupValue): Markup {
  const hidden = Object.entries({ form_token: formToken, ...fields }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  return html`<form method="post" action="${action}">
${hidden}${content}
</form>`;
}

/** What went wrong, read out at once. */
export function problemNote(problem: string | undefined): MarkupValue {
  return problem !== undefined && html`<p class="note problem" role="alert" id="problem">${problem}</p>`;
}
