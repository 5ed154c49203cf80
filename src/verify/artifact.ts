/**
 * What was signed, as the verifier gets it: the bytes, or digests that the caller computed while streaming.
 */
import { digest } from "../crypto/digest.ts";
import type { HashAlgorithmName } from "../crypto/digest.ts";
import { SigstoreError } from "../errors.ts";

/** The signed thing: its bytes, or digests of them. A caller that streams asks `digestsNeeded` first. */
export type Artifact =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly name?: string }
  | {
      readonly kind: "digests";
      readonly digests: Readonly<Partial<Record<HashAlgorithmName, Uint8Array>>>;
      readonly name?: string;
    };

/** A message whose digests are computed at most once each, or known from outside. */
export class DigestedMessage {
  /** The message itself, where it is at hand. */
  readonly bytes: Uint8Array | undefined;
  readonly #digests: Partial<Record<HashAlgorithmName, Uint8Array>>;

  constructor(bytes: Uint8Array | undefined, digests: Readonly<Partial<Record<HashAlgorithmName, Uint8Array>>> = {}) {
    this.bytes = bytes;
    this.#digests = { ...digests };
  }

  /** The digests known by now. */
  get known(): Readonly<Partial<Record<HashAlgorithmName, Uint8Array>>> {
    return this.#digests;
  }

  /** The digest by `algorithm`, or nothing where neither it nor the message is at hand. */
  find(algorithm: HashAlgorithmName): Uint8Array | undefined {
    const known = this.#digests[algorithm];
    if (known !== undefined || this.bytes === undefined) return known;
    const computed = digest(algorithm, this.bytes);
    this.#digests[algorithm] = computed;
    return computed;
  }

  /** The digest by `algorithm`; throws `artifact-digest-required` where it cannot be had. */
  get(algorithm: HashAlgorithmName): Uint8Array {
    const found = this.find(algorithm);
    if (found !== undefined) return found;
    throw new SigstoreError(
      "artifact-digest-required",
      `expected the ${algorithm} digest of the artifact, got ${Object.keys(this.#digests).join(", ") || "none"}`,
      { hint: "give the file itself, or this digest of it" },
    );
  }
}

/** The artifact as a message of which digests can be asked. */
export function digestedArtifact(artifact: Artifact): DigestedMessage {
  return artifact.kind === "bytes"
    ? new DigestedMessage(artifact.bytes)
    : new DigestedMessage(undefined, artifact.digests);
}
