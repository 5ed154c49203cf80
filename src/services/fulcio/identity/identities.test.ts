/** Every type of issuer: what its tokens become in certificates, and which of them get none (fulcio, pkg/identity, grpc_server_test.go). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  configOf,
  errorOf,
  handlerOf,
  ISSUER,
  keyBody,
  leafOf,
  type Members,
  send,
  tokenOf,
} from "../../../../test/fulcio-bench.ts";
import { subjectAlternativeNames } from "../../../formats/x509/extensions.ts";
import { type FulcioExtensions, fulcioExtensions } from "../../../formats/x509/fulcio-extensions.ts";
import { parseFulcioConfigFile } from "../config-file.ts";
import type { FulcioConfig, OidcIssuer } from "../config.ts";

const GITHUB: Members = {
  sub: "repo:octo/app:ref:refs/heads/main",
  job_workflow_ref: "octo/flows/.github/workflows/build.yml@refs/heads/main",
  sha: "1111",
  event_name: "push",
  repository: "octo/app",
  workflow: "build",
  ref: "refs/heads/main",
  job_workflow_sha: "2222",
  runner_environment: "github-hosted",
  repository_id: "33",
  repository_owner: "octo",
  repository_owner_id: "44",
  repository_visibility: "public",
  workflow_ref: "octo/app/.github/workflows/main.yml@refs/heads/main",
  workflow_sha: "5555",
  run_id: "66",
  run_attempt: "7",
};

const GITHUB_EXTENSIONS: FulcioExtensions = {
  issuer: ISSUER,
  githubWorkflowTrigger: "push",
  githubWorkflowSha: "1111",
  githubWorkflowName: "build",
  githubWorkflowRepository: "octo/app",
  githubWorkflowRef: "refs/heads/main",
  buildSignerUri: "https://github.com/octo/flows/.github/workflows/build.yml@refs/heads/main",
  buildSignerDigest: "2222",
  runnerEnvironment: "github-hosted",
  sourceRepositoryUri: "https://github.com/octo/app",
  sourceRepositoryDigest: "1111",
  sourceRepositoryRef: "refs/heads/main",
  sourceRepositoryIdentifier: "33",
  sourceRepositoryOwnerUri: "https://github.com/octo",
  sourceRepositoryOwnerIdentifier: "44",
  buildConfigUri: "https://github.com/octo/app/.github/workflows/main.yml@refs/heads/main",
  buildConfigDigest: "5555",
  buildTrigger: "push",
  runInvocationUri: "https://github.com/octo/app/actions/runs/66/attempts/7",
  sourceRepositoryVisibilityAtSigning: "public",
  tokenSubject: "repo:octo/app:ref:refs/heads/main",
};

const GITLAB: Members = {
  sub: "project_path:group/app:ref_type:branch:ref:main",
  project_path: "group/app",
  project_id: "12",
  pipeline_source: "push",
  pipeline_id: "34",
  ci_config_ref_uri: "gitlab.com/group/app//.gitlab-ci.yml@refs/heads/main",
  ci_config_sha: "aaaa",
  namespace_path: "group",
  namespace_id: "56",
  job_id: "78",
  ref: "main",
  ref_type: "branch",
  sha: "bbbb",
  runner_environment: "gitlab-hosted",
  runner_id: 9,
  project_visibility: "private",
};

const CIRCLECI: Members = {
  sub: "org/1/project/2/user/3",
  "oidc.circleci.com/project-id": "2",
  "oidc.circleci.com/pipeline-id": "9",
  "oidc.circleci.com/pipeline-definition-id": "4",
  "oidc.circleci.com/ssh-rerun": true,
  build_number: 1234567890123,
};

/** In the notation of the public instance's file, aliases as names included. */
const CI_FILE = `
define:
  - &github-type "github-workflow"
  - &circleci-type "circleci-job"
oidc-issuers:
  ${ISSUER}:
    issuer-url: ${ISSUER}
    client-id: sigstore
    type: ci-provider
    ci-provider: *circleci-type
    contact: security@example.com
ci-issuer-metadata:
  *github-type:
    default-template-values:
      url: "https://github.com"
      environment: ""
    extension-templates:
      issuer: "somebody-else"
      subject: "somebody-else"
      build-signer-uri: "{{ .url }}/{{ .job_workflow_ref }}"
      source-repository-digest: "sha"
      deployment-environment: "environment"
    subject-alternative-name-template: "{{ .url }}/{{ .job_workflow_ref }}"
  *circleci-type:
    default-template-values:
      api_url: "https://circleci.com/api/v2"
    extension-templates:
      build-config-uri: '{{.api_url}}/pipeline/{{(index . "oidc.circleci.com/pipeline-id")}}/config'
      runner-environment: '{{if eq (index . "oidc.circleci.com/ssh-rerun") "true"}}ssh-rerun{{ else }}""{{end}}'
      source-repository-ref: '{{index . "oidc.circleci.com/vcs-ref"}}'
      source-repository-identifier: build_number
    subject-alternative-name-template: '{{.api_url}}/projects/{{(index . "oidc.circleci.com/project-id")}}/pipeline-definitions/{{(index . "oidc.circleci.com/pipeline-definition-id")}}'
`;

