/**
 * The trust that a verdict is given: a trusted root made ready, with its name, source and age.
 */
import { sha256 } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import type { TrustMaterial } from "../verify/trust.ts";

/** A trusted root ready for use; make it with `loadTrust`, and keep it: what it learns about itself is remembered. */
export interface Trust {
  readonly material: TrustMaterial;
  /** Name of the instance, e.g. `public`. An identity trusted in one instance is not trusted in another. */
  readonly instance: string;
  /** Where the trusted root came from, for people. */
  readonly source: string;
  /** SHA-256 (hex) of the trusted root file. */
  readonly fingerprintHex: string;
  /** When it was taken from its repository, RFC 3339, where known. */
  readonly takenOn: string | undefined;
}

/** What `loadTrust` is given: the file's text or bytes and what is known about it. */
export interface TrustSource {
  readonly trustedRoot: Uint8Array | string;
  /** Name of the instance; absent: `custom:` and the whole fingerprint (of a part two roots can be made), so that no root passes for another. */
  readonly instance?: string;
  readonly source: string;
  readonly takenOn?: string | undefined;
}

/**
 * Parses a trusted root and makes it ready. Throws `trusted-root-invalid`, `trusted-root-version-unsupported` or
 * `json-invalid` with what is wrong.
 * @example
 * ```ts
 * import { findInstance, loadTrust } from "sigstore-ts";
 * const trust = loadTrust(findInstance("public"));
 * console.log(trust.instance); // "public"
 * ```
 */
export function loadTrust({ trustedRoot, instance, source, takenOn }: TrustSource): Trust {
  const bytes = typeof trustedRoot === "string" ? utf8Encode(trustedRoot) : trustedRoot;
  const fingerprintHex = hexEncode(sha256(bytes));
  return {
    material: loadTrustMaterial(parseTrustedRoot(trustedRoot)),
    instance: instance ?? `custom:${fingerprintHex}`,
    source,
    fingerprintHex,
    takenOn,
  };
}
