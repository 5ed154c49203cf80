/**
 * The part of Go's text/template that CI providers' settings use, over a flat map of texts with `missingkey=error`.
 *
 * Text, `{{ .name }}`, `{{ index . "name" }}`, `if`/`else if`/`else`/`end`, pipelines, parentheses, trim markers, comments; the functions
 * eq, ne, and, or, not, index, print. What else Go has (range, with, variables, define) is refused when the settings are read.
 */
import { SigstoreError } from "../../../errors.ts";
import { LIMITS } from "../../../limits.ts";
import { refuseToken } from "../refusal.ts";
import { lexTemplate, type TemplateToken } from "./template-lexer.ts";

/** An operand, or a call of a function with operands. */
type Expression =
  | { readonly kind: "data" }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "literal"; readonly value: string | boolean }
  | { readonly kind: "call"; readonly name: FunctionName; readonly operands: readonly Expression[] };

type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly met: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** A template that was read. */
export type Template = readonly Node[];

/** What a template is filled from. */
export type TemplateData = ReadonlyMap<string, string>;

type Value = string | boolean | TemplateData;

const FUNCTION_NAMES = ["eq", "ne", "and", "or", "not", "index", "print"] as const;

type FunctionName = (typeof FUNCTION_NAMES)[number];

const FUNCTIONS: Readonly<Record<FunctionName, (...operands: readonly Value[]) => Value>> = {
  eq: (first: Value, ...others: readonly Value[]) => others.includes(first),
  ne: (first: Value, second: Value) => first !== second,
  and: (...values: readonly Value[]) => values.find((value) => !isTrue(value)) ?? values.at(-1) ?? false,
  or: (...values: readonly Value[]) => values.find(isTrue) ?? values.at(-1) ?? false,
  not: (value: Value) => !isTrue(value),
  // Go: the zero value, an empty text, for a key that a map has not.
  index: (data: Value, key: Value) => (isData(data) ? (data.get(textOf(key)) ?? "") : ""),
  print: (...values: readonly Value[]) => values.map(textOf).join(""),
};

const LEAST_OPERANDS: Readonly<Record<FunctionName, number>> = {
  eq: 2,
  ne: 2,
  and: 1,
  or: 1,
  not: 1,
  index: 2,
  print: 0,
};

/** Reads a template. @throws SigstoreError `config-invalid` */
export function parseTemplate(source: string): Template {
  const parser = new TemplateParser(source);
  const nodes = parser.nodes(0);
  parser.end();
  return nodes;
}

/** Fills a template. @throws SigstoreError `identity-token-refused` when it names what `data` has not */
export function fillTemplate(template: Template, data: TemplateData): string {
  let text = "";
  for (const node of template) {
    if (node.kind === "text") text += node.text;
    else if (node.kind === "value") text += textOf(evaluate(node.value, data));
    else text += fillTemplate(isTrue(evaluate(node.condition, data)) ? node.met : node.otherwise, data);
  }
  return text;
}

function evaluate(expression: Expression, data: TemplateData): Value {
  switch (expression.kind) {
    case "data":
      return data;
    case "literal":
      return expression.value;
    case "field": {
      const value = data.get(expression.name);
      if (value !== undefined) return value;
      const words = `template: :1: executing "" at <.${expression.name}>: map has no entry for key "${expression.name}"`;
      throw refuseToken("CLAIM_MISSING", words, { claim: expression.name });
    }
    case "call": {
      const operands = expression.operands.map((operand) => evaluate(operand, data));
      return FUNCTIONS[expression.name](...operands);
    }
  }
}

function isTrue(value: Value): boolean {
  if (typeof value === "boolean") return value;
  return typeof value === "string" ? value !== "" : value.size > 0;
}

function isData(value: Value): value is TemplateData {
  return typeof value === "object";
}

function textOf(value: Value): string {
  return isData(value) ? "map" : String(value);
}

