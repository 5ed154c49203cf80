/**
 * A question to the verifier with the answer that is known beforehand: the form in which lies and edges are tried.
 *
 * Leaves out: the asking. Whoever runs the cases calls `verdict/`, which this folder must not know.
 */
import { utf8Encode } from "../encoding/text.ts";
import type { ErrorCode } from "../errors.ts";
import type { Statement } from "../formats/in-toto.ts";
import {
  serializeTrustedRoot,
  type TrustedRoot,
  type TrustedRootVersion,
  type ValidityRange,
} from "../formats/trusted-root.ts";
import type { FulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import type { Artifact } from "../verify/artifact.ts";
import type { Step } from "../verify/checks.ts";
import type { ManagedKey } from "../verify/managed-key.ts";
import type { Requirements } from "../verify/requirements.ts";
import type { SignedBundle, SigningOptions } from "./signing-options.ts";
import { type VirtualSigstore, statementAbout } from "./virtual-sigstore.ts";

/** Whom the question trusts. `instance`: in that instance alone. */
export interface TrustedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly extensions?: Readonly<Partial<Record<keyof FulcioExtensions, string>>>;
  readonly instance?: string;
}

/** All that a verification is given. Bundle and trusted root are the text of their files. */
export interface VerificationCase {
  readonly bundle: string;
  readonly trustedRoot: string;
  readonly artifact: Artifact;
  /** Empty where a key is given. */
  readonly identities: readonly TrustedIdentity[];
  readonly key?: ManagedKey;
  readonly require?: Partial<Requirements>;
  readonly profile?: "github";
  readonly nowMs: number;
  readonly latestTimeMs?: number;
}

/** Makes a case in a virtual Sigstore with default options; other instances it makes itself. */
export type CaseMaker = (sigstore: VirtualSigstore) => Promise<VerificationCase>;

/** A bundle that fails one check alone. */
export interface LieCase {
  /** Unique among lies and edges. */
  readonly name: string;
  /** The step of the verification that refuses it; none where bundle or trusted root cannot be read. */
  readonly step: Step;
  readonly expectedCode: ErrorCode;
  /** What is wrong, in words. */
  readonly describe: string;
  readonly make: CaseMaker;
}

/** A bundle that passes right at the edge of one check. */
export interface EdgeCase {
  readonly name: string;
  /** The check that would refuse it if it went one step further. */
  readonly check: ErrorCode;
  readonly describe: string;
  readonly make: CaseMaker;
}

/** What every case signs, unless it must be something else. */
export const ARTIFACT: Uint8Array = utf8Encode("what was signed\n");

/** Changes to a case, or how to make them from what was signed. */
export type CaseChanges =
  | Partial<VerificationCase>
  | ((sigstore: VirtualSigstore, signed: SignedBundle) => Partial<VerificationCase>);

/** Options of a signature, or how to make them. */
export type CaseOptions = SigningOptions | ((sigstore: VirtualSigstore) => SigningOptions | Promise<SigningOptions>);

/** A case with a message signature over `ARTIFACT`. */
export function messageCase(options: CaseOptions = {}, changes: CaseChanges = {}): CaseMaker {
  return async (sigstore) => {
    const signed = await sigstore.signMessage(ARTIFACT, await chosen(options, sigstore));
    return caseOf(sigstore, signed, changes);
  };
}

/** A case with a statement about `ARTIFACT`, or this one. */
export function statementCase(
  options: CaseOptions = {},
  changes: CaseChanges = {},
  statement: Statement = statementAbout(ARTIFACT),
): CaseMaker {
  return async (sigstore) => {
    const signed = await sigstore.signStatement(statement, await chosen(options, sigstore));
    return caseOf(sigstore, signed, changes);
  };
}

async function chosen(options: CaseOptions, sigstore: VirtualSigstore): Promise<SigningOptions> {
  return typeof options === "function" ? options(sigstore) : options;
}

/** The case that asks of `signed` what is true of it, but for `changes`. */
export function caseOf(sigstore: VirtualSigstore, signed: SignedBundle, changes: CaseChanges = {}): VerificationCase {
  const { identity, json, publicKey } = signed;
  return {
    bundle: json,
    trustedRoot: sigstore.trustedRootJson,
    artifact: { kind: "bytes", bytes: ARTIFACT },
    identities: identity === undefined ? [] : [{ issuer: identity.issuer, subject: identity.subject }],
    ...(identity === undefined && { key: { spki: publicKey } }),
    nowMs: sigstore.nowMs,
    ...(typeof changes === "function" ? changes(sigstore, signed) : changes),
  };
}

/** Roles of a trusted root. */
export type TrustRole = "tlogs" | "ctlogs" | "certificateAuthorities" | "timestampAuthorities";

/** The trusted root of `sigstore` with more entries; from v0.2 on it says who operates what. */
export function addTrust(
  sigstore: VirtualSigstore,
  more: Partial<Pick<TrustedRoot, TrustRole>>,
  version: TrustedRootVersion = "0.1",
): string {
  const root = sigstore.trustedRoot;
  return serializeTrustedRoot(
    {
      mediaType: root.mediaType,
      tlogs: [...root.tlogs, ...(more.tlogs ?? [])],
      ctlogs: [...root.ctlogs, ...(more.ctlogs ?? [])],
      certificateAuthorities: [...root.certificateAuthorities, ...(more.certificateAuthorities ?? [])],
      timestampAuthorities: [...root.timestampAuthorities, ...(more.timestampAuthorities ?? [])],
    },
    version,
  );
}

/** The trusted root of `sigstore` with these entries of one role instead of its own. */
export function replaceTrust(sigstore: VirtualSigstore, entries: Partial<Pick<TrustedRoot, TrustRole>>): string {
  return serializeTrustedRoot({ ...sigstore.trustedRoot, ...entries }, "0.1");
}

/** The trusted root of `sigstore` in which every entry of `role` is trusted for this range alone. */
export function limitTrust(sigstore: VirtualSigstore, role: TrustRole, validFor: Partial<ValidityRange>): string {
  const limited = sigstore.trustedRoot[role].map((entry) => ({
    ...entry,
    validFor: { ...entry.validFor, ...validFor },
  }));
  return serializeTrustedRoot({ ...sigstore.trustedRoot, [role]: limited }, "0.1");
}

/** A copy of `bytes` with the lowest bit of one byte flipped: the last one, or that at `index`. */
export function flipBit(bytes: Uint8Array, index: number = bytes.length - 1): Uint8Array {
  const copy = bytes.slice();
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