const circleci = parseFulcioConfigFile(CI_FILE);

interface Granted {
  readonly what: string;
  readonly issuer?: Partial<OidcIssuer>;
  readonly config?: FulcioConfig;
  readonly claims: Members;
  readonly challenge?: string;
  readonly name: Members;
  readonly extensions: FulcioExtensions;
}

const EMAIL: Members = { email: "foo@example.com", email_verified: true };

const GRANTED: readonly Granted[] = [
  {
    what: "email",
    claims: EMAIL,
    challenge: "foo@example.com",
    name: { kind: "email", value: "foo@example.com" },
    extensions: { issuer: ISSUER, tokenSubject: "subject-1" },
  },
  {
    what: "email, the flag as a text, upper case kept",
    claims: { email: "Foo@Example.com", email_verified: "true" },
    challenge: "Foo@Example.com",
    name: { kind: "email", value: "Foo@Example.com" },
    extensions: { issuer: ISSUER, tokenSubject: "subject-1" },
  },
  {
    what: "email through a connector of Dex",
    issuer: { issuerClaim: "$.federated_claims.connector_id" },
    claims: { ...EMAIL, federated_claims: { connector_id: "https://github.com/login/oauth" } },
    challenge: "foo@example.com",
    name: { kind: "email", value: "foo@example.com" },
    extensions: { issuer: "https://github.com/login/oauth", tokenSubject: "subject-1" },
  },
  {
    what: "email that nobody verified, where that is set so",
    issuer: { skipEmailVerification: true },
    claims: { email: "foo@example.com" },
    challenge: "foo@example.com",
    name: { kind: "email", value: "foo@example.com" },
    extensions: { issuer: ISSUER, tokenSubject: "subject-1" },
  },
  {
    what: "spiffe",
    issuer: { type: "spiffe", spiffeTrustDomain: "foo.com" },
    claims: { sub: "spiffe://foo.com/bar" },
    name: { kind: "uri", value: "spiffe://foo.com/bar" },
    extensions: { issuer: ISSUER, tokenSubject: "spiffe://foo.com/bar" },
  },
  {
    what: "uri",
    issuer: { type: "uri", subjectDomain: "https://users.example.com" },
    claims: { sub: "https://users.example.com/users/1" },
    name: { kind: "uri", value: "https://users.example.com/users/1" },
    extensions: { issuer: ISSUER, tokenSubject: "https://users.example.com/users/1" },
  },
  {
    what: "username",
    issuer: { type: "username", subjectDomain: "example.com" },
    claims: { sub: "foobar" },
    name: { kind: "otherName", oid: "1.3.6.1.4.1.57264.1.7", value: "foobar!example.com" },
    extensions: { issuer: ISSUER, tokenSubject: "foobar" },
  },
  {
    what: "kubernetes",
    issuer: { type: "kubernetes" },
    claims: {
      sub: "system:serviceaccount:foo:bar",
      "kubernetes.io": { namespace: "foo", serviceaccount: { name: "bar", uid: "1" }, pod: { name: "p", uid: "2" } },
    },
    name: { kind: "uri", value: "https://kubernetes.io/namespaces/foo/serviceaccounts/bar" },
    extensions: { issuer: ISSUER, tokenSubject: "system:serviceaccount:foo:bar" },
  },
  {
    what: "chainguard-identity",
    issuer: { type: "chainguard-identity" },
    claims: { sub: "a1b2/c3d4" },
    name: { kind: "uri", value: `${ISSUER}/a1b2/c3d4` },
    extensions: { issuer: ISSUER, tokenSubject: "a1b2/c3d4" },
  },
  {
    what: "github-workflow",
    issuer: { type: "github-workflow" },
    claims: GITHUB,
    name: { kind: "uri", value: "https://github.com/octo/flows/.github/workflows/build.yml@refs/heads/main" },
    extensions: GITHUB_EXTENSIONS,
  },
  {
    what: "gitlab-pipeline",
    issuer: { type: "gitlab-pipeline" },
    claims: GITLAB,
    name: { kind: "uri", value: "https://gitlab.com/group/app//.gitlab-ci.yml@refs/heads/main" },
    extensions: {
      issuer: ISSUER,
      buildSignerUri: "https://gitlab.com/group/app//.gitlab-ci.yml@refs/heads/main",
      buildSignerDigest: "aaaa",
      runnerEnvironment: "gitlab-hosted",
      sourceRepositoryUri: "https://gitlab.com/group/app",
      sourceRepositoryDigest: "bbbb",
      sourceRepositoryRef: "refs/heads/main",
      sourceRepositoryIdentifier: "12",
      sourceRepositoryOwnerUri: "https://gitlab.com/group",
      sourceRepositoryOwnerIdentifier: "56",
      buildConfigUri: "https://gitlab.com/group/app//.gitlab-ci.yml@refs/heads/main",
      buildConfigDigest: "aaaa",
      buildTrigger: "push",
      runInvocationUri: "https://gitlab.com/group/app/-/jobs/78",
      sourceRepositoryVisibilityAtSigning: "private",
      tokenSubject: "project_path:group/app:ref_type:branch:ref:main",
    },
  },
  {
    what: "buildkite-job",
    issuer: { type: "buildkite-job" },
    claims: { sub: "organization:acme:pipeline:app", organization_slug: "acme", pipeline_slug: "app" },
    name: { kind: "uri", value: "https://buildkite.com/acme/app" },
    extensions: { issuer: ISSUER, tokenSubject: "organization:acme:pipeline:app" },
  },
  {
    what: "codefresh-workflow",
    issuer: { type: "codefresh-workflow" },
    claims: {
      sub: "account:1:pipeline:2",
      account_id: "1",
      account_name: "acme",
      pipeline_id: "2",
      pipeline_name: "project/build",
      workflow_id: "3",
      scm_repo_url: "https://github.com/acme/app",
      scm_ref: "main",
      runner_environment: "hybrid",
    },
    name: { kind: "uri", value: "https://g.codefresh.io/acme/project/build:1/2" },
    extensions: {
      issuer: ISSUER,
      buildSignerUri: "https://g.codefresh.io/build/3",
      runnerEnvironment: "hybrid",
      sourceRepositoryUri: "https://github.com/acme/app",
      sourceRepositoryRef: "main",
      buildConfigUri: "https://g.codefresh.io/api/pipelines/2",
      runInvocationUri: "https://g.codefresh.io/build/3",
      tokenSubject: "account:1:pipeline:2",
    },
  },
  {
    what: "ci-provider by templates",
    config: circleci,
    claims: CIRCLECI,
    name: { kind: "uri", value: "https://circleci.com/api/v2/projects/2/pipeline-definitions/4" },
    extensions: {
      issuer: ISSUER,
      buildConfigUri: "https://circleci.com/api/v2/pipeline/9/config",
      runnerEnvironment: "ssh-rerun",
      sourceRepositoryIdentifier: "1234567890123",
      tokenSubject: "org/1/project/2/user/3",
    },
  },
  {
    what: "ci-provider whose settings, made by a program, name another issuer and subject",
    config: configOf(
      { type: "ci-provider", ciProvider: "ci" },
      {
        ciMetadata: new Map([
          [
            "ci",
            {
              defaults: new Map([["evil", "https://evil.example"]]),
              extensionTemplates: { issuer: "evil", tokenSubject: "evil" },
              subjectAlternativeNameTemplate: "https://ci.example.com/{{ .sub }}",
            },
          ],
        ]),
      },
    ),
    claims: { sub: "job-1" },
    name: { kind: "uri", value: "https://ci.example.com/job-1" },
    extensions: { issuer: ISSUER, tokenSubject: "job-1" },
  },
  {
    what: "ci-provider whose templates cannot name another issuer or subject",
    issuer: { type: "ci-provider", ciProvider: "github-workflow" },
    config: configOf({ type: "ci-provider", ciProvider: "github-workflow" }, { ciMetadata: circleci.ciMetadata }),
    claims: GITHUB,
    name: { kind: "uri", value: "https://github.com/octo/flows/.github/workflows/build.yml@refs/heads/main" },
    extensions: {
      issuer: ISSUER,
      buildSignerUri: "https://github.com/octo/flows/.github/workflows/build.yml@refs/heads/main",
      sourceRepositoryDigest: "1111",
      tokenSubject: "repo:octo/app:ref:refs/heads/main",
    },
  },
];

