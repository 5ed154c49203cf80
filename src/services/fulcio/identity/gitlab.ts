/** Issuers of the old type gitlab-pipeline (fulcio, pkg/identity/gitlabcom); ci-provider has taken its place. */
import type { JsonObject } from "../../../encoding/json.ts";
import { refuseToken } from "../refusal.ts";
import { claimText, requireClaim } from "./claims.ts";
import { extensionsOf, joined, shown, uriName } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";

const GITLAB = "https://gitlab.com/";

const CLAIMS = [
  "project_path",
  "pipeline_source",
  "pipeline_id",
  "ci_config_ref_uri",
  "job_id",
  "ref",
  "ref_type",
  "namespace_path",
  "namespace_id",
  "project_id",
  "sha",
  "runner_environment",
] as const;

/** The pipeline's job. @throws SigstoreError `identity-token-refused` */
export function gitlabPrincipal(token: VerifiedToken): Principal {
  const claims = Object.fromEntries(CLAIMS.map((name) => [name, requireClaim(token.claims, name)])) as Record<
    (typeof CLAIMS)[number],
    string
  >;
  requireRunner(token.claims);
  const ref = refOf(claims.ref_type, claims.ref);
  const [configDigest, visibility] = [
    claimText(token.claims, "ci_config_sha"),
    claimText(token.claims, "project_visibility"),
  ];
  return {
    name: token.subject,
    embed: () => {
      // The claim is without scheme: gitlab.com/group/project//.gitlab-ci.yml@refs/heads/main.
      const name = uriName(`https://${claims.ci_config_ref_uri}`);
      const config = name.kind === "uri" ? name.value : "";
      const extensions = extensionsOf(token, {
        buildSignerUri: config,
        buildSignerDigest: configDigest,
        runnerEnvironment: claims.runner_environment,
        sourceRepositoryUri: joined(GITLAB, claims.project_path),
        sourceRepositoryDigest: claims.sha,
        sourceRepositoryRef: ref,
        sourceRepositoryIdentifier: claims.project_id,
        sourceRepositoryOwnerUri: joined(GITLAB, claims.namespace_path),
        sourceRepositoryOwnerIdentifier: claims.namespace_id,
        buildConfigUri: config,
        buildConfigDigest: configDigest,
        buildTrigger: claims.pipeline_source,
        runInvocationUri: joined(GITLAB, claims.project_path, "/-/jobs/", claims.job_id),
        sourceRepositoryVisibilityAtSigning: visibility,
      });
      return { subjectAlternativeName: name, extensions };
    },
  };
}

function requireRunner(claims: JsonObject): void {
  const runner = claims["runner_id"] ?? 0;
  if (typeof runner !== "bigint" && !Number.isSafeInteger(runner))
    throw refuseToken("CLAIM_INVALID", "expected the claim runner_id as an integer, got another value", {
      claim: "runner_id",
    });
  if (Number(runner) === 0)
    throw refuseToken("CLAIM_MISSING", "missing runner_id claim in ID token", { claim: "runner_id" });
}

function refOf(type: string, ref: string): string {
  if (type === "branch") return `refs/heads/${ref}`;
  if (type === "tag") return `refs/tags/${ref}`;
  throw refuseToken("CLAIM_INVALID", `unexpected ref_type: ${shown(type)}`, { claim: "ref_type" });
}
