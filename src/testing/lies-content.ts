/**
 * Signatures, artifacts and statements that are refused (client specification 4.5, 4.6; in-toto Statement v1).
 */
import { digest } from "../crypto/digest.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { serializeStatement, type Statement, type StatementSubject } from "../formats/in-toto.ts";
import { LIMITS } from "../limits.ts";
import type { Lie } from "./lie-hooks.ts";
import type { SigningOptions } from "./signing-options.ts";
import {
  ARTIFACT,
  caseOf,
  type CaseMaker,
  type EdgeCase,
  flipBit,
  type LieCase,
  messageCase,
  statementCase,
} from "./verification-case.ts";
import { statementAbout } from "./virtual-sigstore.ts";

const SOMETHING_ELSE = utf8Encode("something else");
const IN_TOTO = "application/vnd.in-toto+json";

/** The hint of a message signature says another digest, or none. */
function withMessageDigest(bytes: Uint8Array | undefined): Lie<Bundle> {
  return (bundle) => {
    if (bundle.content.kind !== "messageSignature")
      throw new TypeError("expected a bundle with a message signature, got one with an envelope");
    const messageDigest =
      bytes === undefined ? undefined : ({ algorithm: "sha256", digest: digest("sha256", bytes) } as const);
    return { ...bundle, content: { ...bundle.content, messageDigest } };
  };
}

/** Judged by digests alone. */
function byDigests(options: SigningOptions, algorithms: readonly ("sha256" | "sha384" | "sha512")[]): CaseMaker {
  const digests = Object.fromEntries(algorithms.map((algorithm) => [algorithm, digest(algorithm, ARTIFACT)]));
  return messageCase(options, { artifact: { kind: "digests", digests } });
}

/** A statement with `count` subjects, of which the last is the artifact. */
function statementOf(count: number): Statement {
  const honest = statementAbout(ARTIFACT);
  const others = Array.from({ length: count - 1 }, (_, index): StatementSubject => ({
    name: `other-${index}`,
    digests: new Map([["sha256", "00".repeat(32)]]),
  }));
  return { ...honest, subjects: [...others, ...honest.subjects] };
}

/** A statement whose subject has `count` digests. */
function digestsOf(count: number): Statement {
  const honest = statementAbout(ARTIFACT);
  const others = Array.from({ length: count - 1 }, (_, index): [string, string] => [`gitTree-${index}`, "00"]);
  return {
    ...honest,
    subjects: honest.subjects.map(({ name, digests }) => ({ name, digests: new Map([...digests, ...others]) })),
  };
}

/** A payload of the in-toto type that is signed as it is. */
function payloadCase(payload: Uint8Array, payloadType: string = IN_TOTO): CaseMaker {
  return async (sigstore) => caseOf(sigstore, await sigstore.signPayload(payloadType, payload));
}

function editedStatement(change: (statement: Record<string, unknown>) => Record<string, unknown>): CaseMaker {
  const honest = JSON.parse(utf8Decode(serializeStatement(statementAbout(ARTIFACT)))) as Record<string, unknown>;
  return payloadCase(utf8Encode(JSON.stringify(change(honest))));
}

/** Two lists of subjects, the second with the artifact. */
const twoSubjectLists: CaseMaker = payloadCase(
  utf8Encode(
    utf8Decode(serializeStatement(statementAbout(ARTIFACT))).replace(
      "{",
      '{"subject":[{"name":"other","digest":{"sha256":"00"}}],',
    ),
  ),
);