describe("a token becomes a name and extensions:", () => {
  for (const { what, issuer, config, claims, challenge, name, extensions } of GRANTED) {
    test(what, async () => {
      const handler = handlerOf({ config: config ?? configOf(issuer) });
      const body = await keyBody(challenge ?? String(claims["sub"]));
      const leaf = leafOf(await send(handler, body, await tokenOf(claims)));
      assert.deepEqual(subjectAlternativeNames(leaf), [name]);
      assert.deepEqual({ ...fulcioExtensions(leaf) }, extensions);
    });
  }
});

const without = (claims: Members, name: string): Members => ({ ...claims, [name]: undefined });
const IDENTITY_TOKEN = "There was an error processing the identity token";

const REFUSED: readonly (readonly [string, Partial<OidcIssuer>, Members, string, RegExp])[] = [
  ["email without address", {}, {}, "CLAIM_MISSING", /missing email/],
  [
    "email that nobody verified",
    {},
    { email: "foo@example.com", email_verified: false },
    "EMAIL_UNVERIFIED",
    /email_verified/,
  ],
  ["email without the flag", {}, { email: "foo@example.com" }, "EMAIL_UNVERIFIED", /email_verified/],
  [
    "email with a flag that is none",
    {},
    { email: "foo@example.com", email_verified: "yes" },
    "CLAIM_INVALID",
    /email_verified/,
  ],
  ["email that is no address", {}, { ...EMAIL, email: "foo at example.com" }, "CLAIM_INVALID", /not valid/],
  ["email as a number", {}, { ...EMAIL, email: 7 }, "CLAIM_INVALID", /email as a text/],
  [
    "email without the connector",
    { issuerClaim: "$.federated_claims.connector_id" },
    EMAIL,
    "CLAIM_MISSING",
    /connector_id/,
  ],
  [
    "spiffe of another domain",
    { type: "spiffe", spiffeTrustDomain: "foo.com" },
    { sub: "spiffe://bar.com/x" },
    "SUBJECT_REFUSED",
    /bar\.com/,
  ],
  [
    "spiffe of a domain below",
    { type: "spiffe", spiffeTrustDomain: "foo.com" },
    { sub: "spiffe://a.foo.com/x" },
    "SUBJECT_REFUSED",
    /a\.foo\.com/,
  ],
  [
    "spiffe that is none",
    { type: "spiffe", spiffeTrustDomain: "foo.com" },
    { sub: "spiffe://foo.com/../x" },
    "SUBJECT_REFUSED",
    /invalid spiffe/,
  ],
  [
    "uri of another host",
    { type: "uri", subjectDomain: "https://example.com" },
    { sub: "https://example.com.evil.com/" },
    "SUBJECT_REFUSED",
    /evil/,
  ],
  [
    "uri of another scheme",
    { type: "uri", subjectDomain: "https://example.com" },
    { sub: "http://example.com/" },
    "SUBJECT_REFUSED",
    /scheme/,
  ],
  [
    "uri that is an address",
    { type: "uri", subjectDomain: "https://example.com" },
    { sub: "foo@example.com" },
    "SUBJECT_REFUSED",
    /email/,
  ],
  ["username with !", { type: "username", subjectDomain: "example.com" }, { sub: "a!b" }, "SUBJECT_REFUSED", /!/],
  [
    "username that is an address",
    { type: "username", subjectDomain: "example.com" },
    { sub: "foo@example.com" },
    "SUBJECT_REFUSED",
    /email/,
  ],
  [
    "kubernetes without namespace",
    { type: "kubernetes" },
    { "kubernetes.io": { serviceaccount: { name: "b" } } },
    "CLAIM_MISSING",
    /namespace/,
  ],
  [
    "kubernetes with a path as name",
    { type: "kubernetes" },
    { "kubernetes.io": { namespace: "a", serviceaccount: { name: "../b" } } },
    "CLAIM_INVALID",
    /name/,
  ],
  ["gitlab without runner", { type: "gitlab-pipeline" }, without(GITLAB, "runner_id"), "CLAIM_MISSING", /runner_id/],
  ["gitlab with runner 0", { type: "gitlab-pipeline" }, { ...GITLAB, runner_id: 0 }, "CLAIM_MISSING", /runner_id/],
  [
    "gitlab with another ref_type",
    { type: "gitlab-pipeline" },
    { ...GITLAB, ref_type: "note" },
    "CLAIM_INVALID",
    /ref_type/,
  ],
  [
    "buildkite without pipeline",
    { type: "buildkite-job" },
    { organization_slug: "a" },
    "CLAIM_MISSING",
    /pipeline_slug/,
  ],
  [
    "codefresh without workflow",
    { type: "codefresh-workflow" },
    { account_id: "1", pipeline_id: "2" },
    "CLAIM_MISSING",
    /workflow_id/,
  ],
  ["ci-provider without templates", { type: "ci-provider", ciProvider: "nobody" }, {}, "CONFIGURATION", /nobody/],
  ...Object.keys(GITHUB)
    .filter((name) => name !== "sub")
    .map(
      (name) =>
        [
          `github without ${name}`,
          { type: "github-workflow" },
          without(GITHUB, name),
          "CLAIM_MISSING",
          new RegExp(`missing ${name} claim`),
        ] as const,
    ),
];

