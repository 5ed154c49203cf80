/**
 * HTML text from values, escaped wherever they stand (WHATWG HTML §13.1; OWASP, Cross Site Scripting Prevention).
 *
 * A value is text unless it is `Markup`, which only the template below makes: a hostile name cannot become a tag. Values stand in text
 * and in quoted attributes alone. Leaves out: addresses in attributes, whose scheme is their author's to check.
 */

/** HTML that is what it is. */
export class Markup {
  readonly text: string;

  /** Use the template `html`: this does not escape. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text and numbers are escaped, `false` and undefined are nothing, lists follow each other. */
export type MarkupValue = Markup | string | number | false | undefined | readonly MarkupValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` as it can stand in text and in quoted attributes; what cannot be in HTML at all becomes U+FFFD. */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\u{fffd}")
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The tag of a template of HTML. */
export function html(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(parts.map((part, at) => part + (at < values.length ? rendered(values[at]) : "")).join(""));
}

function rendered(value: MarkupValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  return value.map(rendered).join("");
}
