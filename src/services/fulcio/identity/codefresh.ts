/** Issuers of the old type codefresh-workflow (fulcio, pkg/identity/codefresh); ci-provider has taken its place. */
import { claimText, requireClaim } from "./claims.ts";
import { extensionsOf, joined, uriName } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";

const DEFAULT_PLATFORM = "https://g.codefresh.io";

/** The pipeline's workflow. @throws SigstoreError `identity-token-refused` */
export function codefreshPrincipal(token: VerifiedToken): Principal {
  const { claims } = token;
  const [account, pipeline, workflow] = ["account_id", "pipeline_id", "workflow_id"].map((name) =>
    requireClaim(claims, name),
  ) as [string, string, string];
  const text = (name: string): string => claimText(claims, name);
  const platform = text("platform_url") === "" ? DEFAULT_PLATFORM : text("platform_url");
  return {
    name: token.subject,
    embed: () => {
      const build = joined(platform, "build", workflow);
      // Names may change, identifiers do not; both stand in the name, so that either can be matched.
      const name = joined(platform, text("account_name"), `${text("pipeline_name")}:${account}/${pipeline}`);
      const extensions = extensionsOf(token, {
        buildSignerUri: build,
        runnerEnvironment: text("runner_environment"),
        sourceRepositoryUri: text("scm_repo_url"),
        sourceRepositoryRef: text("scm_ref"),
        buildConfigUri: joined(platform, "api", "pipelines", pipeline),
        runInvocationUri: build,
      });
      return { subjectAlternativeName: uriName(name), extensions };
    },
  };
}
