/**
 * A trusted root made ready for use: logs and authorities with their keys.
 *
 * Keys are imported and the links between certificates of the root verified when first needed, and kept: they belong to
 * the trusted root, not to a bundle. Nothing learned from a bundle is remembered here.
 */
import { algorithmByName } from "../crypto/algorithms.ts";
import type { SignatureAlgorithm } from "../crypto/algorithms.ts";
import { sha256 } from "../crypto/digest.ts";
import { importPublicKey } from "../crypto/keys.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import { spkiFromPkcs1 } from "../formats/spki.ts";
import type { AuthorityInstance, LogInstance, TrustedRoot, ValidityRange } from "../formats/trusted-root.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { nameText } from "../formats/x509/name.ts";

/** A log of the trusted root. */
export class TrustedLog {
  readonly instance: LogInstance;
  #key: PublicKey | undefined;
  #logIdHex: string | undefined;
  #operator: string | undefined;
  #hostname: string | undefined;

  constructor(instance: LogInstance) {
    this.instance = instance;
  }

  /** How the log signs. Throws `algorithm-unsupported`: a log of tomorrow in a trusted root harms nobody before it is needed. */
  get algorithm(): SignatureAlgorithm {
    return algorithmByName(this.instance.keyDetails);
  }

  /** The log's public key; throws `key-invalid` when the trusted root holds none that can be read. */
  get key(): PublicKey {
    this.#key ??= importLogKey(this.instance, this.algorithm);
    return this.#key;
  }

  /** The log ID in hex. */
  get logIdHex(): string {
    this.#logIdHex ??= hexEncode(this.instance.logId);
    return this.#logIdHex;
  }

  /** Who vouches: the operator, or the log itself where the trusted root names none. */
  get operator(): string {
    const { operator } = this.instance;
    this.#operator ??= operator === "" ? `log ${this.logIdHex}` : `operator ${operator}`;
    return this.#operator;
  }

  /** Host name of the log's address, without port and path: what stock logs use as the origin of their checkpoints. */
  get hostname(): string {
    this.#hostname ??= hostnameOf(this.instance.baseUrl);
    return this.#hostname;
  }
}

/** A certificate of the trusted root, with what is computed from it once. */
export class TrustedCertificate {
  readonly certificate: Certificate;
  #key: PublicKey | undefined;
  #keyHash: Uint8Array | undefined;
  #subjectText: string | undefined;

  constructor(certificate: Certificate) {
    this.certificate = certificate;
  }

  /** The certified public key. */
  get key(): PublicKey {
    this.#key ??= importPublicKey(this.certificate.spki);
    return this.#key;
  }

  /** SHA-256 of the SubjectPublicKeyInfo: the issuer key hash of RFC 6962, section 3.2. */
  get keyHash(): Uint8Array {
    this.#keyHash ??= sha256(this.certificate.spki);
    return this.#keyHash;
  }

  /** The subject in words, which is the issuer of every certificate that this one issued. */
  get subjectText(): string {
    this.#subjectText ??= nameText(this.certificate.subject);
    return this.#subjectText;
  }
}

/** A certificate authority or timestamp authority of the trusted root. */
export class TrustedAuthority {
  readonly instance: AuthorityInstance;
  #certificates: readonly TrustedCertificate[] | undefined;
  /** Paths found so far: from a certificate of this authority to its anchor, by that certificate. */
  readonly paths = new Map<TrustedCertificate, readonly TrustedCertificate[]>();
  /** The same for end certificates that the trusted root lists: these are no authorities and must not pass for some. */
  readonly leafPaths = new Map<TrustedCertificate, readonly TrustedCertificate[]>();

  constructor(instance: AuthorityInstance) {
    this.instance = instance;
  }

  /** The certificates in the order of the file. */
  get certificates(): readonly TrustedCertificate[] {
    this.#certificates ??= this.instance.certificates.map((der) => new TrustedCertificate(parseCertificate(der)));
    return this.#certificates;
  }

  /** Who vouches: the operator; where the trusted root names none, who answers at this address or has this name. */
  get operator(): string {
    const { operator, uri, organization, commonName } = this.instance;
    if (operator !== "") return `operator ${operator}`;
    return uri === "" ? `name ${organization}\n${commonName}` : `address ${uri}`;
  }

  /** The name by which people know this authority. */
  get label(): string {
    return this.instance.uri === "" ? this.instance.commonName : this.instance.uri;
  }
}

/** Everything a verification may rely on. */
export interface TrustMaterial {
  readonly tlogs: readonly TrustedLog[];
  readonly ctlogs: readonly TrustedLog[];
  readonly certificateAuthorities: readonly TrustedAuthority[];
  readonly timestampAuthorities: readonly TrustedAuthority[];
}

/** Makes a parsed trusted root ready for use. */
export function loadTrustMaterial(root: TrustedRoot): TrustMaterial {
  return {
    tlogs: root.tlogs.map((instance) => new TrustedLog(instance)),
    ctlogs: root.ctlogs.map((instance) => new TrustedLog(instance)),
    certificateAuthorities: root.certificateAuthorities.map((instance) => new TrustedAuthority(instance)),
    timestampAuthorities: root.timestampAuthorities.map((instance) => new TrustedAuthority(instance)),
  };
}

/** The logs of `logs` with this log ID: more than one where a key was listed again with another range. */
export function logsById(logs: readonly TrustedLog[], logId: Uint8Array): readonly TrustedLog[] {
  return logs.filter((log) => equalBytes(log.instance.logId, logId));
}

/**
 * How many of those who vouch are independent. sigstore_trustroot.proto, `operator`: two proofs or timestamps of one operator
 * "should count as only one".
 */
export function countOperators(vouching: readonly (TrustedLog | TrustedAuthority)[]): number {
  return vouching.length < 2 ? vouching.length : new Set(vouching.map(({ operator }) => operator)).size;
}

/**
 * True when `timeMs` lies in `range`; both ends belong to it (protobuf-specs, TimeRange: "closed interval"). No range, not
 * even one without end, reaches beyond the year 9999, where times that can be told end: logs count in 64 bits.
 */
export function inRange(range: ValidityRange, timeMs: number): boolean {
  return timeMs >= range.startMs && timeMs <= (range.endMs ?? END_OF_TIME_MS);
}

/** 9999-12-31T23:59:59.999Z, the last moment of google.protobuf.Timestamp and of RFC 3339. */
const END_OF_TIME_MS = 253_402_300_799_999;

function importLogKey(instance: LogInstance, algorithm: SignatureAlgorithm): PublicKey {
  const isPkcs1 = instance.keyDetails.startsWith("PKCS1_");
  const key = importPublicKey(isPkcs1 ? spkiFromPkcs1(instance.publicKey) : instance.publicKey);
  if (key.keyType !== algorithm.keyType) {
    throw new SigstoreError(
      "trusted-root-invalid",
      `expected a key of ${algorithm.name} for the log ${instance.baseUrl}, got a key of type ${key.keyType}`,
    );
  }
  return key;
}

function hostnameOf(baseUrl: string): string {
  const afterScheme = baseUrl.slice(baseUrl.indexOf("://") + (baseUrl.includes("://") ? 3 : 1));
  const authority = afterScheme.split("/", 1)[0] ?? "";
  return authority.startsWith("[")
    ? authority.slice(0, authority.indexOf("]") + 1)
    : (authority.split(":", 1)[0] ?? "");
}
