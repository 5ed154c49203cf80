/**
 * The public library. No hidden network, no hidden clock: what a verdict depends on is in its arguments.
 *
 * Everything here also runs in a browser: the package's `browser` condition chooses portable cryptography.
 */
export { isSigstoreError, SigstoreError } from "./errors.ts";
export type { ErrorCode, SigstoreErrorOptions } from "./errors.ts";

export { exitCodeOf, judge as verify } from "./verdict/verdict.ts";
export type { VerdictRequest } from "./verdict/verdict.ts";
export { loadTrust } from "./verdict/trust.ts";
export type { Trust, TrustSource } from "./verdict/trust.ts";
export type * from "./verdict/result.ts";
export { STEPS } from "./verify/checks.ts";
export type { Check, Step } from "./verify/checks.ts";
export type { Artifact } from "./verify/artifact.ts";
export type { ManagedKey } from "./verify/managed-key.ts";
export type { Requirements } from "./verify/requirements.ts";
export { digestsNeeded } from "./verify/digests-needed.ts";
export type { DigestsNeeded } from "./verify/digests-needed.ts";

export { exactIdentity, patternIdentity } from "./policy/identity.ts";
export type { Expected, IdentityExpectation } from "./policy/identity.ts";
export { lintIdentity } from "./policy/lint.ts";
export type { LintFinding } from "./policy/lint.ts";
export type { ProfileName } from "./policy/profile.ts";
export { findInstance, instances } from "./policy/instances/instances.ts";
export type { Instance, InstanceName } from "./policy/instances/instances.ts";

export { parseBundle, serializeBundle } from "./formats/bundle/bundle.ts";
export type {
  Bundle,
  BundleContent,
  InclusionProof,
  TlogEntry,
  VerificationMaterial,
} from "./formats/bundle/bundle.ts";
export { parseTrustedRoot, serializeTrustedRoot } from "./formats/trusted-root.ts";
export type { AuthorityInstance, LogInstance, TrustedRoot, ValidityRange } from "./formats/trusted-root.ts";
export { parseDsseEnvelope } from "./formats/dsse.ts";
export type { DsseEnvelope } from "./formats/dsse.ts";
export { parseStatement } from "./formats/in-toto.ts";
export type { Statement } from "./formats/in-toto.ts";
export { parsePublicKeyPem } from "./formats/spki.ts";
