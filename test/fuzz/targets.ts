import { makeCorpus } from "./parsers/corpus.ts";
/**
 * All targets by name.
 */
import { cryptoTargets } from "./parsers/crypto-targets.ts";
import { derFormatTargets } from "./parsers/der-format-targets.ts";
import { encodingTargets } from "./parsers/encoding-targets.ts";
import { jsonFormatTargets } from "./parsers/json-format-targets.ts";
import { keyTargets } from "./parsers/key-targets.ts";
import { largeTarget } from "./parsers/large-targets.ts";
import { ociTargets } from "./parsers/oci-targets.ts";
import { policyTargets } from "./parsers/policy-targets.ts";
import { tlogTargets } from "./parsers/tlog-targets.ts";
import type { FuzzTarget } from "./target.ts";
import { forgedTargets } from "./verify/forged-targets.ts";
import type { FuzzCase } from "./verify/fuzz-case.ts";
import { publicCases } from "./verify/public-cases.ts";
import { verificationTarget } from "./verify/verification-target.ts";
import { virtualCases } from "./verify/virtual-cases.ts";

/** Parsers, and whole verifications. */
export interface AllTargets {
  readonly parsers: readonly FuzzTarget[];
  readonly verifications: readonly FuzzTarget[];
}

/** Every case: virtual ones, and the public ones where the vectors lie. */
export async function allCases(): Promise<readonly FuzzCase[]> {
  return [...(await virtualCases()), ...publicCases()];
}

/** Makes all targets of these cases. */
export async function makeTargets(cases: readonly FuzzCase[]): Promise<AllTargets> {
  const corpus = makeCorpus(cases);
  return {
    parsers: [
      ...encodingTargets(corpus),
      ...derFormatTargets(corpus),
      ...jsonFormatTargets(corpus),
      ...tlogTargets(corpus),
      ...(await cryptoTargets(corpus)),
      ...keyTargets(corpus),
      ...ociTargets(),
      ...policyTargets(corpus, cases),
      largeTarget(cases),
    ],
    verifications: [...cases.map((one) => verificationTarget(one, cases)), ...forgedTargets()],
  };
}
