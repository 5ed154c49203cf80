/**
 * One login for many signatures: a certified key that is used while its certificate is valid, and then replaced.
 *
 * The key exists in this object alone and goes with it. Calls that need a new certificate at the same time share one.
 */
import { DEFAULT_REQUIREMENTS } from "../verify/requirements.ts";
import type { Requirements } from "../verify/requirements.ts";
import type { TrustMaterial } from "../verify/trust.ts";
import type { ExpectedIdentity } from "./certified-identity.ts";
import { certifyKey } from "./certify-key.ts";
import type { EphemeralKeyKind } from "./certify-key.ts";
import type { CertificateAuthority, IdentityProvider } from "./ports.ts";
import type { CertifiedKey } from "./signing-key.ts";

/** What a session is made of. */
export interface KeylessOptions {
  readonly identityProvider: IdentityProvider;
  readonly certificateAuthority: CertificateAuthority;
  readonly trust: TrustMaterial;
  /** How much evidence the bundle must hold: what a verifier asks for by default. */
  readonly requirements?: Requirements;
  /** For whom tokens are made; `sigstore` by default. */
  readonly audience?: string;
  /** Whom the certificate must name, where the caller knows. */
  readonly expected?: ExpectedIdentity;
  /** P-256 by default. */
  readonly keyKind?: EphemeralKeyKind;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** A certificate with less time left is not begun with: timestamp and entry must fall into its validity. */
const LEAST_TIME_LEFT_MS = 60_000;

/** Hands out certified keys; make one for each command or build. */
export class KeylessSession {
  readonly #options: KeylessOptions;
  #key: CertifiedKey | undefined;
  #pending: Promise<CertifiedKey> | undefined;

  constructor(options: KeylessOptions) {
    this.#options = options;
  }

  /** A key whose certificate is good for another minute at least. Errors: those of `certifyKey` and of the provider. */
  async key(): Promise<CertifiedKey> {
    if (this.#key !== undefined && this.#isFresh(this.#key)) return this.#key;
    this.#pending ??= this.#certify().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  #isFresh({ certificate }: CertifiedKey): boolean {
    return this.#options.now() + LEAST_TIME_LEFT_MS < certificate.notAfterMs;
  }

  async #certify(): Promise<CertifiedKey> {
    const { identityProvider, signal, now, requirements, audience, expected, keyKind, ...rest } = this.#options;
    const token = await identityProvider.fetchIdentityToken({ signal });
    const key = await certifyKey(token, {
      ...rest,
      requirements: requirements ?? DEFAULT_REQUIREMENTS,
      audience: audience ?? "sigstore",
      expected: expected ?? {},
      keyKind: keyKind ?? "ecdsa-p256",
      nowMs: now(),
      signal,
    });
    this.#key = key;
    return key;
  }
}
