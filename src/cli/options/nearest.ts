/**
 * Which name was probably meant: the one with the fewest inserted, deleted, replaced or swapped letters.
 */

const MAXIMUM_LENGTH = 40;

/** The name of `names` nearest to `written`, or nothing when none is near enough to be meant. */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  if (written.length > MAXIMUM_LENGTH) return undefined;
  const prefixed = names.filter((name) => written.length >= 2 && name.startsWith(written));
  if (prefixed.length === 1) return prefixed[0];
  const tolerance = written.length <= 4 ? 1 : Math.ceil(written.length / 4);
  let best: string | undefined;
  let bestDistance = tolerance + 1;
  for (const name of names) {
    const distance = editDistance(written, name);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Optimal string alignment distance: Levenshtein with swaps of neighbours. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = at(last, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const swapped =
        left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
          ? at(beforeLast, column - 2) + 1
          : Infinity;
      current.push(Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
