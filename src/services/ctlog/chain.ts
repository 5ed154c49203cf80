/**
 * Which chains a CT log takes (RFC 6962 §3.1; certificate-transparency-go, trillian/ctfe/cert_checker.go, with ext_key_usages CodeSigning).
 *
 * A leaf for code signing, then its issuers, each certified by the next, up to an accepted root, which may be left out. Signatures, CA
 * flags, path lengths and usages are checked; times are not, as in the original: an expired certificate belongs on record all the
 * more. Leaves out: precertificate signing certificates, which static-ct-api lets a log refuse, and revocation.
 */
import { sha256 } from "../../crypto/digest.ts";
import { concatBytes, equalBytes } from "../../encoding/bytes.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { precertificateTbs, type SctEntry } from "../../formats/sct.ts";
import { type Certificate, findExtension, parseCertificate } from "../../formats/x509/certificate.ts";
import { basicConstraints, extendedKeyUsage, keyUsage } from "../../formats/x509/extensions.ts";
import { OID } from "../../formats/x509/oids.ts";
import { LIMITS } from "../../limits.ts";
import { namesIssuer } from "../../verify/authority-path.ts";
import { isSignedBy, isSignedByInBackground, type Issuer, issuerOf } from "./issuer.ts";

/** A chain that is taken, as the log keeps it. */
export interface AcceptedChain {
  readonly entry: SctEntry;
  /** Undefined for certificates. */
  readonly precertificate: Uint8Array | undefined;
  /** DER of the issuers up to and with the accepted root, and the SHA-256 of each. */
  readonly issuers: readonly Uint8Array[];
  readonly issuerFingerprints: readonly Uint8Array[];
}

/** Issuers that lead to an accepted root, the one that signed the leaf first. */
interface IssuerPath {
  readonly issuer: Issuer;
  readonly issuerKeyHash: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  readonly issuerFingerprints: readonly Uint8Array[];
}

/** Verified paths that are remembered: an instance has one, a log of several authorities a few. */
const REMEMBERED_PATHS = 64;

/** RFC 6962 §3.1: the purpose of a certificate that signs precertificates in the place of their issuer. */
const PRECERTIFICATE_SIGNING = "1.3.6.1.4.1.11129.2.4.4";

/** Judges chains by the roots that it was given last. */
export class ChainJudge {
  #roots: readonly Issuer[];
  #paths = new Map<string, IssuerPath>();

  /** @throws SigstoreError `config-invalid` */
  constructor(roots: readonly Uint8Array[]) {
    this.#roots = parseRoots(roots);
  }

  /** DER of the accepted roots. */
  get roots(): readonly Uint8Array[] {
    return this.#roots.map(({ certificate }) => certificate.raw);
  }

  /** Takes other roots. @throws SigstoreError `config-invalid` */
  useRoots(roots: readonly Uint8Array[]): void {
    this.#roots = parseRoots(roots);
    this.#paths = new Map();
  }

  /**
   * The chain, when the log takes it.
   * @throws SigstoreError `certificate-path-invalid`, `certificate-usage-invalid`, `certificate-invalid`, `input-too-large`, `key-…`
   */
  async accept(chain: readonly Uint8Array[], expected: SctEntry["type"]): Promise<AcceptedChain> {
    const [first, ...rest] = chain;
    if (first === undefined || chain.length > LIMITS.chainCertificates)
      throw pathError(`a chain of 1 to ${LIMITS.chainCertificates} certificates`, `${chain.length}`);
    const leaf = parseCertificate(first);
    checkType(leaf, expected);
    checkUsage(leaf);
    const path = rest.length === 0 ? this.#pathFromRoot(leaf) : this.#path(rest);
    if (!namesIssuer(leaf, path.issuer.certificate))
      throw pathError("the issuer of the first certificate to come second", "another certificate");
    if (!(await isSignedByInBackground(leaf, path.issuer)))
      throw pathError("a first certificate signed by the second", "another signature");
    const { issuers, issuerFingerprints, issuerKeyHash } = path;
    if (expected === "x509")
      return { entry: { type: "x509", certificate: first }, precertificate: undefined, issuers, issuerFingerprints };
    const entry = { type: expected, issuerKeyHash, tbs: precertificateTbs(leaf) };
    return { entry, precertificate: first, issuers, issuerFingerprints };
  }

  /** A leaf alone: an accepted root has issued it. */
  #pathFromRoot(leaf: Certificate): IssuerPath {
    return pathOf([this.#findRoot(leaf) ?? refuseRoot()]);
  }

  #path(submitted: readonly Uint8Array[]): IssuerPath {
    const key = hexEncode(sha256(concatBytes(...submitted.map((one) => sha256(one)))));
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const path = this.#verifyPath(submitted);
    const [oldest] = this.#paths.keys();
    if (oldest !== undefined && this.#paths.size >= REMEMBERED_PATHS) this.#paths.delete(oldest);
    this.#paths.set(key, path);
    return path;
  }

  /** What costs least comes first: bytes, names, and only then keys and signatures. */
  #verifyPath(submitted: readonly Uint8Array[]): IssuerPath {
    if (submitted.some((bytes, at) => submitted.slice(0, at).some((earlier) => equalBytes(earlier, bytes))))
      throw pathError("each certificate once", "one twice");
    const certificates = submitted.map((bytes) => parseCertificate(bytes));
    for (const [above, certificate] of certificates.entries()) {
      const next = certificates[above + 1];
      if (next !== undefined && !namesIssuer(certificate, next))
        throw pathError("each certificate to be followed by its issuer", `another at place ${above + 3}`);
    }
    const last = certificates.at(-1);
    const root = this.#isRoot(last) ? undefined : (this.#findRoot(last) ?? refuseRoot());
    const path = [...certificates.map(issuerOf), ...(root === undefined ? [] : [root])];
    for (const [above, issuer] of path.entries()) {
      const next = path[above + 1];
      checkAuthority(issuer.certificate, above);
      if (next !== undefined && !isSignedBy(issuer.certificate, next))
        throw pathError("each certificate to be signed by the next", `another signature at place ${above + 2}`);
    }
    return pathOf(path);
  }

