/** Issuers of the old type github-workflow (fulcio, pkg/identity/github); ci-provider has taken its place. */
import { requireClaim } from "./claims.ts";
import { extensionsOf, joined, uriName } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";

const GITHUB = "https://github.com/";

const CLAIMS = [
  "job_workflow_ref",
  "sha",
  "event_name",
  "repository",
  "workflow",
  "ref",
  "job_workflow_sha",
  "runner_environment",
  "repository_id",
  "repository_owner",
  "repository_owner_id",
  "repository_visibility",
  "workflow_ref",
  "workflow_sha",
  "run_id",
  "run_attempt",
] as const;

/** The workflow's job. @throws SigstoreError `identity-token-refused` */
export function githubPrincipal(token: VerifiedToken): Principal {
  const claims = Object.fromEntries(CLAIMS.map((name) => [name, requireClaim(token.claims, name)])) as Record<
    (typeof CLAIMS)[number],
    string
  >;
  return {
    name: token.subject,
    embed: () => {
      const workflow = joined(GITHUB, claims.job_workflow_ref);
      const extensions = extensionsOf(token, {
        githubWorkflowTrigger: claims.event_name,
        githubWorkflowSha: claims.sha,
        githubWorkflowName: claims.workflow,
        githubWorkflowRepository: claims.repository,
        githubWorkflowRef: claims.ref,
        buildSignerUri: workflow,
        buildSignerDigest: claims.job_workflow_sha,
        runnerEnvironment: claims.runner_environment,
        sourceRepositoryUri: joined(GITHUB, claims.repository),
        sourceRepositoryDigest: claims.sha,
        sourceRepositoryRef: claims.ref,
        sourceRepositoryIdentifier: claims.repository_id,
        sourceRepositoryOwnerUri: joined(GITHUB, claims.repository_owner),
        sourceRepositoryOwnerIdentifier: claims.repository_owner_id,
        buildConfigUri: joined(GITHUB, claims.workflow_ref),
        buildConfigDigest: claims.workflow_sha,
        buildTrigger: claims.event_name,
        runInvocationUri: joined(
          GITHUB,
          claims.repository,
          "actions/runs",
          claims.run_id,
          "attempts",
          claims.run_attempt,
        ),
        sourceRepositoryVisibilityAtSigning: claims.repository_visibility,
      });
      return { subjectAlternativeName: uriName(workflow), extensions };
    },
  };
}
