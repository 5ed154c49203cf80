/**
 * What a measurement comes to, and how it is shown: a table for people, a line of JSON a figure for programs.
 */

/** A number as it varied over the rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** One figure of ours beside one peer's of the same run; `ratio` is the median of the rounds' ratios, ours ÷ peer. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: Spread;
  readonly peer: string;
  readonly peerValue: Spread;
  readonly ratio: Spread;
  /** What the ratio must be; absent where the peer is shown for orientation only. */
  readonly required?: { readonly atLeast: number } | { readonly atMost: number };
}

/** The median of `values`, which are not empty, with the bounds between which they lie. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [below = 0, above = 0] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { median: (below + above) / 2, lowest: sorted[0] ?? 0, highest: sorted.at(-1) ?? 0 };
}

/** Whether the figure is what is required of it. */
export function isMet({ ratio, required }: Figure): boolean {
  if (required === undefined) return true;
  return "atLeast" in required ? ratio.median >= required.atLeast : ratio.median <= required.atMost;
}

/** The figure as one line of JSON. */
export function jsonLine({ name, value, unit, peer, peerValue, ratio }: Figure): string {
  return JSON.stringify({
    name,
    value: rounded(value.median),
    unit,
    peer,
    peerValue: rounded(peerValue.median),
    ratio: rounded(ratio.median),
  });
}

const COLUMNS = [30, 26, 22, 26, 22] as const;

/** The head of the table. */
export function tableHead(): string {
  const head = row(["name", "ours", "peer", "theirs", "ours ÷ theirs", "required"]);
  return `${head}\n${"-".repeat(head.length + 4)}`;
}

/** One figure as a row of the table: medians with their bounds. */
export function tableRow(figure: Figure): string {
  const { name, unit, value, peer, peerValue, ratio } = figure;
  return row([`${name} (${unit})`, spreadText(value), peer, spreadText(peerValue), spreadText(ratio), verdict(figure)]);
}

function verdict(figure: Figure): string {
  const { required } = figure;
  if (required === undefined) return "";
  const bound = "atLeast" in required ? `≥ ${required.atLeast}` : `≤ ${required.atMost}`;
  return `${bound}${isMet(figure) ? "" : "  MISSED"}`;
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0)).join(" ");
}

function spreadText({ median, lowest, highest }: Spread): string {
  return `${rounded(median)} [${rounded(lowest)}..${rounded(highest)}]`;
}

/** Three digits that count; a machine that is not alone gives no more. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
