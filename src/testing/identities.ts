/**
 * People and workflows that sign in tests: one for each kind of name that Fulcio certifies.
 *
 * All live under domains that RFC 2606 reserves. Leaves out: tokens (the virtual instance certifies whom it is told to).
 */
import type { FulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import type { GeneralName } from "../formats/x509/general-name.ts";
import { OID } from "../formats/x509/oids.ts";

/** Whom a certificate is for: the issuer that vouches, the subject, and what else the certificate says of it. */
export interface SigningIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly kind: "email" | "uri" | "dns" | "otherName";
  readonly extensions?: Omit<FulcioExtensions, "issuer">;
}

/** A person, by e-mail address. */
export const PERSON: SigningIdentity = {
  issuer: "https://accounts.example.com",
  subject: "dev@example.com",
  kind: "email",
};

/** A user name of an organization, which stands in an otherName. */
export const USER_NAME: SigningIdentity = {
  issuer: "https://login.example.org",
  subject: "jane!example.org",
  kind: "otherName",
};

/** A workload, by SPIFFE ID. */
export const WORKLOAD: SigningIdentity = {
  issuer: "https://spire.example.net",
  subject: "spiffe://example.net/ns/prod/sa/builder",
  kind: "uri",
};

const REPOSITORY = "https://github.com/example/project";
const COMMIT = "9739798945b2a848e911bcf1dddb97298cade0b1";
const WORKFLOW = `${REPOSITORY}/.github/workflows/release.yml@refs/tags/v1.2.3`;

/** A GitHub workflow with all extensions that GitHub's tokens fill. */
export const WORKFLOW_RUN: SigningIdentity = {
  issuer: "https://token.actions.githubusercontent.com",
  subject: WORKFLOW,
  kind: "uri",
  extensions: {
    githubWorkflowTrigger: "push",
    githubWorkflowSha: COMMIT,
    githubWorkflowName: "Release",
    githubWorkflowRepository: "example/project",
    githubWorkflowRef: "refs/tags/v1.2.3",
    buildSignerUri: WORKFLOW,
    buildSignerDigest: COMMIT,
    runnerEnvironment: "github-hosted",
    sourceRepositoryUri: REPOSITORY,
    sourceRepositoryDigest: COMMIT,
    sourceRepositoryRef: "refs/tags/v1.2.3",
    sourceRepositoryIdentifier: "632596897",
    sourceRepositoryOwnerUri: "https://github.com/example",
    sourceRepositoryOwnerIdentifier: "131804563",
    buildConfigUri: WORKFLOW,
    buildConfigDigest: COMMIT,
    buildTrigger: "push",
    runInvocationUri: `${REPOSITORY}/actions/runs/15609877086/attempts/1`,
    sourceRepositoryVisibilityAtSigning: "public",
    deploymentEnvironment: "production",
    tokenSubject: "repo:example/project:ref:refs/tags/v1.2.3",
  },
};

/** The identity as the one subject alternative name of its certificate. */
export function subjectAlternativeName({ kind, subject }: SigningIdentity): GeneralName {
  return kind === "otherName" ? { kind, oid: OID.fulcioUserName, value: subject } : { kind, value: subject };
}