describe("a token gets no certificate:", () => {
  for (const [what, issuer, claims, reason, problem] of REFUSED) {
    test(what, async () => {
      const handler = handlerOf({ config: configOf(issuer) });
      const error = errorOf(await send(handler, await keyBody("foo@example.com"), await tokenOf(claims)));
      assert.deepEqual([error.status, error.code, error.message, error.reason], [400, 3, IDENTITY_TOKEN, reason]);
      assert.match(error.problem, problem);
      assert.ok(error.hint !== undefined);
    });
  }

  test("ci-provider whose template names a claim that is not there, with its own words", async () => {
    const config = configOf(
      { type: "ci-provider", ciProvider: "github-workflow" },
      { ciMetadata: circleci.ciMetadata },
    );
    const error = errorOf(await send(handlerOf({ config }), await keyBody("subject-1"), await tokenOf()));
    assert.equal(error.status, 400);
    assert.match(error.message, /map has no entry for key "job_workflow_ref"/);
    const bare = errorOf(
      await send(handlerOf({ config }), await keyBody("subject-1"), await tokenOf({ job_workflow_ref: "a" })),
    );
    assert.match(bare.message, /value <sha> not present in either claims or defaults/);
  });

  test("a name that no certificate can hold", async () => {
    const address = errorOf(
      await send(handlerOf(), await keyBody("ü@example.com"), await tokenOf({ ...EMAIL, email: "ü@example.com" })),
    );
    assert.deepEqual([address.status, address.reason], [400, "SUBJECT_REFUSED"]);
    assert.match(address.message, /IA5String/);
  });
});
