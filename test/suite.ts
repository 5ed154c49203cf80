/**
 * A suite of cases outside node:test: conformance, fuzz, interop and the like. It lists its cases one by one, names
 * what was skipped and why, and ends with the line that people and machines look for.
 *
 * ```
 * const suite = new Suite("conformance");
 * await suite.case("bundle-v03", () => verifyIt());          // fails by throwing; may answer a detail to show
 * if (suite.needs("cosign", findCosign() !== undefined, "not on PATH")) await suite.case("cosign reads ours", …);
 * suite.skip("rekor v2 live", "needs the internet");
 * suite.finish();                                             // "2 passed, 0 failed, 1 skipped", alone on the last line
 * ```
 *
 * Rules that every suite keeps by using it: `finish` sets exit code 1 when a case failed or none ran; a peer (a program
 * or data that the suite compares with) that is absent is a failure, unless the caller said `--without NAME`.
 */

/** How a suite is set up; everything has a default. */
export interface SuiteOptions {
  /** Where lines go; standard output. */
  readonly print?: (line: string) => void;
  /** Whether passed cases are listed too; a suite of very many says no. */
  readonly listPassed?: boolean;
  /** Peers that may be absent; from `--without NAME` of the command line. */
  readonly without?: readonly string[];
}

/** Counts and lists the cases of one suite. */
export class Suite {
  readonly name: string;
  readonly #print: (line: string) => void;
  readonly #listPassed: boolean;
  readonly #without: readonly string[];
  readonly #skipped: string[] = [];
  readonly #failed: string[] = [];
  #passed = 0;

  constructor(name: string, options: SuiteOptions = {}) {
    this.name = name;
    this.#print = options.print ?? ((line) => process.stdout.write(`${line}\n`));
    this.#listPassed = options.listPassed ?? true;
    this.#without = options.without ?? withoutArguments(process.argv.slice(2));
  }

  /**
   * Runs one case and lists it; answers whether it passed. A case fails by throwing or by a rejected promise; a text
   * that it answers is shown.
   */
  async case(name: string, run: () => unknown): Promise<boolean> {
    try {
      const detail: unknown = await run();
      this.#passed += 1;
      if (this.#listPassed) this.#print(`ok    ${name}${typeof detail === "string" ? `  ${detail}` : ""}`);
      return true;
    } catch (error) {
      this.fail(name, describe(error));
      return false;
    }
  }

  /** Lists a case as failed. */
  fail(name: string, reason: string): void {
    this.#failed.push(name);
    this.#print(`FAIL  ${name}\n${indent(reason)}`);
  }

  /** Lists a case as skipped; the reason tells a reader what is missing. */
  skip(name: string, reason: string): void {
    this.#skipped.push(`${name} (${reason})`);
    this.#print(`skip  ${name}  ${reason}`);
  }

  /**
   * Answers whether cases with this peer can run. When it is absent, one line stands for them all: a failure, or a skip
   * where `--without NAME` allowed it.
   */
  needs(peer: string, present: boolean, reason: string): boolean {
    if (present) return true;
    if (this.#without.includes(peer)) this.skip(peer, `${reason}; allowed by --without ${peer}`);
    else this.fail(peer, `${reason}; run with --without ${peer} to leave it out`);
    return false;
  }

  /** Prints the closing line and sets the exit code. */
  finish(): void {
    if (this.#passed + this.#failed.length === 0) this.fail(this.name, "no case ran");
    if (this.#failed.length > 0) this.#print(`\n${this.name} failed: ${this.#failed.join(", ")}`);
    if (this.#skipped.length > 0) this.#print(`\n${this.name} skipped: ${this.#skipped.join(", ")}`);
    this.#print(closingLine(this.#passed, this.#failed.length, this.#skipped.length));
    if (this.#failed.length > 0) process.exitCode = 1;
  }
}

/** `N passed, N failed`, and `, N skipped` when there are any: the last line of every suite's command. */
export function closingLine(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** The values of `--without NAME` and `--without=NAME` among command line arguments. */
export function withoutArguments(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (argument.startsWith("--without=")) return [argument.slice("--without=".length)];
    const value = args[index + 1];
    return argument === "--without" && value !== undefined ? [value] : [];
  });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? ` [${error.code}]` : "";
  return `${error.stack ?? error.message}${code}`;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
}
