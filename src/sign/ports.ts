/**
 * The four ports of signing: who I am, who certifies it, who dates it, who records it.
 *
 * For all four: any number of calls may run at once. An adapter bounds its own time, and repeats a call by itself where the
 * first may safely have happened; a caller never repeats one. `signal` ends a call with `cancelled`. Errors are
 * `SigstoreError`s that name the service, its address, what it said and what to do, and never hold a token. What is handed
 * back is only read, not believed: sign/ checks it as a verifier would.
 */
import type { TlogEntry } from "../formats/bundle/bundle.ts";
import type { DsseEnvelope } from "../formats/dsse.ts";
import type { NamedDigest } from "../formats/hash-algorithm.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import type { Verifier002 } from "../formats/rekor/entry-body.ts";

/** What a person may do while a call runs. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings tokens that say who is signing: a person's login, a machine's identity, or a token given by hand.
 *
 * A call may ask a person and take minutes; a provider asks once for calls that run at the same time. Each call brings a
 * token that is good now, the same one again or another.
 */
export interface IdentityProvider {
  /** Where tokens come from, in words or as an address. */
  readonly label: string;
  fetchIdentityToken(options?: CallOptions): Promise<IdentityToken>;
}

/** What a certificate is asked for: by whom, and for which key. */
export interface CertificateRequest {
  readonly token: IdentityToken;
  /** PKCS #10, DER, signed by the key: proves possession of it whatever the token calls its subject. */
  readonly certificationRequest: Uint8Array;
}

/**
 * A certificate authority for keys of one signature.
 *
 * Returns the DER chain, leaf first, with the SCTs inside the leaf. Asking twice gives two certificates, both recorded in a
 * CT log for ever: an adapter repeats a call only where the first was not taken up.
 */
export interface CertificateAuthority {
  readonly address: string;
  requestCertificate(request: CertificateRequest, options?: CallOptions): Promise<readonly Uint8Array[]>;
}

/** An RFC 3161 timestamp authority: a TimeStampReq in, the TimeStampResp out, both DER. A repeated call does no harm. */
export interface TimestampAuthority {
  readonly address: string;
  requestTimestamp(request: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** A signature as a log is asked to record it. */
export type EntryProposal =
  | {
      readonly kind: "hashedrekord";
      readonly digest: NamedDigest;
      readonly signature: Uint8Array;
      readonly verifier: Verifier002;
    }
  /** Rekor v1 alone. */
  | { readonly kind: "dsse"; readonly envelope: DsseEnvelope; readonly verifier: Verifier002 };

/**
 * A transparency log that takes entries in.
 *
 * Returns once the entry is in the log for good, with its proof. The same proposal twice is one entry: where the log says
 * that it has it already, that entry is returned, so a call may be repeated.
 */
export interface TransparencyLog {
  readonly address: string;
  /** Which proposals it takes: Rekor v1 both kinds, v2 hashedrekord alone. */
  readonly majorApiVersion: 1 | 2;
  submitEntry(proposal: EntryProposal, options?: CallOptions): Promise<TlogEntry>;
}
