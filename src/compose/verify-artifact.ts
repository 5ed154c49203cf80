/**
 * One wish: is this artifact what its bundle says, and who signed it? Brings the evidence together for verdict/.
 *
 * The bundle is read first, because it says which digests of the artifact are needed; the artifact then passes through a
 * small buffer once, however large it is.
 */
import type { HashAlgorithmName } from "../crypto/digest.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { findArtifactOfBundle, findBundlesBeside, findOtherSignaturesBeside } from "../files/beside.ts";
import { digestDescriptor } from "../files/digest.ts";
import type { OnProgress } from "../files/digest.ts";
import {
  readDescriptor,
  readFile,
  readRegularFile,
  requireReadable,
  sizeOf,
  withDescriptor,
  withOpenFile,
} from "../files/read.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { LIMITS } from "../limits.ts";
import type { VerificationResult } from "../verdict/result.ts";
import { judge } from "../verdict/verdict.ts";
import type { VerdictRequest } from "../verdict/verdict.ts";
import type { Artifact } from "../verify/artifact.ts";
import { digestsNeeded } from "../verify/digests-needed.ts";
import type { DigestsNeeded } from "../verify/digests-needed.ts";

/** What is to be verified. `name` is how the result calls it. */
export type Target =
  | { readonly kind: "file"; readonly path: string; readonly name?: string }
  | { readonly kind: "stream"; readonly descriptor: number; readonly name: string }
  | {
      readonly kind: "digest";
      readonly algorithm: HashAlgorithmName;
      readonly digest: Uint8Array;
      readonly name: string;
    };

/** A bundle file: where it lies, what it holds, and what that says where it can be read. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly bundle?: Bundle;
}

/** A question about one artifact; all but `target` and `bundle` is handed to the verdict as it is. */
export interface ArtifactVerification extends Omit<VerdictRequest, "bundle" | "artifact"> {
  readonly target: Target;
  /** The bundle to use; absent: the one that lies beside the file. */
  readonly bundleFile?: BundleFile;
  /** Told while a large artifact is read. */
  readonly onProgress?: OnProgress;
}

/** The answer, and the bundle on which it rests. */
export interface ArtifactVerdict {
  readonly result: VerificationResult;
  readonly bundlePath: string;
  /** What the bundle says, where it can be read. */
  readonly bundle: Bundle | undefined;
}

/**
 * Verifies one artifact.
 *
 * @throws SigstoreError `bundle-not-found`, `bundle-ambiguous`, `input-too-large`, `file-not-found`, `file-unreadable`;
 *   evidence that does not hold is no error but a result
 */
export function verifyArtifact(wish: ArtifactVerification): ArtifactVerdict {
  const { target, bundleFile: given, onProgress, ...rest } = wish;
  const bundleFile = given ?? findBundleFile(target);
  const { bundle } = bundleFile;
  if (bundle === undefined) {
    const artifact: Artifact = { kind: "digests", digests: {}, name: targetName(target) };
    return { result: judge({ ...rest, bundle: bundleFile.bytes, artifact }), bundlePath: bundleFile.path, bundle };
  }
  const artifact = readArtifact(target, () => digestsNeeded(bundle, rest.key), onProgress);
  return { result: judge({ ...rest, bundle, artifact }), bundlePath: bundleFile.path, bundle };
}

/** How the result calls `target`. */
export function targetName(target: Target): string {
  return target.kind === "file" ? (target.name ?? target.path) : target.name;
}

/**
 * Reads the bundle file at `path`. Malformed content is no error here: it is evidence, and the verdict refuses it.
 *
 * @throws SigstoreError `file-not-found`, `file-unreadable`, `input-too-large`
 */
export function readBundleFile(path: string): BundleFile {
  return bundleFileOf(path, () => readFile(path, LIMITS.bundleBytes, "a bundle"));
}

/** Reads a bundle from an open descriptor; errors as `readBundleFile`. */
export function readBundleStream(descriptor: number, name: string): BundleFile {
  const read = (open: number): Uint8Array => readDescriptor(open, LIMITS.bundleBytes, "a bundle", name);
  return bundleFileOf(name, () => withDescriptor(descriptor, name, "a bundle", read));
}

