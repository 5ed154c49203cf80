/**
 * The page of one log entry: what was signed, by whom, when, and what of it holds. Everything in it but the checks is hostile.
 */
import { momentText } from "../encoding/time.ts";
import { html, type Markup, type MarkupValue } from "./markup.ts";
import { facts, type SiteFrame, sitePage, visible } from "./site-page.ts";

/** Who signed. */
export type EntrySigner =
  | {
      readonly kind: "certificate";
      /** False: anybody can write such a certificate, and send it to the log. */
      readonly isCertified: boolean;
      readonly subject: string;
      readonly issuer: string;
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
      /** Further claims of the certificate by name, such as the repository of a build. */
      readonly claims: readonly (readonly [string, string])[];
    }
  | { readonly kind: "key"; readonly algorithm: string; readonly fingerprintHex: string };

/** One thing that was checked, in words. */
export interface EntryCheck {
  readonly name: string;
  readonly isGood: boolean;
  readonly words: string;
}

/** What the page says. */
export interface EntryPage {
  readonly index: bigint;
  readonly origin: string;
  readonly treeSize: bigint;
  /** True for a log of before, which takes no entries any more. */
  readonly isFrozen?: boolean;
  readonly kind: string;
  /** Of the artifact, or of the signed envelope; undefined for entries that we cannot read. */
  readonly digest: { readonly algorithm: string; readonly hex: string } | undefined;
  readonly signer: EntrySigner | undefined;
  /** True for the instance's own first entry, of its trusted root. */
  readonly isBeginning: boolean;
  readonly checks: readonly EntryCheck[];
}

/** The page as text. */
export function entryPage(frame: SiteFrame, model: EntryPage): string {
  const { index, origin, signer, checks } = model;
  const isGood = checks.every((check) => check.isGood);
  return sitePage(
    frame,
    `Entry ${index}`,
    html`<section>
<p class="quiet">Entry ${String(index)} of the log ${origin}${model.isFrozen === true && ", which is frozen: the instance was restored from a backup, and goes on in another"}</p>
<h1>${model.isBeginning ? "The log begins with the trusted root of its instance" : headline(signer)}</h1>
<p>${isGood ? html`<span class="good">✓ Everything that can be checked here holds.</span>` : html`<span class="bad">✗ Something does not hold: see below.</span>`}</p>
${facts([...signerFacts(signer), ...contentFacts(model)])}
</section>
<section>
<h2>What was checked</h2>
<ul class="checks">
${checks.map(checkItem)}</ul>
</section>
${byHand(model)}
<section>${neighbours(model)}</section>`,
  );
}

/** The page for an index that the log does not have. */
export function noEntryPage(frame: SiteFrame, treeSize: bigint): string {
  const range = treeSize === 0n ? "Nothing was signed yet." : `It has the entries 0 to ${treeSize - 1n}.`;
  return sitePage(
    frame,
    "No such entry",
    html`<section>
<h1>The log has no such entry</h1>
<p>${range}</p>
<p><a href="/">To the front page</a></p>
</section>`,
  );
}

function headline(signer: EntrySigner | undefined): string {
  if (signer === undefined) return "Somebody signed something";
  if (signer.kind === "key") return "Somebody signed with a key of their own";
  return signer.isCertified
    ? `${visible(signer.subject)} signed something`
    : "Somebody signed, by a name that was not checked here";
}

function signerFacts(signer: EntrySigner | undefined): readonly (readonly [string, MarkupValue])[] {
  if (signer === undefined) return [];
  if (signer.kind === "key")
    return [
      [
        "Key",
        html`<span class="mono">${signer.fingerprintHex}</span> <span class="quiet">SHA-256, ${signer.algorithm}</span>`,
      ],
    ];
  const { isCertified, notBeforeMs, notAfterMs, claims } = signer;
  const [subject, issuer] = [visible(signer.subject), visible(signer.issuer)];
  const known: readonly (readonly [string, MarkupValue])[] = [
    ["Who", subject],
    ["Says who", html`${issuer} <span class="quiet">where they logged in</span>`],
  ];
  const claimed: readonly (readonly [string, MarkupValue])[] = [
    ["Claims to be", html`${subject} <span class="quiet">in a certificate that this instance did not issue</span>`],
    ["Claims that", html`${issuer} <span class="quiet">knows them</span>`],
  ];
  return [
    ...(isCertified ? known : claimed),
    ...claims.map(([name, value]) => [name, visible(value)] as const),
    [
      "When",
      html`between ${momentText(notBeforeMs)} and ${momentText(notAfterMs)} <span class="quiet">while the certificate was good; the bundle has the exact time</span>`,
    ],
  ];
}

function contentFacts({
  digest,
  kind,
  isBeginning,
}: EntryPage): readonly (readonly [string, MarkupValue] | undefined)[] {
  return [
    digest && [
      "What",
      html`<span class="mono">${digest.algorithm}:${digest.hex}</span> <span class="quiet">${isBeginning ? "of trusted_root.json, as it was then" : "of a file, or of an attestation's envelope"}</span>`,
    ],
    ["Kind", visible(kind)],
  ];
}

function checkItem({ name, isGood, words }: EntryCheck): Markup {
  const mark = isGood
    ? html`<span class="good" role="img" aria-label="holds">✓</span>`
    : html`<span class="bad" role="img" aria-label="does not hold">✗</span>`;
  return html`<li>${mark}<span>${name} <span class="quiet">${visible(words)}</span></span></li>\n`;
}

/** Where an entry of the same log has its page. */
function entryAddress({ origin, isFrozen }: EntryPage, index: bigint, query = ""): string {
  const parts = [isFrozen === true ? `log=${encodeURIComponent(origin)}` : "", query].filter((part) => part !== "");
  return `/entry/${index}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
}

function byHand(model: EntryPage): Markup {
  const { digest, index } = model;
  const tool = digest === undefined || digest.algorithm === "sha256" ? "sha256sum" : `${digest.algorithm}sum`;
  return html`<section>
<h2>Check it yourself</h2>
<p>This page is the instance's word about itself. With the file and the bundle beside it, your own machine can tell:</p>
<pre>sigstore verify FILE
${tool} FILE</pre>
<p><a href="${entryAddress(model, index, "format=json")}">The entry with its proof, as JSON</a></p>
</section>`;
}

function neighbours(model: EntryPage): Markup {
  const { index, treeSize } = model;
  return html`<nav aria-label="Other entries">
${index > 0n && html`<a href="${entryAddress(model, index - 1n)}">← Entry ${String(index - 1n)}</a>`}
${index + 1n < treeSize && html`<a href="${entryAddress(model, index + 1n)}">Entry ${String(index + 1n)} →</a>`}
<a href="/">Front page</a>
</nav>`;
}
