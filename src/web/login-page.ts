/**
 * What all login pages have in common: the frame with the instance's name, and the warning of development mode on every one.
 *
 * No script, no picture from elsewhere, nothing that a strict Content-Security-Policy would have to allow but the style.
 */
import { LOGIN_STYLE } from "./login-style.ts";
import { html, Markup, type MarkupValue } from "./markup.ts";

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
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – ${instance}</title>
<style>${new Markup(LOGIN_STYLE)}</style>
</head>
<body>
<header>${SEAL}<span>Identity of <strong>${instance}</strong></span></header>
${isDev && DEVELOPMENT}
<main>
${content}
</main>
</body>
</html>
`.text;
}

const SEAL = html`<svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="M12 3l7 3v5c0 4.6-2.9 8.2-7 10-4.1-1.8-7-5.4-7-10V6z"/><path d="M8.8 11.8l2.3 2.3 4.2-4.4"/></svg>`;

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
