/**
 * The frame of an instance's own pages: its name, one column, light and dark as the reader's system is; no script, nothing from elsewhere.
 *
 * Text has a contrast of 4.5 to 1 and more (WCAG 2.2 §1.4.3); on a phone, tables of words and values become lists.
 */
import { html, type Markup, type MarkupValue } from "./markup.ts";
import { framedPage } from "./page-frame.ts";

/** The text inside `<style>`; a Content-Security-Policy allows it by its hash. */
export const SITE_STYLE = `
:root{color-scheme:light dark;--paper:#f4f5f7;--card:#fff;--ink:#1c2126;--quiet:#57606a;--soft:#dfe3e8;--accent:#2a4fc4;
--good:#1a6b34;--bad:#a3221b;--warn:#6b4700;--warnpaper:#fff4d6;--warnline:#dfb64a}
@media (prefers-color-scheme:dark){:root{--paper:#121519;--card:#1b2026;--ink:#e8eaed;--quiet:#a5adb8;--soft:#2f363e;--accent:#9db8ff;
--good:#7fd89a;--bad:#ffb0a8;--warn:#ffdf94;--warnpaper:#332a12;--warnline:#7c651f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:54rem;padding:1.5rem 1rem 3rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
header{display:flex;align-items:center;gap:.55rem;color:var(--quiet);font-size:.95rem;margin:0 .15rem 1rem}
header svg{flex:none;color:var(--accent)}
header a{color:var(--ink);font-weight:600;text-decoration:none}
header a:hover{text-decoration:underline}
h1{margin:0 0 .35rem;font-size:1.6rem;line-height:1.25;font-weight:650;letter-spacing:-.012em}
h2{margin:0 0 .8rem;font-size:1.1rem;font-weight:650}
p{margin:0 0 .8rem}
section>:last-child{margin-bottom:0}
a{color:var(--accent)}
section{background:var(--card);border:1px solid var(--soft);border-radius:.9rem;padding:1.4rem 1.5rem;margin:0 0 1rem}
.quiet{color:var(--quiet);font-size:.93rem}
.note{background:var(--warnpaper);color:var(--warn);border:1px solid var(--warnline);border-radius:.55rem;padding:.7rem .9rem;margin:0 0 1rem}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.5rem 1.25rem;margin:0}
dt{color:var(--quiet)}
dd{margin:0}
ul{list-style:none;margin:0;padding:0}
li{padding:.45rem 0;border-top:1px solid var(--soft)}
li:first-child{border-top:0;padding-top:0}
.checks li{display:grid;grid-template-columns:1.6rem 1fr;gap:.2rem}
.good{color:var(--good);font-weight:600}
.bad{color:var(--bad);font-weight:600}
code,pre,.mono{font:.875rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--paper);border:1px solid var(--soft);border-radius:.55rem;padding:.75rem .9rem;margin:0 0 .8rem;white-space:pre-wrap}
nav{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.2rem}
@media (max-width:34rem){body{padding:1rem .7rem 2rem}section{padding:1.1rem 1rem}h1{font-size:1.35rem}dl{grid-template-columns:1fr;gap:.1rem}dd{margin:0 0 .6rem}dd:last-child{margin:0}}
`;

/** Which instance a page is of. */
export interface SiteFrame {
  /** Its name. */
  readonly instance: string;
  readonly isDev: boolean;
}

/** A whole page as text. */
export function sitePage({ instance, isDev }: SiteFrame, title: string, content: Markup): string {
  return framedPage({
    title: `${title} – ${instance}`,
    style: SITE_STYLE,
    isUnlisted: false,
    header: html`Sigstore of <a href="/">${instance}</a>`,
    notice: isDev && DEVELOPMENT,
    content,
  });
}

const DEVELOPMENT = html`<aside class="note" aria-label="Development mode"><strong>Development mode.</strong> Anyone on this computer can sign in as anyone: its signatures prove nothing to others.</aside>`;

// Controls, formats (bidirectional overrides, zero width), private use, and letters that show as nothing.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;

/** Text that somebody else wrote, with everything in it that would not show, or move what shows, as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
}

/** Words and what they mean, one below the other. */
export function facts(entries: readonly (readonly [string, MarkupValue] | undefined)[]): Markup {
  return html`<dl>
${entries.filter((entry) => entry !== undefined).map(([word, value]) => html`<dt>${word}</dt><dd>${value}</dd>\n`)}</dl>`;
}