  #isRoot(last: Certificate | undefined): boolean {
    return last !== undefined && this.#roots.some(({ certificate }) => equalBytes(certificate.raw, last.raw));
  }

  #findRoot(certificate: Certificate | undefined): Issuer | undefined {
    if (certificate === undefined) return undefined;
    return this.#roots.find((root) => namesIssuer(certificate, root.certificate) && isSignedBy(certificate, root));
  }
}

function pathOf(path: readonly Issuer[]): IssuerPath {
  const [issuer] = path;
  if (issuer === undefined) throw new Error("a path has an issuer");
  const issuers = path.map(({ certificate }) => certificate.raw.slice());
  return {
    issuer,
    issuerKeyHash: sha256(issuer.certificate.spki),
    issuers,
    issuerFingerprints: issuers.map((bytes) => sha256(bytes)),
  };
}

function parseRoots(roots: readonly Uint8Array[]): readonly Issuer[] {
  if (roots.length === 0) throw new SigstoreError("config-invalid", "expected an accepted root, got none");
  return roots.map((bytes, at) => {
    try {
      return issuerOf(parseCertificate(bytes.slice()));
    } catch (cause) {
      if (!isSigstoreError(cause)) throw cause;
      throw new SigstoreError(
        "config-invalid",
        `expected a certificate as accepted root ${at + 1}, got: ${cause.message}`,
        {
          cause,
        },
      );
    }
  });
}

/**
 * RFC 6962 §3.1: the poison is "a critical [...] extension whose extnValue OCTET STRING contains ASN.1 NULL data (0x05 0x00)". Who
 * has it has no SCTs yet.
 */
function checkType(leaf: Certificate, expected: SctEntry["type"]): void {
  const poison = findExtension(leaf, OID.poison);
  if (poison !== undefined && (!poison.critical || !equalBytes(poison.value, POISON_VALUE)))
    throw refuse("certificate-invalid", "a poison extension that is critical and NULL", "another one");
  if (expected === "precertificate" && poison === undefined)
    throw refuse(
      "certificate-invalid",
      "a precertificate, with the poison extension",
      "a certificate",
      "add-chain takes it",
    );
  if (expected === "x509" && poison !== undefined)
    throw refuse(
      "certificate-invalid",
      "a certificate",
      "a precertificate, with the poison extension",
      "add-pre-chain takes it",
    );
  if (poison !== undefined && findExtension(leaf, OID.sctList) !== undefined)
    throw refuse("certificate-invalid", "a precertificate without SCTs", "one that has some");
}

const POISON_VALUE = Uint8Array.of(5, 0);

/** The original's `ext_key_usages: CodeSigning`: one of the leaf's purposes. */
function checkUsage(leaf: Certificate): void {
  const usage = extendedKeyUsage(leaf);
  if (usage?.oids.includes(OID.codeSigning) === true) return;
  throw refuse(
    "certificate-usage-invalid",
    "a certificate for code signing",
    usage?.oids.join(", ") ?? "no extended key usage",
  );
}

/** RFC 5280 §6.1.4 (k) to (n), and the purposes. `below`: authorities between this one and the leaf. */
function checkAuthority(certificate: Certificate, below: number): void {
  const constraints = basicConstraints(certificate);
  if (constraints?.isCa !== true) throw pathError("issuers that are marked as CA", "one that is not");
  if (constraints.pathLength !== undefined && below > constraints.pathLength)
    throw pathError(`at most ${constraints.pathLength} authorities below an issuer`, `${below}`);
  if (keyUsage(certificate)?.keyCertSign === false)
    throw pathError("issuers that may sign certificates", "one that may not");
  const purposes = extendedKeyUsage(certificate)?.oids;
  if (purposes === undefined) return;
  if (purposes.includes(PRECERTIFICATE_SIGNING))
    throw pathError("a precertificate signed by its issuer", "one signed by a precertificate signing certificate");
  if (!purposes.includes(OID.codeSigning) && !purposes.includes(OID.anyExtendedKeyUsage))
    throw pathError("issuers for code signing", `one for ${purposes.join(", ")}`);
}

function refuseRoot(): never {
  throw new SigstoreError("certificate-path-invalid", "expected a chain to an accepted root, got one to another", {
    hint: "get-roots lists the accepted roots",
  });
}

function pathError(expected: string, got: string): SigstoreError {
  return refuse("certificate-path-invalid", expected, got);
}

function refuse(
  code: "certificate-invalid" | "certificate-usage-invalid" | "certificate-path-invalid",
  expected: string,
  got: string,
  hint?: string,
): SigstoreError {
  return new SigstoreError(code, `expected ${expected}, got ${got}`, { ...(hint !== undefined && { hint }) });
}
