/**
 * The words of Go's text/template: text between actions, and inside them names, fields, literals and signs.
 */
import { SigstoreError } from "../../../errors.ts";

/** One word. A field is without its dot (empty: the dot alone), a literal without its quotes. */
export interface TemplateToken {
  readonly kind: "text" | "name" | "field" | "literal" | "sign";
  readonly text: string;
}

/** An action with its trim markers: `{{- … -}}`; a literal may hold the closing braces. */
const ACTION = /\{\{(- )?((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?)( -)?\}\}/y;
const COMMENT = /^\s*\/\*[^]*\*\/\s*$/;
const WORD = /\s*(?:([a-zA-Z_]\w*)|\.([a-zA-Z_]\w*)?(?![\w.])|("(?:[^"\\\n]|\\.)*")|`([^`]*)`|([()|]))/y;

/** The words of a template. @throws SigstoreError `config-invalid` */
export function lexTemplate(source: string): TemplateToken[] {
  const tokens: TemplateToken[] = [];
  let at = 0;
  let trimsNext = false;
  for (;;) {
    const open = source.indexOf("{{", at);
    let text = source.slice(at, open < 0 ? undefined : open);
    if (trimsNext) text = text.trimStart();
    if (open < 0) {
      pushText(tokens, text);
      return tokens;
    }
    ACTION.lastIndex = open;
    const match = ACTION.exec(source);
    if (match === null) throw invalid("}} behind every {{", source.slice(open));
    const [whole, trimsBefore, action = "", trimsAfter] = match;
    pushText(tokens, trimsBefore === undefined ? text : text.trimEnd());
    if (!COMMENT.test(action)) pushAction(tokens, action);
    trimsNext = trimsAfter !== undefined;
    at = open + whole.length;
  }
}

function pushText(tokens: TemplateToken[], text: string): void {
  if (text !== "") tokens.push({ kind: "text", text });
}

function pushAction(tokens: TemplateToken[], action: string): void {
  tokens.push({ kind: "sign", text: "{{" });
  const end = action.trimEnd().length;
  let at = 0;
  while (at < end) {
    WORD.lastIndex = at;
    const match = WORD.exec(action);
    if (match === null) throw invalid("names, fields, texts and parentheses in an action", action.slice(at));
    tokens.push(tokenOf(match));
    at = WORD.lastIndex;
  }
  tokens.push({ kind: "sign", text: "}}" });
}

function tokenOf([, name, field, quoted, raw, sign]: RegExpExecArray): TemplateToken {
  if (name !== undefined) return { kind: "name", text: name };
  if (quoted !== undefined) return { kind: "literal", text: unquoted(quoted) };
  if (raw !== undefined) return { kind: "literal", text: raw };
  return sign === undefined ? { kind: "field", text: field ?? "" } : { kind: "sign", text: sign };
}

/** Go's quoted texts, as far as they are JSON's. */
function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid("a quoted text", quoted);
  }
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError(
    "config-invalid",
    `expected a template with ${expected}, got ${JSON.stringify(got.slice(0, 64))}`,
  );
}
