/**
 * The keys that tokens are signed with, and their rotation (OpenID Connect Core §10.1.1; RFC 7517 §5; RFC 7518 §3.3; RFC 7638).
 *
 * A key is published before it signs (`next`), signs (`active`), and stays published until its last token has ended (`retired`).
 * RS256, which every stock client takes and some take alone. Leaves out: where keys lie, which is the instance's affair.
 */
import { sha256 } from "../../crypto/digest.ts";
import { bytesFromInteger } from "../../crypto/integers.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import type { Signer } from "../../crypto/signer.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import type { JsonWebKey } from "../../formats/jwk.ts";

/** A key of the provider. */
export interface ProviderKey {
  /** `kid`; `providerKeyId` of its public key, unless it has another name already. */
  readonly keyId: string;
  /** RSA of 2048 bits or more, signing by PKCS #1 v1.5 with SHA-256. */
  readonly signer: Signer;
  readonly state: "next" | "active" | "retired";
  /** When it was retired, milliseconds since 1970; of retired keys. */
  readonly retiredMs?: number;
}

/** The one algorithm of ours. */
export const PROVIDER_ALGORITHM = "RS256";

/** RFC 7638 §3: the thumbprint of a key, which is its name for ever. */
export function providerKeyId(key: PublicKey): string {
  const { e, n } = numbersOf(key);
  return base64UrlEncode(sha256(utf8Encode(JSON.stringify({ e, kty: "RSA", n }))));
}

/** The keys of a provider in their states. */
export class KeyRing {
  readonly #lifetimeMs: number;
  #keys: readonly ProviderKey[];

  /**
   * @param lifetimeMs how long a token lives: so long a retired key is still published
   * @throws SigstoreError `config-invalid`
   */
  constructor(keys: readonly ProviderKey[], lifetimeMs: number) {
    checkKeys(keys);
    this.#keys = keys;
    this.#lifetimeMs = lifetimeMs;
  }

  /** The key that signs now. */
  get active(): ProviderKey {
    const active = this.#keys.find(({ state }) => state === "active");
    if (active === undefined) throw new Error("expected an active key in a checked ring, got none");
    return active;
  }

  /** All keys that tokens may still be signed with, or soon will be. */
  published(nowMs: number): readonly ProviderKey[] {
    return this.#keys.filter(({ state, retiredMs = 0 }) => state !== "retired" || nowMs < retiredMs + this.#lifetimeMs);
  }

  /**
   * One step: the key that was published beforehand begins to sign, `fresh` is published in its place. Where none was published yet,
   * that is all that happens. Retired keys whose tokens have ended are left out.
   *
   * @returns the keys in their new states, for the instance to keep
   * @throws SigstoreError `config-invalid`
   */
  rotate(fresh: Pick<ProviderKey, "keyId" | "signer">, nowMs: number): readonly ProviderKey[] {
    const hasNext = this.#keys.some(({ state }) => state === "next");
    const kept = this.published(nowMs).map((key): ProviderKey => (hasNext ? advanced(key, nowMs) : key));
    const rotated = [...kept, { ...fresh, state: "next" as const }];
    checkKeys(rotated);
    this.#keys = rotated;
    return rotated;
  }
}

function advanced(key: ProviderKey, nowMs: number): ProviderKey {
  switch (key.state) {
    case "next":
      return { ...key, state: "active" };
    case "active":
      return { ...key, state: "retired", retiredMs: nowMs };
    case "retired":
      return key;
  }
}

function checkKeys(keys: readonly ProviderKey[]): void {
  const count = (state: ProviderKey["state"]): number => keys.filter((key) => key.state === state).length;
  if (count("active") !== 1 || count("next") > 1)
    throw invalid("one active key and at most one next", `${count("active")} and ${count("next")}`);
  if (new Set(keys.map(({ keyId }) => keyId)).size !== keys.length)
    throw invalid("keys with ids of their own", "twins");
  for (const { signer, keyId, state, retiredMs } of keys) {
    const { scheme, hash } = signer.algorithm;
    // RFC 7518 §3.3: "A key of size 2048 bits or larger MUST be used with these algorithms."
    if (scheme !== "rsa-pkcs1v15" || hash !== "sha256" || (signer.publicKey.modulusBits ?? 0) < 2048)
      throw invalid("RSA keys of 2048 bits or more that sign by PKCS #1 v1.5 with SHA-256", signer.algorithm.name);
    if (!/^[\x21-\x7e]{1,128}$/.test(keyId)) throw invalid("a key id of visible characters", "another");
    if (state === "retired" && retiredMs === undefined) throw invalid("when a retired key was retired", "nothing");
  }
}

/** RFC 7517 §4 and RFC 7518 §6.3.1: public members of a key, by name. */
export function publicJwk({ keyId, signer }: ProviderKey): Readonly<Record<string, string>> {
  return { kty: "RSA", use: "sig", alg: PROVIDER_ALGORITHM, kid: keyId, ...numbersOf(signer.publicKey) };
}

/** The same for a certificate authority in this process. */
export function issuerKey({ keyId, signer: { publicKey } }: ProviderKey): JsonWebKey {
  return { keyId, algorithm: PROVIDER_ALGORITHM, keyType: publicKey.keyType, spki: publicKey.spki };
}

/** RFC 7518 §2: "Base64urlUInt": big-endian, "the minimum number of octets needed". */
function numbersOf({ rsa }: PublicKey): { readonly n: string; readonly e: string } {
  if (rsa === undefined) throw invalid("an RSA key", "another");
  const exponentBytes = Math.ceil(rsa.publicExponent.toString(16).length / 2);
  return {
    n: base64UrlEncode(rsa.modulus),
    e: base64UrlEncode(bytesFromInteger(rsa.publicExponent, exponentBytes)),
  };
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("config-invalid", `keys of the identity provider: expected ${expected}, got ${got}`);
}
