/**
 * The virtual Sigstore behind the ports of signing: services in memory that issue, stamp and record, honestly or not.
 *
 * Everything they answer is made by the same functions as the bundles of virtual-sigstore.ts, and passes by the same lies.
 * Leaves out: transport, and the signatures of tokens, which no service here checks.
 */
import { dsseV1Entry, hashedRekordV1Entry, hashedRekordV2Entry, type LoggedEntry } from "../authority/entry.ts";
import { randomSerialNumber } from "../authority/serial-number.ts";
import { defaultAlgorithm } from "../crypto/algorithms.ts";
import { importPublicKey } from "../crypto/keys.ts";
import { verifySignature } from "../crypto/verify.ts";
import { base64UrlEncode } from "../encoding/base64.ts";
import { DerReader, TAG } from "../encoding/der.ts";
import type { JsonObject } from "../encoding/json.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type IdentityToken, parseIdentityToken } from "../formats/identity-token.ts";
import { parseTimestampRequest } from "../formats/rfc3161.ts";
import type {
  CertificateAuthority,
  EntryProposal,
  IdentityProvider,
  TimestampAuthority,
  TransparencyLog,
} from "../sign/ports.ts";
import { PERSON, type SigningIdentity } from "./identities.ts";
import type { CertificateLies, LogLies, TimestampLies } from "./lie-hooks.ts";
import type { VirtualCertificateAuthority } from "./virtual-certificate-authority.ts";
import { issueVirtualCertificate } from "./virtual-certificate.ts";
import type { VirtualLog } from "./virtual-log.ts";
import type { VirtualSigstore } from "./virtual-sigstore.ts";
import type { VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";
import { issueVirtualTimestamp } from "./virtual-timestamp.ts";

const SECOND_MS = 1000;
const TOKEN_LIFETIME_MS = 600_000;

/** An identity token with these claims, signed by nobody. */
export function virtualToken(claims: JsonObject): IdentityToken {
  const parts = [{ alg: "none" }, claims].map((part) => base64UrlEncode(utf8Encode(JSON.stringify(part))));
  return parseIdentityToken(`${parts.join(".")}.${base64UrlEncode(utf8Encode("unsigned"))}`);
}

/** The claims of `identity`, good for ten minutes from the instance's now. */
export function virtualClaims({ nowMs }: VirtualSigstore, identity: SigningIdentity = PERSON): JsonObject {
  const claims: JsonObject = {
    iss: identity.issuer,
    sub: identity.subject.split("!")[0] ?? "",
    aud: "sigstore",
    exp: (nowMs + TOKEN_LIFETIME_MS) / SECOND_MS,
  };
  return identity.kind === "email" ? { ...claims, email: identity.subject } : claims;
}

/** A provider of tokens for `identity`; `calls` counts. */
export function virtualIdentityProvider(
  sigstore: VirtualSigstore,
  identity: SigningIdentity = PERSON,
): IdentityProvider & { calls: number } {
  return {
    label: "virtual login",
    calls: 0,
    async fetchIdentityToken() {
      this.calls += 1;
      return Promise.resolve(virtualToken(virtualClaims(sigstore, identity)));
    },
  };
}

/** How a virtual certificate authority behaves. */
export interface VirtualIssuing {
  readonly identity?: SigningIdentity;
  readonly authority?: VirtualCertificateAuthority;
  /** When the certificate begins; the instance's now by default. */
  readonly atMs?: number;
  /** Certifies this key instead of the one that was asked for; DER. */
  readonly spki?: Uint8Array;
  readonly lies?: CertificateLies;
}

/** The instance's certificate authority and CT logs; `calls` counts. */
export function virtualCertificateAuthority(
  sigstore: VirtualSigstore,
  issuing: VirtualIssuing = {},
): CertificateAuthority & { calls: number } {
  const authority = issuing.authority ?? sigstore.current.certificateAuthority;
  return {
    address: authority.instance.uri,
    calls: 0,
    async requestCertificate({ certificationRequest }) {
      this.calls += 1;
      const requested = certifiedKey(certificationRequest);
      const notBeforeMs = issuing.atMs ?? sigstore.nowMs;
      const leaf = await issueVirtualCertificate({
        authority,
        ctLogs: sigstore.current.ctLogs,
        identity: issuing.identity ?? PERSON,
        spki: issuing.spki ?? requested,
        serialNumber: randomSerialNumber(sigstore.keys.random),
        notBeforeMs,
        sctMs: notBeforeMs,
        lies: issuing.lies ?? {},
      });
      return [leaf, ...authority.chain];
    },
  };
}

/** RFC 2986 §4: the key of a certification request, whose signature must hold. */
function certifiedKey(request: Uint8Array): Uint8Array {
  const outer = new DerReader(request).sequence();
  const fields = outer.raw(TAG.sequence);
  outer.sequence();
  const signature = outer.bitString().bytes;
  const reader = new DerReader(fields).sequence();
  reader.integer();
  reader.sequence();
  const key = importPublicKey(reader.raw(TAG.sequence));
  if (!verifySignature(key, defaultAlgorithm(key), fields, signature))
    throw new TypeError("expected a certification request signed by its own key, got another");
  return key.spki;
}

/** How a virtual timestamp authority behaves. */
export interface VirtualStamping {
  readonly authority?: VirtualTimestampAuthority;
  readonly genTimeMs?: number;
  readonly lies?: TimestampLies;
}

/** The instance's first timestamp authority, or another one; it stamps a second after the instance's now. */
export function virtualTimestampAuthority(
  sigstore: VirtualSigstore,
  stamping: VirtualStamping = {},
): TimestampAuthority & { calls: number } {
  const authority = stamping.authority ?? sigstore.current.timestampAuthorities[0];
  if (authority === undefined) throw new TypeError("expected a virtual Sigstore with a timestamp authority, got none");
  const lies = stamping.lies ?? {};
  return {
    address: `${authority.instance.uri}/api/v1/timestamp`,
    calls: 0,
    async requestTimestamp(der) {
      this.calls += 1;
      const request = parseTimestampRequest(der);
      return issueVirtualTimestamp({
        authority,
        stamped: new Uint8Array(0),
        hash: "sha256",
        certificates: undefined,
        serialNumber: randomSerialNumber(sigstore.keys.random),
        genTimeMs: stamping.genTimeMs ?? sigstore.nowMs + SECOND_MS,
        lies: { ...lies, timestampRequest: () => lies.timestampRequest?.(request) ?? request },
      });
    },
  };
}

/** How a virtual log behaves. */
export interface VirtualLogging {
  readonly log?: VirtualLog;
  readonly integratedTimeMs?: number;
  readonly hasPromise?: boolean;
  readonly hasProof?: boolean;
  readonly lies?: LogLies;
}

/** The log of this version that is in use, or another one. */
export function virtualTransparencyLog(
  sigstore: VirtualSigstore,
  version: 1 | 2,
  logging: VirtualLogging = {},
): TransparencyLog & { calls: number } {
  const log = logging.log ?? sigstore.activeLog(version);
  return {
    address: log.instance.baseUrl,
    majorApiVersion: version,
    calls: 0,
    async submitEntry(proposal) {
      this.calls += 1;
      return log.submit({
        entry: loggedEntry(proposal, version),
        integratedTimeSeconds: BigInt(Math.floor((logging.integratedTimeMs ?? sigstore.nowMs) / SECOND_MS) + 2),
        hasPromise: logging.hasPromise ?? true,
        hasProof: logging.hasProof ?? true,
        lies: logging.lies ?? {},
      });
    },
  };
}

function loggedEntry(proposal: EntryProposal, version: 1 | 2): LoggedEntry {
  if (proposal.kind === "dsse") return dsseV1Entry(proposal.envelope, proposal.verifier);
  const signed = { ...proposal.digest, signature: proposal.signature };
  return version === 1
    ? hashedRekordV1Entry(signed, proposal.verifier)
    : hashedRekordV2Entry(signed, proposal.verifier);
}