/** Signatures and content that are refused. */
export const CONTENT_LIES: readonly LieCase[] = [
  {
    name: "signature-changed",
    step: "signature",
    expectedCode: "signature-invalid",
    describe: "a signature with one bit changed, which entry and timestamp vouch for",
    make: messageCase({ lies: { signature: (signature) => flipBit(signature) } }),
  },
  {
    name: "signature-garbage",
    step: "signature",
    expectedCode: "signature-invalid",
    describe: "a signature that is none",
    make: messageCase({ lies: { signature: () => SOMETHING_ELSE } }),
  },
  {
    name: "signature-over-other",
    step: "signature",
    expectedCode: "signature-invalid",
    describe: "a signature over another file",
    make: messageCase({ lies: { signedBytes: () => SOMETHING_ELSE } }),
  },
  {
    name: "envelope-signature-changed",
    step: "signature",
    expectedCode: "signature-invalid",
    describe: "an envelope whose signature has one bit changed, which entry and timestamp vouch for",
    make: statementCase({ lies: { signature: (signature) => flipBit(signature) } }),
  },
  {
    name: "envelope-payload-signed-bare",
    step: "signature",
    expectedCode: "signature-invalid",
    describe: "a signature over the payload instead of its pre-authentication encoding",
    make: statementCase({ lies: { signedBytes: () => serializeStatement(statementAbout(ARTIFACT)) } }),
  },
  {
    name: "artifact-other",
    step: "artifact",
    expectedCode: "artifact-mismatch",
    describe: "a bundle for another file",
    make: messageCase({}, { artifact: { kind: "bytes", bytes: SOMETHING_ELSE } }),
  },
  {
    name: "message-digest-other",
    step: "artifact",
    expectedCode: "artifact-mismatch",
    describe: "a bundle that says the digest of another file",
    make: messageCase({ lies: { bundle: withMessageDigest(SOMETHING_ELSE) } }),
  },
  {
    name: "bytes-needed",
    step: "signature",
    expectedCode: "artifact-bytes-required",
    describe: "a signature by pure Ed25519, judged by a digest",
    make: byDigests({ algorithm: "PKIX_ED25519" }, ["sha256", "sha512"]),
  },
  {
    name: "digest-needed",
    step: "signature",
    expectedCode: "artifact-digest-required",
    describe: "a signature over a SHA-384 digest, judged by SHA-512",
    make: byDigests({ algorithm: "PKIX_ECDSA_P384_SHA_384" }, ["sha512"]),
  },
  {
    name: "envelope-unsigned",
    step: "bundle",
    expectedCode: "dsse-signature-count",
    describe: "an envelope without signature",
    make: statementCase({ rekor: 1, lies: { envelope: (envelope) => ({ ...envelope, signatures: [] }) } }),
  },
  {
    name: "envelope-signed-twice",
    step: "bundle",
    expectedCode: "dsse-signature-count",
    describe: "an envelope with two signatures, both good",
    make: statementCase({
      rekor: 1,
      lies: { envelope: (envelope) => ({ ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] }) },
    }),
  },
  {
    name: "payload-type-other",
    step: "bundle",
    expectedCode: "dsse-payload-type-unsupported",
    describe: "an envelope with plain text",
    make: payloadCase(ARTIFACT, "text/plain"),
  },
  {
    name: "subjects-1025",
    step: "artifact",
    expectedCode: "statement-too-many-subjects",
    describe: "1025 subjects, the artifact the last",
    make: statementCase({}, {}, statementOf(LIMITS.statementSubjects + 1)),
  },
  {
    name: "digests-33",
    step: "artifact",
    expectedCode: "statement-too-many-subjects",
    describe: "a subject with 33 digests",
    make: statementCase({}, {}, digestsOf(LIMITS.subjectDigests + 1)),
  },
  {
    name: "subject-other",
    step: "artifact",
    expectedCode: "statement-subject-mismatch",
    describe: "a statement about another file",
    make: statementCase({}, { artifact: { kind: "bytes", bytes: SOMETHING_ELSE } }),
  },
  {
    name: "subject-two-things",
    step: "artifact",
    expectedCode: "statement-subject-mismatch",
    describe: "a subject with the SHA-256 of the artifact and the SHA-512 of another file",
    make: statementCase(
      {},
      {},
      {
        ...statementAbout(ARTIFACT),
        subjects: statementAbout(ARTIFACT).subjects.map(({ name, digests }) => ({
          name,
          digests: new Map([...digests, ["sha512", "00".repeat(64)]]),
        })),
      },
    ),
  },
  {
    name: "statement-no-json",
    step: "artifact",
    expectedCode: "statement-invalid",
    describe: "a payload that is no JSON",
    make: payloadCase(ARTIFACT),
  },
  {
    name: "statement-member-twice",
    step: "artifact",
    expectedCode: "statement-invalid",
    describe: "a statement with a member twice, of which parsers may see either",
    make: twoSubjectLists,
  },
  {
    name: "statement-other-type",
    step: "artifact",
    expectedCode: "statement-invalid",
    describe: "a statement of a type to come",
    make: editedStatement((statement) => ({ ...statement, _type: "https://in-toto.io/Statement/v2" })),
  },
  {
    name: "statement-no-subject",
    step: "artifact",
    expectedCode: "statement-invalid",
    describe: "a statement about nothing",
    make: editedStatement((statement) => ({ ...statement, subject: [] })),
  },
];

