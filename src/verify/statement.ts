/**
 * The statement inside a DSSE envelope: is the artifact one of its subjects? (in-toto Statement v1, ResourceDescriptor;
 * client specification 4.6)
 *
 * What the predicate says is judged by policy.
 */
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import { parseStatement } from "../formats/in-toto.ts";
import type { Statement } from "../formats/in-toto.ts";
import { LIMITS } from "../limits.ts";
import type { DigestedMessage } from "./artifact.ts";
import type { CheckLog } from "./checks.ts";

/** A statement about the artifact. Its signature must have been verified before it is believed. */
export interface StatementAboutArtifact {
  readonly statement: Statement;
  /** Name of the subject that is the artifact. */
  readonly subject: string;
}

/** Parses the statement in `payload` and finds `artifact` among its subjects; throws `statement-subject-mismatch`. */
export function matchStatement(payload: Uint8Array, artifact: DigestedMessage, log: CheckLog): StatementAboutArtifact {
  const statement = parseStatement(payload);
  checkStatementSize(statement);
  for (const subject of statement.subjects) {
    if (!isSubject(subject.digests, artifact)) continue;
    log.pass(
      () => `artifact is the subject ${JSON.stringify(subject.name)} of a statement of type ${statement.predicateType}`,
    );
    return { statement, subject: subject.name };
  }
  const names = statement.subjects.slice(0, 3).map(({ name }) => JSON.stringify(name));
  throw new SigstoreError(
    "statement-subject-mismatch",
    `expected the artifact to be a subject of the statement, got ${statement.subjects.length} other subjects (${names.join(", ")})`,
    {
      hint: "the attestation is about another file, or the file was changed",
    },
  );
}

const COMPARABLE = ["sha256", "sha384", "sha512"] as const;

/**
 * in-toto: a subject matches when a digest of it does. Here every digest that can be compared must match, so that a
 * subject cannot speak of two things at once; other algorithms are too weak or unknown to decide anything.
 */
function isSubject(digests: ReadonlyMap<string, string>, artifact: DigestedMessage): boolean {
  let compared = 0;
  for (const algorithm of COMPARABLE) {
    const claimed = digests.get(algorithm);
    const actual = claimed === undefined ? undefined : artifact.find(algorithm);
    if (claimed === undefined || actual === undefined) continue;
    if (claimed.toLowerCase() !== hexEncode(actual)) return false;
    compared += 1;
  }
  return compared > 0;
}

/** Client specification 4.6: a client SHOULD bound the subjects and digests that it is ready to read. */
function checkStatementSize(statement: Statement): void {
  const { subjects } = statement;
  if (subjects.length > LIMITS.statementSubjects) {
    throw new SigstoreError(
      "statement-too-many-subjects",
      `expected at most ${LIMITS.statementSubjects} subjects, got ${subjects.length}`,
    );
  }
  const crowded = subjects.find(({ digests }) => digests.size > LIMITS.subjectDigests);
  if (crowded !== undefined) {
    throw new SigstoreError(
      "statement-too-many-subjects",
      `expected at most ${LIMITS.subjectDigests} digests of a subject, got ${crowded.digests.size}`,
    );
  }
}
