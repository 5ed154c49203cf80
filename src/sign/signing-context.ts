/**
 * With whom a signature is dated and recorded, and whether that can be enough.
 */
import { SigstoreError } from "../errors.ts";
import { DEFAULT_REQUIREMENTS } from "../verify/requirements.ts";
import type { Requirements } from "../verify/requirements.ts";
import type { TrustMaterial } from "../verify/trust.ts";
import type { TimestampAuthority, TransparencyLog } from "./ports.ts";

/** The services of a signature and what their answers are held to. */
export interface SigningContext {
  readonly logs: readonly TransparencyLog[];
  readonly timestampAuthorities: readonly TimestampAuthority[];
  readonly trust: TrustMaterial;
  /** How much evidence the bundle must hold: what a verifier asks for by default. */
  readonly requirements?: Requirements;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** What `context` asks its bundles to hold. */
export function requirementsOf({ requirements = DEFAULT_REQUIREMENTS }: SigningContext): Requirements {
  return requirements;
}

/**
 * Refuses to begin what could not end well: fewer services than evidence is asked for. Rekor v2 gives no time of its own, so
 * a certificate recorded there needs a timestamp authority.
 */
export function checkEvidencePlan(context: SigningContext, isKeyless: boolean): void {
  const { logs, timestampAuthorities } = context;
  const required = requirementsOf(context);
  const dating = logs.filter(({ majorApiVersion }) => majorApiVersion === 1).length;
  requireServices("transparency logs", required.tlogEntries, logs.length);
  requireServices("timestamp authorities", required.signedTimestamps, timestampAuthorities.length);
  requireServices("transparency logs that give a time (Rekor v1)", required.integratedTimes, dating);
  if (!isKeyless) return;
  const sources = "timestamp authorities, or logs that give a time (Rekor v1)";
  requireServices(sources, required.times, timestampAuthorities.length + dating);
}

function requireServices(what: string, required: number, found: number): void {
  if (found >= required) return;
  throw new SigstoreError("signing-evidence-insufficient", `expected ${required} or more ${what}, got ${found}`, {
    hint: "use a signing config that names them: without them nobody could verify the signature",
  });
}