/** Signatures by every algorithm that the registry has for new signatures. */
const ALGORITHMS = [
  "PKIX_ECDSA_P256_SHA_256",
  "PKIX_ECDSA_P384_SHA_384",
  "PKIX_ECDSA_P384_SHA_256",
  "PKIX_ECDSA_P521_SHA_512",
  "PKIX_ECDSA_P521_SHA_256",
  "PKIX_RSA_PKCS1V15_2048_SHA256",
  "PKIX_RSA_PKCS1V15_3072_SHA256",
  "PKIX_RSA_PKCS1V15_4096_SHA256",
  "PKIX_ED25519",
  "PKIX_ED25519_PH",
] as const;

const ALGORITHM_EDGES: readonly EdgeCase[] = ALGORITHMS.flatMap((algorithm): EdgeCase[] => [
  {
    name: `message-${algorithm}`,
    check: "signature-invalid",
    describe: `a message signature by ${algorithm}`,
    make: messageCase({ algorithm }),
  },
  {
    name: `envelope-${algorithm}`,
    check: "signature-invalid",
    describe: `an envelope signed by ${algorithm}`,
    make: statementCase({ algorithm }),
  },
]);

/** Signatures and content that are accepted at the edge. */
export const CONTENT_EDGES: readonly EdgeCase[] = [
  ...ALGORITHM_EDGES,
  {
    name: "message-digest-none",
    check: "artifact-mismatch",
    describe: "a bundle that says no digest",
    make: messageCase({ lies: { bundle: withMessageDigest(undefined) } }),
  },
  {
    name: "artifact-empty",
    check: "artifact-mismatch",
    describe: "an empty file",
    make: async (sigstore) =>
      caseOf(sigstore, await sigstore.signMessage(new Uint8Array(0)), {
        artifact: { kind: "bytes", bytes: new Uint8Array(0) },
      }),
  },
  {
    name: "digest-sha256",
    check: "artifact-digest-required",
    describe: "a P-256 signature judged by the SHA-256 digest",
    make: byDigests({}, ["sha256"]),
  },
  {
    name: "digest-sha384",
    check: "artifact-digest-required",
    describe: "a P-384 signature judged by the SHA-384 digest",
    make: byDigests({ algorithm: "PKIX_ECDSA_P384_SHA_384" }, ["sha384"]),
  },
  {
    name: "digest-ed25519ph",
    check: "artifact-bytes-required",
    describe: "a signature by Ed25519ph judged by the SHA-512 digest",
    make: byDigests({ algorithm: "PKIX_ED25519_PH" }, ["sha512"]),
  },
  {
    name: "digest-rsa",
    check: "artifact-digest-required",
    describe: "an RSA signature judged by the SHA-256 digest",
    make: byDigests({ algorithm: "PKIX_RSA_PKCS1V15_2048_SHA256" }, ["sha256"]),
  },
  {
    name: "statement-by-digest",
    check: "statement-subject-mismatch",
    describe: "a statement judged by the digest of its subject",
    make: statementCase({}, { artifact: { kind: "digests", digests: { sha256: digest("sha256", ARTIFACT) } } }),
  },
  {
    name: "subjects-1024",
    check: "statement-too-many-subjects",
    describe: "1024 subjects, the artifact the last",
    make: statementCase({}, {}, statementOf(LIMITS.statementSubjects)),
  },
  {
    name: "digests-32",
    check: "statement-too-many-subjects",
    describe: "a subject with 32 digests",
    make: statementCase({}, {}, digestsOf(LIMITS.subjectDigests)),
  },
  {
    name: "statement-v0.1",
    check: "statement-invalid",
    describe: "a statement of the first version",
    make: statementCase({}, {}, { ...statementAbout(ARTIFACT), type: "https://in-toto.io/Statement/v0.1" }),
  },
  {
    name: "statement-field-unknown",
    check: "statement-invalid",
    describe: "a statement with a field that nobody knows",
    make: editedStatement((statement) => ({ ...statement, comment: "hello" })),
  },
];
