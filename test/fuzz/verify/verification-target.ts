/**
 * Whole verifications: a case that verifies is changed in its bundle, its trusted root or its artifact, and asked again.
 *
 * Never a crash; never "verified" unless the second reader of `meaning/` finds that it means the same, and the result
 * tells the same of signer and content; the same answer with digests of the artifact as with its bytes.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Trust } from "../../../src/verdict/trust.ts";
import type { Artifact } from "../../../src/verify/artifact.ts";
import { compareBundles, bundleMeaning } from "../meaning/bundle-meaning.ts";
import type { BundleMeaning } from "../meaning/bundle-meaning.ts";
import type { Judgement } from "../meaning/judgement.ts";
import { compareRoots, rootMeaning } from "../meaning/root-meaning.ts";
import type { RootMeaning } from "../meaning/root-meaning.ts";
import { graftJson } from "../mutate/graft.ts";
import { flipOneBit, mutateBytes } from "../mutate/mutate-bytes.ts";
import { mutateJson } from "../mutate/mutate-json.ts";
import { moveToOwnTree } from "../mutate/own-tree.ts";
import type { Random } from "../random.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzInput, FuzzTarget } from "../target.ts";
import type { FuzzCase } from "./fuzz-case.ts";
import { ask, askUnderRoot, trustOf } from "./question.ts";
import type { Answer } from "./question.ts";

/** Which part of a case was changed. */
export type ChangedPart = "bundle" | "trustedRoot" | "artifact";

/** A case with one part changed. */
export interface CaseMutant {
  readonly part: ChangedPart;
  readonly content: Uint8Array;
  /** What was changed, in words. */
  readonly change: string;
}

/** A case with all that is computed from it once. */
interface PreparedCase {
  readonly fuzzCase: FuzzCase;
  readonly trust: Trust;
  readonly bundle: BundleMeaning;
  readonly root: RootMeaning;
  readonly answer: Answer;
  readonly digests: Artifact;
}

/** The target of one case; `all` lend their values. Throws where the case does not verify as it is. */
export function verificationTarget(fuzzCase: FuzzCase, all: readonly FuzzCase[]): FuzzTarget {
  const prepared = prepare(fuzzCase);
  const input = (mutant: CaseMutant): FuzzInput => ({
    attempt: () => attempt(prepared, mutant),
    encode: () => encodeMutant(mutant),
  });
  return {
    name: `verify/${fuzzCase.name}`,
    make: (random) => input(mutateCase(fuzzCase, random, all)),
    decode: (text) => input(decodeMutant(text)),
  };
}

function prepare(fuzzCase: FuzzCase): PreparedCase {
  const trust = trustOf(fuzzCase);
  const answer = ask(fuzzCase, fuzzCase.bundle, trust);
  if (!answer.verified)
    throw new Error(`expected the case ${fuzzCase.name} to verify, got ${answer.code}: ${answer.message}`);
  const digestOf = (algorithm: string): Uint8Array =>
    new Uint8Array(createHash(algorithm).update(fuzzCase.artifact).digest());
  const digests = { sha256: digestOf("sha256"), sha384: digestOf("sha384"), sha512: digestOf("sha512") };
  return {
    fuzzCase,
    trust,
    bundle: bundleMeaning(fuzzCase.bundle),
    root: rootMeaning(fuzzCase.trustedRoot),
    answer,
    digests: { kind: "digests", digests },
  };
}

/** Changes one part of a case. */
export function mutateCase(fuzzCase: FuzzCase, random: Random, all: readonly FuzzCase[]): CaseMutant {
  const draw = random.below(100);
  if (draw < 14 && fuzzCase.donors.length > 0) return graftBundle(fuzzCase, random);
  const moved = draw < 18 ? moveToOwnTree(fuzzCase.bundle, random) : undefined;
  if (moved !== undefined)
    return { part: "bundle", content: new TextEncoder().encode(moved), change: "a tree of its own" };
  if (draw < 65)
    return mutateDocument("bundle", fuzzCase.bundle, random, [...fuzzCase.donors, ...valuesOf(all, "bundle")]);
  if (draw < 97) return mutateDocument("trustedRoot", fuzzCase.trustedRoot, random, valuesOf(all, "trustedRoot"));
  return { part: "artifact", content: flipOneBit(fuzzCase.artifact, random), change: "a bit of the artifact" };
}

function valuesOf(all: readonly FuzzCase[], name: "bundle" | "trustedRoot"): readonly string[] {
  return all.map((one) => one[name]);
}

/** Puts parts of another bundle of the same instance into this one. */
function graftBundle({ bundle, donors }: FuzzCase, random: Random): CaseMutant {
  const grafted = graftJson(bundle, random.pick(donors), random) ?? bundle;
  return { part: "bundle", content: new TextEncoder().encode(grafted), change: "parts of another bundle" };
}

