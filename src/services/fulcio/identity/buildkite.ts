/** Issuers of the old type buildkite-job (fulcio, pkg/identity/buildkite); ci-provider has taken its place. */
import { requireClaim } from "./claims.ts";
import { extensionsOf, uriName } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";

/** The pipeline whose job it is. @throws SigstoreError `identity-token-refused` */
export function buildkitePrincipal(token: VerifiedToken): Principal {
  const organization = requireClaim(token.claims, "organization_slug");
  const pipeline = requireClaim(token.claims, "pipeline_slug");
  return {
    name: token.subject,
    embed: () => ({
      subjectAlternativeName: uriName(`https://buildkite.com/${organization}/${pipeline}`),
      extensions: extensionsOf(token),
    }),
  };
}
