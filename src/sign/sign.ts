/**
 * The signer (client specification 2): signature, timestamps, log entries, bundle v0.3, each checked as a verifier would before
 * the next step is taken, and the whole once more as it will be written.
 *
 * Timestamps come before entries: what cannot be dated is not put on record for ever. Leaves out where bundles are written,
 * and whom to trust: this says that the bundle is sound and who signed it.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { BUNDLE_MEDIA_TYPE_V03, parseBundle, serializeBundle } from "../formats/bundle/bundle.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { digestedArtifact } from "../verify/artifact.ts";
import type { Artifact, DigestedMessage } from "../verify/artifact.ts";
import { CheckLog } from "../verify/checks.ts";
import type { Check } from "../verify/checks.ts";
import { verifyBundle } from "../verify/verify-bundle.ts";
import type { VerifiedBundle } from "../verify/verify-bundle.ts";
import { requestTimestamps } from "./request-timestamps.ts";
import { signArtifactContent, signStatementContent } from "./signed-content.ts";
import type { SignedArtifactContent } from "./signed-content.ts";
import { checkEvidencePlan, requirementsOf } from "./signing-context.ts";
import type { SigningContext } from "./signing-context.ts";
import { keyMaterialOf } from "./signing-key.ts";
import type { SigningKey } from "./signing-key.ts";
import { checkLogsTakeKey, submitEntries } from "./submit-entries.ts";

/** A signature with everything that verifies it. */
export interface SignedBundle {
  /** The bundle as JSON: what is to be written. */
  readonly json: string;
  readonly bundle: Bundle;
  /** What a verifier finds in it. */
  readonly verified: VerifiedBundle;
  readonly checks: readonly Check[];
}

/**
 * Signs an artifact as it is; digests of it are enough but for keys that sign whole messages.
 *
 * @throws SigstoreError `signing-evidence-insufficient` where the services cannot give what a verifier asks for,
 * `service-answer-refused` where an answer does not verify, `algorithm-unsupported`, `artifact-bytes-required`,
 * `artifact-digest-required`, and the errors of signer and services
 */
export async function signMessage(artifact: Artifact, key: SigningKey, context: SigningContext): Promise<SignedBundle> {
  checkEvidencePlan(context, key.kind === "certificate");
  checkLogsTakeKey("message", key, context);
  return completeBundle(await signArtifactContent(digestedArtifact(artifact), key), key, context);
}

/** Signs an in-toto statement, the JSON in `payload`, in a DSSE envelope. Errors as `signMessage`, and `statement-invalid`. */
export async function signStatement(
  payload: Uint8Array,
  key: SigningKey,
  context: SigningContext,
): Promise<SignedBundle> {
  checkEvidencePlan(context, key.kind === "certificate");
  checkLogsTakeKey("envelope", key, context);
  return completeBundle(await signStatementContent(payload, key), key, context);
}

async function completeBundle(
  { content, signed, artifact }: SignedArtifactContent,
  key: SigningKey,
  context: SigningContext,
): Promise<SignedBundle> {
  const timestamps = await requestTimestamps(signed.signature, key, context);
  const tlogEntries = await submitEntries(signed, key, context);
  const bundle: Bundle = {
    mediaType: BUNDLE_MEDIA_TYPE_V03,
    version: "0.3",
    material: { key: keyMaterialOf(key), tlogEntries, timestamps },
    content,
  };
  const json = serializeBundle(bundle);
  return { json, bundle, ...verifyWritten(json, artifact, key, context) };
}

/** Verifies what will be written, read back from its text. */
function verifyWritten(
  json: string,
  artifact: DigestedMessage,
  key: SigningKey,
  context: SigningContext,
): Pick<SignedBundle, "verified" | "checks"> {
  const log = new CheckLog();
  const managed = key.kind === "managed" ? { spki: key.signer.publicKey.spki } : undefined;
  try {
    const requirements = requirementsOf(context);
    const request = { artifact, trust: context.trust, requirements, key: managed, nowMs: context.now() };
    return { verified: verifyBundle({ bundle: parseBundle(json), ...request }, log), checks: log.checks };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw new SigstoreError(
      "signing-evidence-insufficient",
      `expected a bundle that verifies, got one that is refused: ${error.message}`,
      { hint: "nothing was written; the services do not make one instance with the trusted root", cause: error },
    );
  }
}
