/**
 * Every lie and every edge: the table from which test/vectors proves that each check of the verifier refuses what it must,
 * for its own reason, and accepts what lies right at its edge.
 */
import type { ErrorCode } from "../errors.ts";
import { BUNDLE_EDGES, BUNDLE_LIES } from "./lies-bundle.ts";
import { CERTIFICATE_EDGES, CERTIFICATE_LIES } from "./lies-certificate.ts";
import { CONTENT_EDGES, CONTENT_LIES } from "./lies-content.ts";
import { ENTRY_BODY_EDGES, ENTRY_BODY_LIES } from "./lies-entry-body.ts";
import { KEY_EDGES, KEY_LIES } from "./lies-key.ts";
import { LOG_EDGES, LOG_LIES } from "./lies-log.ts";
import { PATH_EDGES, PATH_LIES } from "./lies-path.ts";
import { POLICY_EDGES, POLICY_LIES, TRUSTED_ROOT_LIES } from "./lies-policy.ts";
import { PROOF_EDGES, PROOF_LIES } from "./lies-proof.ts";
import { SCT_EDGES, SCT_LIES } from "./lies-sct.ts";
import { TIME_EDGES, TIME_LIES } from "./lies-time.ts";
import { TIMESTAMP_EDGES, TIMESTAMP_LIES } from "./lies-timestamp.ts";
import type { EdgeCase, LieCase } from "./verification-case.ts";

export type { EdgeCase, LieCase, VerificationCase } from "./verification-case.ts";

/** Bundles that fail one check alone, in the order of the steps. */
export const LIES: readonly LieCase[] = [
  ...TRUSTED_ROOT_LIES,
  ...BUNDLE_LIES,
  ...TIMESTAMP_LIES,
  ...TIME_LIES,
  ...LOG_LIES,
  ...PROOF_LIES,
  ...PATH_LIES,
  ...CERTIFICATE_LIES,
  ...SCT_LIES,
  ...KEY_LIES,
  ...CONTENT_LIES,
  ...ENTRY_BODY_LIES,
  ...POLICY_LIES,
];

/** Bundles that pass right at the edge of a check. */
export const EDGES: readonly EdgeCase[] = [
  ...BUNDLE_EDGES,
  ...TIMESTAMP_EDGES,
  ...TIME_EDGES,
  ...LOG_EDGES,
  ...PROOF_EDGES,
  ...PATH_EDGES,
  ...CERTIFICATE_EDGES,
  ...SCT_EDGES,
  ...KEY_EDGES,
  ...CONTENT_EDGES,
  ...ENTRY_BODY_EDGES,
  ...POLICY_EDGES,
];

/** Codes of the verifier that no bundle can be made for, and why. */
export const CODES_WITHOUT_LIE: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ["revoked", "there is no source of revocations yet"],
]);