function mutateDocument(part: ChangedPart, text: string, random: Random, all: readonly string[]): CaseMutant {
  const bytes = (): Uint8Array => new TextEncoder().encode(text);
  const others = [random.chance(1, 2) ? (all[0] ?? text) : random.pick(all), random.pick(all)];
  if (random.chance(1, 5)) {
    const content = random.chance(1, 2)
      ? flipOneBit(bytes(), random)
      : mutateBytes(
          bytes(),
          random,
          others.map((other) => new TextEncoder().encode(other)),
        );
    return { part, content, change: "bytes of the file" };
  }
  const mutant = mutateJson(text, random, others);
  if (mutant === undefined) throw new Error("expected a case made of JSON");
  return { part, content: new TextEncoder().encode(mutant.text), change: mutant.change };
}

function attempt(prepared: PreparedCase, mutant: CaseMutant): string {
  const answer = askMutant(prepared, mutant);
  if (mutant.part === "bundle") checkDigestsAgree(prepared, mutant, answer);
  if (!answer.verified) return answer.code;
  if (isUnchanged(prepared, mutant)) return "unchanged";
  const judgement = judgeMutant(prepared, mutant);
  if (judgement.forbidden.length > 0)
    throw new FuzzFailure(
      `verified with another meaning (${mutant.part}, ${mutant.change}): ${judgement.forbidden.join("; ")}`,
    );
  checkResult(prepared, mutant, answer);
  return `verified: ${[...judgement.allowed].toSorted().join(" + ")}`;
}

function isUnchanged({ fuzzCase }: PreparedCase, { part, content }: CaseMutant): boolean {
  const text = part === "artifact" ? "" : fuzzCase[part];
  return Buffer.from(content).equals(Buffer.from(text));
}

function askMutant({ fuzzCase, trust }: PreparedCase, { part, content }: CaseMutant): Answer {
  switch (part) {
    case "bundle":
      return ask(fuzzCase, content, trust);
    case "trustedRoot":
      return askUnderRoot(fuzzCase, content);
    case "artifact":
      return ask(fuzzCase, fuzzCase.bundle, trust, { kind: "bytes", bytes: content });
  }
}

/** Verification from digests goes other ways through the cryptography; only signatures over whole messages may end otherwise. */
function checkDigestsAgree(
  { fuzzCase, trust, digests }: PreparedCase,
  { content, change }: CaseMutant,
  answer: Answer,
): void {
  const other = ask(fuzzCase, content, trust, digests);
  if (other.code === answer.code || other.code === "artifact-bytes-required") return;
  throw new FuzzFailure(
    `expected the same answer from bytes and digests (${change}), got "${answer.code}" and "${other.code}"`,
  );
}

function judgeMutant({ fuzzCase, bundle, root }: PreparedCase, { part, content, change }: CaseMutant): Judgement {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  if (part === "artifact") throw new FuzzFailure(`verified another artifact (${change})`);
  return part === "bundle" ? compareBundles(bundle, text, root, fuzzCase.artifact) : compareRoots(root, text, bundle);
}

/** Signer, statement and artifact are told as they were told of the original; a hint may add a digest by another algorithm. */
function checkResult({ fuzzCase, answer }: PreparedCase, { change }: CaseMutant, { result }: Answer): void {
  const original = answer.result;
  for (const part of ["statement", "signatureAlgorithm"] as const) {
    if (!isDeepStrictEqual(result?.[part], original?.[part]))
      throw new FuzzFailure(`verified and told another ${part} (${change})`);
  }
  for (const [algorithm, digest] of Object.entries(result?.artifact.digests ?? {})) {
    const actual = createHash(algorithm).update(fuzzCase.artifact).digest("hex");
    if (digest !== actual) throw new FuzzFailure(`verified and told another ${algorithm} of the artifact (${change})`);
  }
  const [signer, originalSigner] = [result?.signer, original?.signer].map((one) => ({ ...one, hint: undefined }));
  if (!isDeepStrictEqual(signer, originalSigner)) throw new FuzzFailure(`verified and told another signer (${change})`);
}

function encodeMutant({ part, content, change }: CaseMutant): string {
  return Buffer.from(JSON.stringify({ part, change, content: Buffer.from(content).toString("base64") })).toString(
    "base64",
  );
}

function decodeMutant(text: string): CaseMutant {
  const { part, change, content } = JSON.parse(Buffer.from(text, "base64").toString()) as {
    part: ChangedPart;
    change: string;
    content: string;
  };
  return { part, change, content: Uint8Array.from(Buffer.from(content, "base64")) };
}
