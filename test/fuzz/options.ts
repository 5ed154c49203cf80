/**
 * The command line of `npm run fuzz`.
 */
import { parseArgs } from "node:util";

/** What was asked for. */
export interface FuzzOptions {
  /** Inputs of parsers; a tenth as many whole verifications. With `--differential`: mutants. */
  readonly count: number;
  readonly seed: string;
  /** Only targets whose name begins so. */
  readonly only: string;
  /** One input alone, by its number. */
  readonly at: number | undefined;
  /** One input alone, as a failure told it. */
  readonly input: string | undefined;
  /** Compare with other verifiers instead. */
  readonly differential: boolean;
}

const DEFAULT_COUNT = 20_000;
const DEFAULT_DIFFERENTIAL_COUNT = 400;

/** Whole verifications for so many parser inputs. */
export const PARSER_INPUTS_PER_VERIFICATION = 10;

/** Reads the arguments. Throws `TypeError` for what they cannot mean. */
export function readOptions(args: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: "string" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      at: { type: "string" },
      input: { type: "string" },
      differential: { type: "boolean", default: false },
      without: { type: "string", multiple: true },
    },
  });
  const { seed, only, input, differential } = values;
  const count = readCount(values.count) ?? (differential ? DEFAULT_DIFFERENTIAL_COUNT : DEFAULT_COUNT);
  const at = readCount(values.at);
  if ((at !== undefined || input !== undefined) && only === "")
    throw new TypeError("expected --only NAME beside --at and --input");
  return { count, seed, only, at, input, differential };
}

function readCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`expected a whole number, got ${text}`);
  return Number(text);
}
