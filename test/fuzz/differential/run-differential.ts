import type { Suite } from "../../suite.ts";
/**
 * Puts changed bundles and trusted roots to other verifiers too, and wants every difference explained.
 */
import { makeRandom } from "../campaign.ts";
import { DIFFERENCES, UNVERIFIED_CASES } from "../differences.ts";
import type { Difference } from "../differences.ts";
import type { FuzzOptions } from "../options.ts";
import { allCases } from "../targets.ts";
import type { FuzzCase } from "../verify/fuzz-case.ts";
import { ask, askUnderRoot, trustOf } from "../verify/question.ts";
import type { Answer } from "../verify/question.ts";
import { mutateCase } from "../verify/verification-target.ts";
import type { CaseMutant } from "../verify/verification-target.ts";
import { findPeer, PEERS, PeerSession } from "./peers.ts";
import type { Peer, PeerAnswer } from "./peers.ts";

/** Processes that run at once. */
const LANES = 2;

/** Runs the comparison with every peer. */
export async function runDifferential(options: FuzzOptions, suite: Suite): Promise<void> {
  const cases = await allCases();
  for (const peer of PEERS) {
    const program = findPeer(peer);
    if (
      !suite.needs(
        peer.name,
        program !== undefined,
        `${peer.program} was not found in ${peer.variable}, on PATH or in ~/.cache/sigstore-peers/bin`,
      )
    )
      continue;
    await new Comparison(peer, program ?? "", cases, options, suite).run();
  }
}

/** The comparison with one peer. */
class Comparison {
  readonly #peer: Peer;
  readonly #program: string;
  readonly #all: readonly FuzzCase[];
  readonly #options: FuzzOptions;
  readonly #suite: Suite;
  /** How often each outcome was met. */
  readonly #outcomes = new Map<string, number>();

  constructor(peer: Peer, program: string, all: readonly FuzzCase[], options: FuzzOptions, suite: Suite) {
    this.#peer = peer;
    this.#program = program;
    this.#all = all;
    this.#options = options;
    this.#suite = suite;
  }

  async run(): Promise<void> {
    const { only, count, at } = this.#options;
    const mine = this.#all.filter(
      (one) => this.#peer.judges(one) && one.name.startsWith(only.replace(/^verify\//, "")),
    );
    const each = Math.ceil((count * mine.length) / this.#all.length / Math.max(1, mine.length));
    const waiting = [...mine];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await this.#compareCase(next, at ?? 0, at === undefined ? each : at + 1);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const rows = [...this.#outcomes]
      .toSorted(([, a], [, b]) => b - a)
      .map(([outcome, times]) => `  ${String(times).padStart(8)}  ${outcome}`);
    process.stdout.write(`\n${this.#peer.name}:\n${rows.join("\n")}\n\n`);
  }

  async #compareCase(fuzzCase: FuzzCase, from: number, to: number): Promise<void> {
    const session = new PeerSession();
    const name = `${this.#peer.name}/${fuzzCase.name}`;
    try {
      const answer = await session.ask(this.#peer, this.#program, fuzzCase, contentOf(fuzzCase));
      const known = UNVERIFIED_CASES.get(name);
      if (known !== undefined) {
        await this.#suite.case(name, () => checkUnverified(answer, known));
        return;
      }
      if (answer.verified) await this.#compareMutants(session, name, fuzzCase, from, to);
      else this.#suite.fail(name, `expected the case to verify as it is, got ${answer.message}`);
    } finally {
      session.close();
    }
  }

  async #compareMutants(
    session: PeerSession,
    name: string,
    fuzzCase: FuzzCase,
    from: number,
    to: number,
  ): Promise<void> {
    const unexplained: string[] = [];
    let explained = 0;
    for (let index = from; index < to; index += 1) {
      const mutant = mutateCase(fuzzCase, makeRandom(`verify/${fuzzCase.name}`, this.#options.seed, index), this.#all);
      const ours = askAbout(fuzzCase, mutant);
      const theirs = await session.ask(this.#peer, this.#program, fuzzCase, contentOf(fuzzCase, mutant));
      const reason = this.#explain(fuzzCase, mutant, ours, theirs);
      if (reason === "agreed") continue;
      if (reason === undefined) unexplained.push(describe(index, mutant, ours, theirs, this.#options.seed, fuzzCase));
      else explained += 1;
    }
    if (unexplained.length > 0) this.#suite.fail(name, unexplained.join("\n"));
    else await this.#suite.case(name, () => `${to - from} mutants, ${explained} explained differences`);
  }

  /** The explanation of a difference; "agreed" where there is none, undefined where nobody knows. */
  #explain(fuzzCase: FuzzCase, mutant: CaseMutant, ours: Answer, theirs: PeerAnswer): string | undefined {
    if (ours.verified === theirs.verified) {
      this.#count(ours.verified ? "both accept" : "both refuse");
      return "agreed";
    }
    const difference: Difference = {
      peer: this.#peer.name,
      fuzzCase,
      part: mutant.part,
      change: mutant.change,
      content: new TextDecoder().decode(mutant.content),
      code: ours.code,
      message: ours.message,
      theirs: theirs.message,
    };
    const accepts = ours.verified ? "only we" : "only the peer";
    const explanation = DIFFERENCES.find((one) => one.accepts === accepts && one.matches(difference));
    this.#count(
      explanation === undefined
        ? `${accepts} accept: unexplained`
        : `${accepts} accept: ${explanation.name}: ${explanation.why}`,
    );
    return explanation?.name;
  }

  #count(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }
}

function checkUnverified(answer: PeerAnswer, known: string): string {
  if (answer.verified)
    throw new Error(`expected the peer not to verify this (${known}), got verified: take it off the list`);
  return `not verified by the peer as it is: ${known}`;
}

function contentOf(
  { bundle, trustedRoot, artifact }: FuzzCase,
  mutant?: CaseMutant,
): Record<"bundle" | "trustedRoot" | "artifact", Uint8Array> {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const content = { bundle: encode(bundle), trustedRoot: encode(trustedRoot), artifact };
  return mutant === undefined ? content : { ...content, [mutant.part]: mutant.content };
}

function askAbout(fuzzCase: FuzzCase, { part, content }: CaseMutant): Answer {
  if (part === "trustedRoot") return askUnderRoot(fuzzCase, content);
  if (part === "bundle") return ask(fuzzCase, content, trustOf(fuzzCase));
  return ask(fuzzCase, fuzzCase.bundle, trustOf(fuzzCase), { kind: "bytes", bytes: content });
}

function describe(
  index: number,
  { part, change }: CaseMutant,
  ours: Answer,
  theirs: PeerAnswer,
  seed: string,
  { name }: FuzzCase,
): string {
  const us = ours.verified ? "verified" : `${ours.code}: ${ours.message}`;
  const them = theirs.verified ? "verified" : theirs.message;
  return `mutant ${index} (${part}, ${change}):\n  we:   ${us}\n  peer: ${them}\n  repeat: npm run fuzz -- --differential --seed ${seed} --only ${name} --at ${index}`;
}
