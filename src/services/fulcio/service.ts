/**
 * The certificate authority (fulcio, pkg/server/grpc_server.go): a token and a proof that a key is held in, a certificate for ten minutes out.
 *
 * Steps and their order are the original's, so are the words of each refusal. Leaves out: HTTP (handler.ts), where keys and settings lie.
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import type { SignatureAlgorithm } from "../../crypto/algorithms.ts";
import { isSigstoreError } from "../../errors.ts";
import { checkFulcioConfig } from "./config-rules.ts";
import type { FulcioConfig } from "./config.ts";
import { type CertificateIdentity, type Principal, principalOf } from "./identity/principal.ts";
import {
  type ActiveAuthority,
  type CertificateTransparencyLog,
  type IssuedCertificate,
  issueCertificate,
} from "./issuance.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { clientAlgorithms, DEFAULT_CLIENT_ALGORITHMS, type KeyProof, provedKey } from "./possession.ts";
import { orRefuse, refuseToken, refusing, TEXT } from "./refusal.ts";
import { type AcceptedToken, verifyToken } from "./token-verifier.ts";
import { claimToken, type UsedTokens } from "./used-tokens.ts";

/** What the authority needs. */
export interface FulcioParts {
  readonly config: FulcioConfig;
  readonly authority: ActiveAuthority;
  readonly issuerKeys: IssuerKeys;
  /** None: certificates carry no SCT. Only where that is configured so. */
  readonly log: CertificateTransparencyLog | undefined;
  /** Present: each token can be used once. Absent, as in the original: for its lifetime. */
  readonly usedTokens?: UsedTokens;
  /** An issuer in whose name no other may speak: an `issuer-claim` that gives its address is refused. */
  readonly ownIssuer?: string;
  /** `--client-signing-algorithms`; the original's by default. */
  readonly clientAlgorithms?: readonly string[];
  readonly nowMs: () => number;
  /** Cryptographic randomness. */
  readonly random: RandomSource;
}

/** Who wants a certificate and for which key. */
export interface SigningCertificateCall {
  readonly token: string;
  readonly proof: KeyProof;
}

/** A certificate authority at work. */
export class FulcioService {
  readonly config: FulcioConfig;
  readonly #parts: FulcioParts;
  readonly #permitted: readonly SignatureAlgorithm[];
  #authority: ActiveAuthority;

  /** @throws SigstoreError `config-invalid` */
  constructor(parts: FulcioParts) {
    checkFulcioConfig(parts.config);
    this.config = parts.config;
    this.#parts = parts;
    this.#permitted = clientAlgorithms(parts.clientAlgorithms ?? DEFAULT_CLIENT_ALGORITHMS);
    this.#authority = parts.authority;
  }

  /** The chain that certificates are issued with now: DER, issuing certificate first. */
  get chain(): readonly Uint8Array[] {
    return this.#authority.chain;
  }

  /** From now on issues with another chain; what is under way ends with the one that it began with. */
  useAuthority(authority: ActiveAuthority): void {
    this.#authority = authority;
  }

  /** A certificate. @throws SigstoreError `certificate-refused` */
  async createSigningCertificate({ token, proof }: SigningCertificateCall): Promise<IssuedCertificate> {
    const authority = this.#authority;
    const nowMs = this.#parts.nowMs();
    const { accepted, principal } = await this.#authenticate(token, nowMs);
    const key = await provedKey(proof, challengesOf(accepted, principal), this.#permitted);
    const identity = embed(principal);
    this.#checkOwnIssuer(accepted, identity);
    await this.#claim(accepted);
    return issueCertificate(authority, this.#parts.log, { identity, key, nowMs }, this.#parts.random);
  }

  async #authenticate(text: string, nowMs: number): Promise<{ accepted: AcceptedToken; principal: Principal }> {
    return orRefuse("INVALID_ARGUMENT", TEXT.identityToken, "TOKEN_INVALID", async () => {
      const accepted = await verifyToken(text, this.config, this.#parts.issuerKeys, nowMs);
      return { accepted, principal: principalOf(accepted, this.config) };
    });
  }

  /** Local accounts carry the own issuer, and nobody else does. */
  #checkOwnIssuer({ issuer }: AcceptedToken, { extensions }: CertificateIdentity): void {
    const { ownIssuer } = this.#parts;
    if (ownIssuer === undefined || extensions.issuer !== ownIssuer || issuer.issuerUrl === ownIssuer) return;
    const cause = refuseToken(
      "SUBJECT_REFUSED",
      `expected ${issuer.issuerUrl} to speak for others than ${ownIssuer}, got it`,
    );
    throw refusing("INVALID_ARGUMENT", TEXT.identityToken, "SUBJECT_REFUSED", cause);
  }

  /** Last before issuing, so that a client that made a mistake can use its token again. */
  async #claim(accepted: AcceptedToken): Promise<void> {
    const { usedTokens } = this.#parts;
    if (usedTokens === undefined) return;
    await orRefuse("INVALID_ARGUMENT", TEXT.identityToken, "TOKEN_USED", async () => claimToken(usedTokens, accepted));
  }
}

/** What the client may have signed: what the original wants of this issuer, and what clients sign in its place. */
function challengesOf({ claims, subject }: AcceptedToken, { name }: Principal): readonly string[] {
  const { email } = claims;
  const other = typeof email === "string" && email !== "" ? [email] : [];
  return [...new Set([name, subject, ...other])];
}

/** The original answers what cannot be embedded with its own words. */
function embed(principal: Principal): CertificateIdentity {
  try {
    return principal.embed();
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw refusing("INVALID_ARGUMENT", error.message, "IDENTITY_NOT_EMBEDDABLE", error);
  }
}
