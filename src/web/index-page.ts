/**
 * The front page of an instance: how it is, how one uses it, what was signed last.
 */
import { html, type Markup } from "./markup.ts";
import { facts, type SiteFrame, sitePage, visible } from "./site-page.ts";

/** What the page says. */
export interface IndexPage {
  readonly url: string;
  readonly fingerprintHex: string;
  readonly services: readonly { readonly name: string; readonly isWell: boolean; readonly note: string }[];
  /** The last entries of the log, newest first. */
  readonly entries: readonly { readonly index: bigint; readonly who: string }[];
  /** Origins of logs of before, which are read and take no entries. */
  readonly frozenLogs?: readonly string[];
  readonly trustFiles: readonly string[];
}

/** The page as text. */
export function indexPage(frame: SiteFrame, model: IndexPage): string {
  const isWell = model.services.every((service) => service.isWell);
  return sitePage(
    frame,
    "Sigstore",
    html`<section>
<h1>${isWell ? "All is well" : "Something is wrong"}</h1>
<p class="quiet">This is a Sigstore: it says who signed what, and keeps a record of it that nobody can change unseen.</p>
${health(model)}
</section>
${use(model)}
${latest(model)}
${addresses(model)}`,
  );
}

function health({ services }: IndexPage): Markup {
  return html`<ul class="checks">
${services.map(
  ({ name, isWell, note }) =>
    html`<li>${mark(isWell)}<span>${name}${note !== "" && html` <span class="quiet">${note}</span>`}</span></li>\n`,
)}</ul>`;
}

function use({ url, fingerprintHex }: IndexPage): Markup {
  return html`<section>
<h2>Use it</h2>
<pre>sigstore trust use ${url}
sigstore sign FILE
sigstore verify FILE</pre>
<p>Before you trust it, compare its fingerprint with the one that its owner tells you:</p>
<p class="mono">${fingerprintHex}</p>
</section>`;
}

function latest({ entries, frozenLogs = [] }: IndexPage): Markup {
  const old = frozenLogs.map(
    (origin) => html`<li><a href="/entry/0?log=${encodeURIComponent(origin)}">Entries of ${origin}</a></li>\n`,
  );
  const list = entries.map(
    ({ index, who }) =>
      html`<li><a href="/entry/${String(index)}">Entry ${String(index)}</a> <span>${visible(who)}</span></li>\n`,
  );
  return html`<section>
<h2>Signed last</h2>
${entries.length === 0 ? html`<p class="quiet">Nothing was signed yet.</p>` : html`<ul>\n${list}</ul>`}
${old.length > 0 && html`<p>Before it was restored, this instance had another log, which is frozen:</p>\n<ul>\n${old}</ul>`}
</section>`;
}

function addresses({ url, trustFiles }: IndexPage): Markup {
  const address = (path: string): Markup => html`<code>${url}${path}</code>`;
  return html`<section>
<h2>Addresses</h2>
${facts([
  ["Certificates", address("")],
  ["Log (Rekor v2)", address("")],
  ["Timestamps", address("/api/v1/timestamp")],
  ["Login (OpenID)", address("/auth")],
  ["CT log", address("/ct")],
  ["Trust files", trustFiles.map((name) => html`<a href="/trust/${name}">${name}</a> `)],
  ["Account", html`<a href="/auth/">who am I here?</a>`],
])}
</section>`;
}

/** Well or not, never by colour alone. */
function mark(isGood: boolean): Markup {
  return isGood
    ? html`<span class="good" role="img" aria-label="well">✓</span>`
    : html`<span class="bad" role="img" aria-label="ailing">✗</span>`;
}
