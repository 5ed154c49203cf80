/**
 * Who a token is about, and what of it a certificate says (fulcio, pkg/identity and pkg/challenges): one rule for each type of issuer.
 *
 * Two steps, as in the original, because they are answered with different words: the token is refused here, and what cannot be
 * written into a certificate by `embed`.
 */
import type { JsonObject } from "../../../encoding/json.ts";
import type { FulcioExtensions } from "../../../formats/x509/fulcio-extensions.ts";
import type { GeneralName } from "../../../formats/x509/general-name.ts";
import { type FulcioConfig, isIssuerType, type OidcIssuer } from "../config.ts";
import { refuseToken } from "../refusal.ts";
import { buildkitePrincipal } from "./buildkite.ts";
import { ciProviderPrincipal } from "./ci-provider.ts";
import { codefreshPrincipal } from "./codefresh.ts";
import { emailPrincipal } from "./email.ts";
import { githubPrincipal } from "./github.ts";
import { gitlabPrincipal } from "./gitlab.ts";
import { spiffePrincipal, uriPrincipal, usernamePrincipal } from "./subject.ts";
import { chainguardPrincipal, kubernetesPrincipal } from "./workload.ts";

/** A token that was verified: its issuer's settings and its claims. */
export interface VerifiedToken {
  readonly issuer: OidcIssuer;
  /** `sub`. */
  readonly subject: string;
  readonly claims: JsonObject;
}

/** What stands in the certificate: the one name and Fulcio's extensions. */
export interface CertificateIdentity {
  readonly subjectAlternativeName: GeneralName;
  readonly extensions: FulcioExtensions;
}

/** Who asks for a certificate. */
export interface Principal {
  /** The claim's value that the original wants signed as proof of possession. */
  readonly name: string;
  /** @throws SigstoreError `identity-token-refused` for what no certificate can say */
  readonly embed: () => CertificateIdentity;
}

/** Who a verified token is about. @throws SigstoreError `identity-token-refused` */
export function principalOf(token: VerifiedToken, config: FulcioConfig): Principal {
  const { type } = token.issuer;
  if (!isIssuerType(type)) throw refuseToken("CONFIGURATION", `unsupported issuer: ${type}`);
  switch (type) {
    case "email":
      return emailPrincipal(token);
    case "username":
      return usernamePrincipal(token);
    case "uri":
      return uriPrincipal(token);
    case "spiffe":
      return spiffePrincipal(token);
    case "kubernetes":
      return kubernetesPrincipal(token);
    case "chainguard-identity":
      return chainguardPrincipal(token);
    case "ci-provider":
      return ciProviderPrincipal(token, config.ciMetadata);
    case "github-workflow":
      return githubPrincipal(token);
    case "gitlab-pipeline":
      return gitlabPrincipal(token);
    case "buildkite-job":
      return buildkitePrincipal(token);
    case "codefresh-workflow":
      return codefreshPrincipal(token);
  }
}
