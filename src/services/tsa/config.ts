/**
 * Settings of the timestamp authority, with the original's defaults (timestamp-authority, cmd/timestamp-server), and the check of
 * its certificate chain that the original makes at the start (pkg/x509, VerifyCertChain; RFC 3161 §2.3).
 *
 * Leaves out: where key and chain lie (the instance), and settings that need a server (addresses, TLS, metrics).
 */
import { type TimestampingAuthority, timestampingAuthority } from "../../authority/timestamp.ts";
import type { Signer } from "../../crypto/signer.ts";
import { SigstoreError } from "../../errors.ts";
import { type Certificate, parseCertificate } from "../../formats/x509/certificate.ts";
import { basicConstraints, extendedKeyUsage } from "../../formats/x509/extensions.ts";
import { OID } from "../../formats/x509/oids.ts";
import { pathOfTrustedLeaf } from "../../verify/authority-path.ts";
import { TrustedAuthority } from "../../verify/trust.ts";
import type { ClockRules } from "./clock-guard.ts";

/** What the owner of an authority may set; what is absent is as in the original. */
export interface TsaConfig {
  /** DER: the authority's own certificate, intermediates, root. */
  readonly chain: readonly Uint8Array[];
  readonly signer: Signer;
  /** `--default-policy-oid`. */
  readonly defaultPolicy?: string;
  /** `--accepted-policy-oids`; the default policy is always accepted. */
  readonly acceptedPolicies?: readonly string[];
  /** `--include-chain-in-response`. */
  readonly includeChain?: boolean;
  /** `--allow-custom-extensions`: a request's extensions are copied into the timestamp. */
  readonly allowExtensions?: boolean;
  /** `--use-http-201`: answer 201 as version 1 did. */
  readonly useHttp201?: boolean;
  /** `--enforce-intermediate-eku`, true by default. */
  readonly enforceIntermediateUsage?: boolean;
  readonly clock?: Partial<ClockRules>;
}

/** The settings in force. */
export interface TsaSettings {
  readonly authority: TimestampingAuthority;
  readonly defaultPolicy: string;
  readonly acceptedPolicies: ReadonlySet<string>;
  readonly certificates: "leaf" | "chain";
  readonly allowExtensions: boolean;
  readonly grantedStatus: 200 | 201;
  readonly clock: ClockRules;
}

const MINUTE_MS = 60_000;

/** One second is what every timestamp of the original states. */
const DEFAULT_CLOCK: ClockRules = { accuracyMs: 1000, settleMs: 10 * MINUTE_MS, measurementLifetimeMs: 10 * MINUTE_MS };

/**
 * The settings of a configuration whose chain and key belong together.
 *
 * @throws SigstoreError `config-invalid`, `certificate-invalid`, `certificate-path-invalid`
 */
export function tsaSettings(config: TsaConfig): TsaSettings {
  checkTimestampChain(config.chain, config.enforceIntermediateUsage ?? true);
  const defaultPolicy = config.defaultPolicy ?? OID.sigstoreTimestampPolicy;
  return {
    authority: authorityOf(config),
    defaultPolicy,
    acceptedPolicies: new Set([defaultPolicy, ...(config.acceptedPolicies ?? [])]),
    certificates: config.includeChain === true ? "chain" : "leaf",
    allowExtensions: config.allowExtensions ?? false,
    grantedStatus: config.useHttp201 === true ? 201 : 200,
    clock: { ...DEFAULT_CLOCK, ...config.clock },
  };
}

function authorityOf({ chain, signer }: TsaConfig): TimestampingAuthority {
  try {
    return timestampingAuthority(chain, signer);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw invalid("the key of the authority's own certificate", "another", cause);
  }
}

/**
 * Refuses a chain that clients would refuse: own certificate first, no CA, for timestamps only and critically so; intermediates
 * that may issue such; signatures up to the last.
 *
 * @throws SigstoreError `config-invalid`, `certificate-invalid`, `certificate-path-invalid`
 */
function checkTimestampChain(chain: readonly Uint8Array[], enforceIntermediateUsage: boolean): void {
  const [leaf, ...authorities] = chain.map(parseCertificate);
  if (leaf === undefined || authorities.length === 0)
    throw invalid("the authority's certificate and at least its root", `${chain.length} certificates`);
  checkLeaf(leaf);
  if (enforceIntermediateUsage) for (const intermediate of authorities.slice(0, -1)) checkIntermediate(intermediate);
  const trusted = new TrustedAuthority({
    uri: "",
    operator: "",
    organization: "",
    commonName: "the timestamp authority",
    certificates: chain,
    validFor: { startMs: 0, endMs: undefined },
  });
  const [first] = trusted.certificates;
  if (first !== undefined) pathOfTrustedLeaf(trusted, first, "timeStamping");
}

function checkLeaf(leaf: Certificate): void {
  if (basicConstraints(leaf)?.isCa === true) throw invalid("an end certificate first in the chain", "a CA");
  const usage = extendedKeyUsage(leaf);
  // RFC 3161 §2.3: "The corresponding certificate MUST contain only one instance of the extended key usage field extension […] having
  // as value id-kp-timeStamping. This extension MUST be critical."
  if (usage?.oids.length !== 1 || usage.oids[0] !== OID.timeStamping)
    throw invalid("a certificate for timestamps and nothing else", usage?.oids.join(", ") ?? "one without purpose");
  if (!usage.critical) throw invalid("a critical extended key usage", "one that is not");
}

function checkIntermediate(intermediate: Certificate): void {
  if (extendedKeyUsage(intermediate)?.oids.includes(OID.timeStamping) !== true)
    throw invalid("intermediates whose extended key usage names timestamps", "one without");
}

function invalid(expected: string, got: string, cause?: unknown): SigstoreError {
  return new SigstoreError("config-invalid", `timestamp authority: expected ${expected}, got ${got}`, { cause });
}
