/**
 * An inspection as a tree for people: the same names as in JSON, long values cut, long lists cut.
 */
import type { Inspection } from "../compose/inspect.ts";
import type { View, ViewValue } from "../compose/inspection/view.ts";
import { printable } from "./terminal.ts";
import type { Style } from "./terminal.ts";

const INDENT = "  ";
const MAXIMUM_LENGTH = 200;
const MAXIMUM_ITEMS = 50;
const MAXIMUM_LINE = 60;
const MAXIMUM_DEPTH = 12;

/** `inspection` as lines. */
export function inspectionReport(inspection: Inspection, style: Style): string {
  const { source, format, notation, sizeBytes, digestHex, content } = inspection;
  const name = source === undefined ? "" : `${printable(source)} `;
  const lines = [
    `${style.caution("not verified:")} this is what ${name}says, true or not`,
    ...groupLines(
      { format: `${format} (${notation}, ${sizeBytes} bytes)`, digest: `sha256:${digestHex}`, ...content },
      "",
      style,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function groupLines(group: View, indent: string, style: Style): string[] {
  const members = Object.entries(group).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, inLine(value)] as const],
  );
  const width = Math.max(0, ...members.map(([name, value]) => (isScalar(value) ? printable(name).length : 0))) + 2;
  return members.flatMap(([name, value]) => memberLines(printable(name), value, width, indent, style));
}

function memberLines(name: string, value: ViewValue, width: number, indent: string, style: Style): string[] {
  if (isScalar(value)) return [`${indent}${style.faint(name.padEnd(width))}${scalarText(value)}`];
  if (indent.length / INDENT.length >= MAXIMUM_DEPTH) return [`${indent}${style.faint(name)}  … (--json shows it)`];
  if (!isList(value)) return [`${indent}${style.strong(name)}`, ...groupLines(value, indent + INDENT, style)];
  const shown = value
    .slice(0, MAXIMUM_ITEMS)
    .flatMap((item, index) => itemLines(`${name} ${index + 1}`, item, indent, style));
  const hidden = value.length - MAXIMUM_ITEMS;
  return hidden > 0 ? [...shown, `${indent}… ${hidden} more ${name} (--json shows them)`] : shown;
}

/** A short list of plain values as one value. */
function inLine(value: ViewValue): ViewValue {
  if (!isList(value)) return value;
  if (value.length === 0) return "none";
  const text = value.every(isScalar) ? value.map(String).join(", ") : "";
  return text !== "" && text.length <= MAXIMUM_LINE ? text : value;
}

function itemLines(name: string, item: ViewValue, indent: string, style: Style): string[] {
  return isScalar(item)
    ? [`${indent}${style.faint(name)}  ${scalarText(item)}`]
    : memberLines(name, item, 0, indent, style);
}

function isList(value: ViewValue): value is readonly ViewValue[] {
  return Array.isArray(value);
}

function isScalar(value: ViewValue): value is string | number | boolean | null | undefined {
  return typeof value !== "object" || value === null;
}

function scalarText(value: string | number | boolean | null | undefined): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  const text = printable(String(value));
  return text.length <= MAXIMUM_LENGTH
    ? text
    : `${text.slice(0, MAXIMUM_LENGTH)}… (${text.length} characters, --json shows all)`;
}
