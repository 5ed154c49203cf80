/**
 * A statement as build platforms sign it: SLSA provenance v1 of a GitHub workflow, some two kilobytes.
 */
import { digest } from "../src/crypto/digest.ts";
import { hexEncode } from "../src/encoding/hex.ts";
import { STATEMENT_TYPE_V1 } from "../src/formats/in-toto.ts";
import type { Statement } from "../src/formats/in-toto.ts";
import { WORKFLOW_RUN } from "../src/testing/identities.ts";

/** The provenance of `artifact`, built by the `run`th run of the workflow. */
export function provenanceOf(artifact: Uint8Array, run: number): Statement {
  const digests = new Map([
    ["sha256", hexEncode(digest("sha256", artifact))],
    ["sha512", hexEncode(digest("sha512", artifact))],
  ]);
  const { buildSignerUri = "", buildSignerDigest = "", sourceRepositoryUri = "" } = WORKFLOW_RUN.extensions ?? {};
  return {
    type: STATEMENT_TYPE_V1,
    subjects: [{ name: `pkg:npm/%40example/project@1.2.${run}`, digests }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        externalParameters: {
          workflow: { ref: "refs/tags/v1.2.3", repository: sourceRepositoryUri, path: ".github/workflows/release.yml" },
        },
        internalParameters: {
          github: { event_name: "push", repository_id: "632596897", repository_owner_id: "131804563" },
        },
        resolvedDependencies: [
          { uri: `git+${sourceRepositoryUri}@refs/tags/v1.2.3`, digest: { gitCommit: buildSignerDigest } },
        ],
      },
      runDetails: {
        builder: { id: buildSignerUri },
        metadata: { invocationId: `${sourceRepositoryUri}/actions/runs/${15_609_877_086 + run}/attempts/1` },
      },
    },
  };
}
