/**
 * Patterns of identities and whole files of no known kind: what a user or a certificate may bring.
 */
import { inspectBytes } from "../../../src/compose/inspect.ts";
import { lintIdentity } from "../../../src/policy/lint.ts";
import { compilePattern, matchesPattern } from "../../../src/policy/pattern.ts";
import { loadTrust } from "../../../src/verdict/trust.ts";
import { judge } from "../../../src/verdict/verdict.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzTarget } from "../target.ts";
import type { FuzzCase } from "../verify/fuzz-case.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, textTarget } from "./parser-target.ts";

const PATTERNS = [
  "https://github\\.com/acme/[a-z-]+/\\.github/workflows/release\\.yml@refs/tags/v.*",
  "^(?:a|b)*c{2,5}?[^\\d\\s]+$",
  "(?i)[[:alpha:]]+@example\\.(?:com|org)",
  "\\Qa.b\\E\\x{1F600}\\pL\\P{Greek}[\\w-]*",
  "(a*)*(a*)*(a*)*b",
  "((a{1,100}){1,10})",
  ".*",
];
const SUBJECTS = [
  "",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1",
  "dev@example.com",
  "a\nb😀\ud800",
  "x".repeat(5000),
];

/** Targets of policy/pattern, of `inspect`, and of the verdict on files that are no bundles. */
export function policyTargets(corpus: Corpus, [first]: readonly FuzzCase[]): readonly FuzzTarget[] {
  const files = [
    ...corpus.bundles.slice(0, 8),
    ...corpus.trustedRoots.slice(0, 3),
    ...corpus.signingConfigs,
    ...corpus.envelopes.slice(0, 2),
    ...corpus.statements.slice(0, 2),
    ...corpus.entryBodies.slice(0, 4),
    ...corpus.tlogEntries.slice(0, 2),
  ];
  const binary = [
    ...corpus.certificates.slice(0, 8),
    ...corpus.timestamps.slice(0, 3),
    ...corpus.timestampTokens.slice(0, 2),
    ...corpus.timestampRequests.slice(0, 1),
    ...corpus.publicKeys.slice(0, 4),
    ...corpus.sctLists.slice(0, 2),
  ];
  const texts = [...corpus.notes.slice(0, 4), ...corpus.pemTexts].map((text) => new TextEncoder().encode(text));
  const inspect = (bytes: Uint8Array): string => JSON.stringify(inspectBytes(bytes));
  return [
    textTarget({ name: "policy/pattern", corpus: PATTERNS, read: readPattern }),
    bytesTarget("json", { name: "compose/inspect-json", corpus: files, read: inspect }),
    bytesTarget("der", { name: "compose/inspect-der", corpus: binary, read: inspect }),
    bytesTarget("bytes", { name: "compose/inspect-text", corpus: texts, read: inspect }),
    ...(first === undefined
      ? []
      : [
          bytesTarget("json", {
            name: "verdict/no-bundle",
            corpus: [...files.slice(8), ...binary, ...texts],
            read: judgeAny(first),
          }),
        ]),
  ];
}

function readPattern(source: string): number {
  const pattern = compilePattern(source);
  lintIdentity({ issuer: "https://issuer.example", subjectPattern: source });
  return SUBJECTS.filter((subject) => matchesPattern(pattern, subject)).length;
}

/** The verdict on what is no bundle at all is an answer, and never a yes. */
function judgeAny({ artifact, trustedRoot, nowMs }: FuzzCase): (bytes: Uint8Array) => string {
  const trust = loadTrust({ trustedRoot, source: "fuzz" });
  return (bundle) => {
    const { verdict, failure } = judge({ bundle, artifact: { kind: "bytes", bytes: artifact }, trust, nowMs });
    if (verdict !== "failed") throw new FuzzFailure(`expected a refusal, got ${verdict}`);
    return failure?.code ?? "";
  };
}
