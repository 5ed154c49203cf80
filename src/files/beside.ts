/**
 * Where the signature of a file lies: the names to look for beside it.
 *
 * Client specification, section 4.1: a bundle has the artifact's name with `.sigstore.json`, or with `.sigstore` as older
 * clients wrote it. Leaves out older kinds of signatures (issue: "every bundle"), which are only recognised by name.
 */
import { statSync } from "node:fs";

/** What is appended to an artifact's name, the preferred one first. */
const BUNDLE_SUFFIXES = [".sigstore.json", ".sigstore"] as const;

/** Signatures of other kinds that people put beside files. */
const OTHER_SUFFIXES =
  ".bundle .sigstore.jsonl .sig .pem .crt .cert .attestation .publish.attestation .intoto.jsonl .asc .minisig".split(
    " ",
  );

/** Paths of the bundles that exist beside the file at `path`, the preferred one first. */
export function findBundlesBeside(path: string): readonly string[] {
  return BUNDLE_SUFFIXES.map((suffix) => path + suffix).filter(isPresent);
}

/** Paths of what looks like signatures of other kinds beside the file at `path`. */
export function findOtherSignaturesBeside(path: string): readonly string[] {
  return OTHER_SUFFIXES.map((suffix) => path + suffix).filter(isPresent);
}

/** The artifact that a bundle at `path` would belong to by its name, where that file exists. */
export function findArtifactOfBundle(path: string): string | undefined {
  for (const suffix of BUNDLE_SUFFIXES) {
    if (!path.endsWith(suffix)) continue;
    const artifact = path.slice(0, -suffix.length);
    if (artifact !== "" && isPresent(artifact)) return artifact;
  }
  return undefined;
}

/** True when something lies at `path`, readable or not: reading it then says what is wrong. */
export function isPresent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code !== "ENAMETOOLONG" && code !== "EINVAL";
  }
}