function bundleFileOf(path: string, read: () => Uint8Array): BundleFile {
  const bytes = readEvidence(path, read);
  try {
    return { path, bytes, bundle: parseBundle(bytes) };
  } catch (error) {
    if (isSigstoreError(error)) return { path, bytes };
    throw error;
  }
}

/** A bundle that is too large is malformed evidence, not a file that could not be read. */
function readEvidence(path: string, read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (error) {
    if (!isSigstoreError(error, "file-too-large")) throw error;
    throw new SigstoreError("input-too-large", error.message, {
      hint: "is it the artifact itself?",
      details: { path },
      cause: error,
    });
  }
}

/** Client specification 4.1: `FILE.sigstore.json`, then `FILE.sigstore`. Two that differ are a question for the user. */
function findBundleFile(target: Target): BundleFile {
  if (target.kind !== "file") {
    throw new SigstoreError(
      "bundle-not-found",
      `expected a bundle for ${target.name}, got none: nothing can lie beside it`,
      {
        hint: "name the bundle that belongs to it",
        details: { path: target.name },
      },
    );
  }
  const [first, second] = findBundlesBeside(target.path);
  if (first === undefined) throw noBundle(target.path);
  const preferred = readFoundBundle(first);
  if (second !== undefined && !sameBytes(preferred.bytes, readFoundBundle(second).bytes)) {
    throw new SigstoreError(
      "bundle-ambiguous",
      `expected one bundle beside ${target.path}, got two that differ: ${first} and ${second}`,
      {
        hint: "say which of them counts",
        details: { path: target.path, found: [first, second] },
      },
    );
  }
  return preferred;
}

function readFoundBundle(path: string): BundleFile {
  return bundleFileOf(path, () => readRegularFile(path, LIMITS.bundleBytes, "a bundle"));
}

function noBundle(path: string): SigstoreError {
  // A file that is not there at all is the better answer.
  requireReadable(path, "an artifact");
  const artifact = findArtifactOfBundle(path);
  const message = `expected ${path}.sigstore.json or ${path}.sigstore, got neither`;
  if (artifact !== undefined) {
    return new SigstoreError("bundle-not-found", message, {
      hint: `this is the bundle itself: verify ${artifact}`,
      details: { path, artifact },
    });
  }
  const others = findOtherSignaturesBeside(path);
  if (others.length === 0)
    return new SigstoreError("bundle-not-found", message, {
      hint: "name the bundle, or ask the publisher for it",
      details: { path },
    });
  return new SigstoreError("bundle-not-found", message, {
    hint: `${others.join(", ")}: found, but this version reads sigstore bundles only`,
    details: { path, found: others },
  });
}

/** `needs` is asked only where the artifact is not held whole: the answer takes reading the certificate and the entries. */
function readArtifact(target: Target, needs: () => DigestsNeeded, onProgress: OnProgress | undefined): Artifact {
  const name = targetName(target);
  const read = (descriptor: number): Artifact => readOpenArtifact(descriptor, name, needs, onProgress);
  switch (target.kind) {
    case "digest":
      return { kind: "digests", digests: { [target.algorithm]: target.digest }, name };
    case "stream":
      return withDescriptor(target.descriptor, name, "an artifact", read);
    case "file":
      return withOpenFile(target.path, "an artifact", read);
  }
}

/**
 * What is small is held whole: checking a signature over bytes is quicker than one over their digest, and pure Ed25519 knows no
 * other way. What is too large for that key is still tried by its digests.
 */
const SMALL_ARTIFACT_BYTES = 1024 * 1024;

function readOpenArtifact(
  descriptor: number,
  name: string,
  needs: () => DigestsNeeded,
  onProgress: OnProgress | undefined,
): Artifact {
  const size = sizeOf(descriptor);
  if (size === 0 || size > SMALL_ARTIFACT_BYTES) {
    const { algorithms, wholeMessage } = needs();
    const isWhole = wholeMessage && size <= LIMITS.wholeMessageBytes;
    if (!isWhole) return { kind: "digests", digests: digestDescriptor(descriptor, algorithms, onProgress), name };
  }
  return { kind: "bytes", bytes: readDescriptor(descriptor, LIMITS.wholeMessageBytes, "an artifact", name), name };
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