class TemplateParser {
  readonly #tokens: readonly TemplateToken[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = lexTemplate(source);
  }

  /** Nodes up to the `else` or `end` that closes them, or the end of the template. */
  nodes(depth: number): Node[] {
    if (depth > LIMITS.templateDepth) throw invalid(`nesting of at most ${LIMITS.templateDepth}`, "more");
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#peek();
      if (token === undefined) return nodes;
      if (token.kind === "text") nodes.push({ kind: "text", text: this.#next().text });
      else {
        const keyword = this.#keywordAfterOpen();
        if (keyword === "else" || keyword === "end") return nodes;
        nodes.push(keyword === "if" ? this.#if(depth) : this.#value(depth));
      }
    }
  }

  /** Nothing may be left. */
  end(): void {
    if (this.#peek() !== undefined) throw invalid("an if before else and end", "none");
  }

  #value(depth: number): Node {
    this.#expect("{{");
    const value = this.#pipeline(depth);
    this.#expect("}}");
    return { kind: "value", value };
  }

  #if(depth: number): Node {
    this.#expect("{{");
    return this.#condition(depth);
  }

  /** Behind `{{` or `{{ else`: the condition, what follows, and the branches up to `end`. */
  #condition(depth: number): Node {
    this.#expect("if");
    const condition = this.#pipeline(depth);
    this.#expect("}}");
    const met = this.nodes(depth + 1);
    return { kind: "if", condition, met, otherwise: this.#otherwise(depth) };
  }

  #otherwise(depth: number): readonly Node[] {
    this.#expect("{{");
    const keyword = this.#next().text;
    if (keyword === "else" && this.#peek()?.text === "if") {
      if (depth > LIMITS.templateDepth) throw invalid(`nesting of at most ${LIMITS.templateDepth}`, "more");
      return [this.#condition(depth + 1)];
    }
    this.#expect("}}");
    if (keyword === "end") return [];
    const nodes = this.nodes(depth + 1);
    for (const expected of ["{{", "end", "}}"]) this.#expect(expected);
    return nodes;
  }

  /** Commands with `|` between; what one gives is the last operand of the next. */
  #pipeline(depth: number): Expression {
    let value = this.#command(depth, []);
    while (this.#peek()?.text === "|") {
      this.#next();
      value = this.#command(depth, [value]);
    }
    return value;
  }

  #command(depth: number, piped: readonly Expression[]): Expression {
    const token = this.#peek();
    if (token?.kind !== "name") {
      if (piped.length > 0) throw invalid("a function behind |", token?.text ?? "the end");
      return this.#operand(depth);
    }
    const name = this.#next().text;
    if (name === "true" || name === "false") return { kind: "literal", value: name === "true" };
    if (!isFunction(name)) throw invalid(`a function of ${FUNCTION_NAMES.join(", ")}`, name);
    const operands: Expression[] = [];
    while (this.#startsOperand()) operands.push(this.#operand(depth));
    operands.push(...piped);
    if (operands.length < LEAST_OPERANDS[name])
      throw invalid(`${LEAST_OPERANDS[name]} operands of ${name}`, `${operands.length}`);
    return { kind: "call", name, operands };
  }

  #startsOperand(): boolean {
    const token = this.#peek();
    return token !== undefined && token.kind !== "text" && ![")", "|", "}}", "{{"].includes(token.text);
  }

  #operand(depth: number): Expression {
    if (depth > LIMITS.templateDepth) throw invalid(`nesting of at most ${LIMITS.templateDepth}`, "more");
    const token = this.#next();
    if (token.kind === "literal") return { kind: "literal", value: token.text };
    if (token.kind === "field") return token.text === "" ? { kind: "data" } : { kind: "field", name: token.text };
    if (token.kind === "name" && (token.text === "true" || token.text === "false"))
      return { kind: "literal", value: token.text === "true" };
    if (token.text !== "(" || token.kind !== "sign") throw invalid("a value", token.text);
    const value = this.#pipeline(depth + 1);
    this.#expect(")");
    return value;
  }

  #keywordAfterOpen(): string | undefined {
    return this.#tokens[this.#at + 1]?.text;
  }

  #peek(): TemplateToken | undefined {
    return this.#tokens[this.#at];
  }

  #next(): TemplateToken {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw invalid("an end for every if", "the end of the template");
    return token;
  }

  #expect(text: string): void {
    const token = this.#next();
    if (token.text !== text || token.kind === "text" || token.kind === "literal") throw invalid(text, token.text);
  }
}

function isFunction(name: string): name is FunctionName {
  return FUNCTION_NAMES.some((known) => known === name);
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError(
    "config-invalid",
    `expected a template with ${expected}, got ${JSON.stringify(got.slice(0, 64))}`,
  );
}
