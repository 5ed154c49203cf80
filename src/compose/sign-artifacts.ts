/**
 * One wish: signatures for these artifacts, each in a bundle of its own. One login and, while it is valid, one certificate
 * serve them all; several are on their way at a time.
 *
 * What is large is read before anybody logs in, so that reading does not outlast the certificate. A bundle is written when it
 * has been verified, and then at once: who is interrupted has whole bundles or none. A failure leaves the others alone, until
 * so many fail that the fault is not theirs.
 */
import { isSigstoreError } from "../errors.ts";
import type { SigstoreError } from "../errors.ts";
import { digestDescriptor } from "../files/digest.ts";
import type { OnProgress } from "../files/digest.ts";
import { readDescriptor, sizeOf, withDescriptor, withOpenFile } from "../files/read.ts";
import { writeWhole } from "../files/write.ts";
import { LIMITS } from "../limits.ts";
import type { SignerIdentity } from "../sign/certified-identity.ts";
import { signMessage, signStatement } from "../sign/sign.ts";
import type { SignedBundle } from "../sign/sign.ts";
import type { SigningKey } from "../sign/signing-key.ts";
import type { Artifact } from "../verify/artifact.ts";
import { digestedArtifact } from "../verify/artifact.ts";
import type { KeylessServices } from "./signing-services.ts";
import type { Target } from "./verify-artifact.ts";
import { targetName } from "./verify-artifact.ts";

/** An artifact and where its bundle goes; undefined: to the caller alone. */
export interface SigningTask {
  readonly target: Target;
  readonly bundlePath: string | undefined;
}

/** What became of one artifact. */
export type SigningOutcome =
  | {
      readonly kind: "signed";
      readonly task: SigningTask;
      readonly bundle: SignedBundle;
      readonly identity: SignerIdentity;
      /** SHA-256 of the artifact. */
      readonly digest: Uint8Array;
    }
  | { readonly kind: "failed"; readonly task: SigningTask; readonly error: SigstoreError }
  /** Nobody began with it, since too much went wrong before or somebody said stop. */
  | { readonly kind: "left"; readonly task: SigningTask };

/** How artifacts are signed. */
export interface SigningWish {
  readonly tasks: readonly SigningTask[];
  readonly services: KeylessServices;
  /** What is said about an artifact: an in-toto statement. Undefined: the artifact itself is signed. */
  readonly statementFor?: ((name: string, sha256: Uint8Array) => Uint8Array) | undefined;
  /** Replaces bundles that are there already. */
  readonly replaces: boolean;
  readonly signal: AbortSignal;
  /** Told while a large artifact is read. */
  readonly onProgress?: OnProgress | undefined;
  /** Told of each outcome as it comes. */
  readonly onOutcome?: ((outcome: SigningOutcome) => void) | undefined;
}

/** Entries on their way at a time: enough that the log fills its batches. */
const AT_ONCE = 32;
/** After so many failures the rest is left: it is the service that fails. */
const PATIENCE = 5;
/** What is small is held whole: platforms sign that natively. */
const SMALL_ARTIFACT_BYTES = 1024 * 1024;

/** An artifact that was read, or will be when its turn comes. */
interface Prepared {
  readonly task: SigningTask;
  readonly read: () => Artifact;
}

/**
 * Signs all tasks; the outcomes are in their order.
 *
 * @throws SigstoreError where nothing was signed yet: artifacts that cannot be read, and all that keeps the first certificate
 * from being had: login, certificate authority, a notice that was not agreed to
 */
export async function signArtifacts(wish: SigningWish): Promise<readonly SigningOutcome[]> {
  const prepared = wish.tasks.map((task) => prepare(task, wish.onProgress));
  await wish.services.session.key();
  const outcomes: SigningOutcome[] = prepared.map(({ task }) => ({ kind: "left", task }));
  let next = 0;
  let failures = 0;
  const work = async (): Promise<void> => {
    while (failures < PATIENCE && !wish.signal.aborted) {
      const index = next;
      const one = prepared[index];
      if (one === undefined) return;
      next += 1;
      const outcome = await signOne(one, wish);
      outcomes[index] = outcome;
      if (outcome.kind === "failed") failures += 1;
      wish.onOutcome?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

async function signOne({ task, read }: Prepared, wish: SigningWish): Promise<SigningOutcome> {
  try {
    const artifact = read();
    const key = await wish.services.session.key();
    const digest = digestedArtifact(artifact).get("sha256");
    const bundle = await sign(artifact, digest, key, wish);
    const { bundlePath } = task;
    if (bundlePath !== undefined)
      await writeWhole(bundlePath, `${bundle.json}\n`, { replaces: wish.replaces, what: "a bundle" });
    return { kind: "signed", task, bundle, identity: key.identity, digest };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return wish.signal.aborted && error.code === "cancelled" ? { kind: "left", task } : { kind: "failed", task, error };
  }
}

async function sign(
  artifact: Artifact,
  digest: Uint8Array,
  key: SigningKey & { readonly kind: "certificate" },
  { services: { context }, statementFor }: SigningWish,
): Promise<SignedBundle> {
  return statementFor === undefined
    ? signMessage(artifact, key, context)
    : signStatement(statementFor(artifact.name ?? "", digest), key, context);
}

/** Reads what is large, or cannot be read twice; finds out of the rest that it can be read. */
function prepare(task: SigningTask, onProgress: OnProgress | undefined): Prepared {
  const { target } = task;
  const name = targetName(target);
  switch (target.kind) {
    case "digest": {
      const artifact: Artifact = { kind: "digests", digests: { [target.algorithm]: target.digest }, name };
      return { task, read: () => artifact };
    }
    case "stream": {
      const artifact = withDescriptor(target.descriptor, name, "an artifact", (open) =>
        digests(open, name, onProgress),
      );
      return { task, read: () => artifact };
    }
    case "file": {
      const { path } = target;
      const large = withOpenFile(path, "an artifact", (open) =>
        isSmall(open) ? undefined : digests(open, name, onProgress),
      );
      return { task, read: () => large ?? withOpenFile(path, "an artifact", (open) => small(open, name)) };
    }
  }
}

function isSmall(descriptor: number): boolean {
  const size = sizeOf(descriptor);
  return size > 0 && size <= SMALL_ARTIFACT_BYTES;
}

function small(descriptor: number, name: string): Artifact {
  const bytes = readDescriptor(descriptor, LIMITS.wholeMessageBytes, "an artifact", name);
  return { kind: "bytes", bytes, name };
}

function digests(descriptor: number, name: string, onProgress: OnProgress | undefined): Artifact {
  return { kind: "digests", digests: digestDescriptor(descriptor, ["sha256"], onProgress), name };
}
