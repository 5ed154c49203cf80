/**
 * The frame of every page: document, style and header. Styles are inline, as the pages' policies allow them by their hash; no scripts.
 */
import { html, Markup, type MarkupValue } from "./markup.ts";

/** What a page is framed with. */
export interface FramedPage {
  readonly title: string;
  /** CSS; trusted. */
  readonly style: string;
  /** A page that search engines shall leave alone. */
  readonly isUnlisted: boolean;
  /** Beside the seal. */
  readonly header: Markup;
  /** Between header and content; false for none. */
  readonly notice: MarkupValue;
  readonly content: MarkupValue;
}

/** A whole page as text. */
export function framedPage({ title, style, isUnlisted, header, notice, content }: FramedPage): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isUnlisted && UNLISTED}<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>${SEAL}<span>${header}</span></header>
${notice}
<main>
${content}
</main>
</body>
</html>
`.text;
}

const UNLISTED = html`<meta name="robots" content="noindex">\n`;

const SEAL = html`<svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="M12 3l7 3v5c0 4.6-2.9 8.2-7 10-4.1-1.8-7-5.4-7-10V6z"/><path d="M8.8 11.8l2.3 2.3 4.2-4.4"/></svg>`;
