/**
 * Where the virtual Sigstore can be told to lie.
 *
 * Each hook gets the honest value of one point and returns what is used instead; everything after it is made and signed over
 * the lie, so that a bundle fails at that point alone. Leaves out: lies that need another key or another instance, for which
 * the signing options take any authority or log.
 */
import type { SigningLog, TreeHead } from "../authority/checkpoint.ts";
import type { LoggedEntry } from "../authority/entry.ts";
import type { CertificateFields } from "../authority/issuing-authority.ts";
import type { PromisedEntry } from "../authority/promise.ts";
import type { SctRequest } from "../authority/sct.ts";
import type { TimestampTokenParts } from "../authority/timestamp.ts";
import type { Bundle, InclusionProof, TlogEntry } from "../formats/bundle/bundle.ts";
import type { DsseEnvelope } from "../formats/dsse.ts";
import type { TimestampRequest, TstInfoFields } from "../formats/rfc3161.ts";
import type { Sct } from "../formats/sct.ts";

/** An honest value in, what is used instead out. */
export type Lie<Value> = (honest: Value) => Value;

/** Lies of the certificate authority and of CT logs. */
export interface CertificateLies {
  /** What the certificate says, before CT logs see it. */
  readonly certificateFields?: Lie<CertificateFields>;
  /** What a CT log signs; the SCT then shows time and extensions of the lie. */
  readonly sctRequest?: Lie<SctRequest>;
  /** The SCTs that go into the certificate. */
  readonly scts?: Lie<readonly Sct[]>;
  /** What the certificate says after CT logs saw it; without the SCT list. */
  readonly issuedFields?: Lie<CertificateFields>;
  /** The signed certificate, DER. */
  readonly certificate?: Lie<Uint8Array>;
}

/** Lies of timestamp authorities. */
export interface TimestampLies {
  readonly timestampRequest?: Lie<TimestampRequest>;
  readonly tstInfo?: Lie<TstInfoFields>;
  /** TSTInfo, signed attributes and certificates, before the signature. */
  readonly timestampParts?: Lie<TimestampTokenParts>;
  /** The signed token, DER. */
  readonly timestampToken?: Lie<Uint8Array>;
  /** The response, DER. */
  readonly timestamp?: Lie<Uint8Array>;
}

/** Lies of transparency logs. */
export interface LogLies {
  /** Kind, version and body of what is logged; proof and promise are of the lie. */
  readonly loggedEntry?: Lie<LoggedEntry>;
  /** What the promise signs. */
  readonly promisedEntry?: Lie<PromisedEntry>;
  /** The proof, before the checkpoint is put into it. */
  readonly proof?: Lie<InclusionProof>;
  /** What the checkpoint says of the tree. */
  readonly treeHead?: Lie<TreeHead>;
  /** Who the checkpoint says it is of, under which name and with which key it is signed. */
  readonly checkpointLog?: Lie<SigningLog>;
  /** The signed checkpoint, a note. */
  readonly checkpoint?: Lie<string>;
  /** The entry as the log answers it. */
  readonly tlogEntry?: Lie<TlogEntry>;
}

/** All lies that one bundle can be told. */
export interface Lies extends CertificateLies, TimestampLies, LogLies {
  /** The signature over the artifact or envelope, wherever it goes. */
  readonly signature?: Lie<Uint8Array>;
  /** The bytes that are signed. */
  readonly signedBytes?: Lie<Uint8Array>;
  /** The signed envelope, wherever it goes. */
  readonly envelope?: Lie<DsseEnvelope>;
  /** The finished bundle. */
  readonly bundle?: Lie<Bundle>;
}
