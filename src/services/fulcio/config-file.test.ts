/** The configuration file: both notations, what the original refuses, and what we refuse besides (pkg/config/config_test.go). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configOf } from "../../../test/fulcio-bench.ts";
import { isSigstoreError } from "../../errors.ts";
import { parseFulcioConfigFile } from "./config-file.ts";
import { checkFulcioConfig } from "./config-rules.ts";
import {
  challengeClaimOf,
  DEFAULT_FULCIO_CONFIG,
  findIssuer,
  type FulcioConfig,
  ISSUER_TYPES,
  oidcIssuer,
  type OidcIssuer,
} from "./config.ts";

const YAML = `
define:
  - &type "github-workflow"
oidc-issuers:
  https://accounts.example.com:
    issuer-url: https://accounts.example.com
    client-id: sigstore
    type: email
    issuer-claim: $.federated_claims.connector_id
    skip-email-verification: true
    description: "people"
    environment: staging
  https://ci.example.com:
    issuer-url: https://ci.example.com
    client-id: sigstore
    type: ci-provider
    ci-provider: *type
meta-issuers:
  https://*.ci.example.com/id/*:
    client-id: 123
    type: kubernetes
ci-issuer-metadata:
  *type:
    default-template-values:
      url: "https://example.com"
      environment:
    extension-templates:
      github-workflow-sha: sha
      source-repository-uri: "{{ .url }}/{{ .repository }}"
    subject-alternative-name-template: "{{ .url }}/{{ .ref }}"
`;

const JSON_TEXT = JSON.stringify({
  OIDCIssuers: {
    "https://accounts.example.com": {
      IssuerURL: "https://accounts.example.com",
      ClientID: "sigstore",
      Type: "email",
      IssuerClaim: "$.federated_claims.connector_id",
      SkipEmailVerification: true,
    },
    "https://ci.example.com": {
      IssuerURL: "https://ci.example.com",
      ClientID: "sigstore",
      Type: "ci-provider",
      CIProvider: "github-workflow",
    },
  },
  MetaIssuers: { "https://*.ci.example.com/id/*": { ClientID: "123", Type: "kubernetes" } },
  CIIssuerMetadata: {
    "github-workflow": {
      DefaultTemplateValues: { url: "https://example.com", environment: "" },
      ExtensionTemplates: { GithubWorkflowSHA: "sha", SourceRepositoryURI: "{{ .url }}/{{ .repository }}" },
      SubjectAlternativeNameTemplate: "{{ .url }}/{{ .ref }}",
    },
  },
});

describe("the configuration file", () => {
  test("says the same in YAML and in JSON", () => {
    const config = parseFulcioConfigFile(YAML);
    assert.deepEqual(config, parseFulcioConfigFile(JSON_TEXT));
    checkFulcioConfig(config);
    assert.equal(findIssuer(config, "https://accounts.example.com")?.skipEmailVerification, true);
    assert.equal(findIssuer(config, "https://x.ci.example.com/id/1")?.clientId, "123");
    assert.deepEqual(config.ciMetadata.get("github-workflow")?.extensionTemplates, {
      githubWorkflowSha: "sha",
      sourceRepositoryUri: "{{ .url }}/{{ .repository }}",
    });
  });

  test("is the original's where there is none", () => {
    checkFulcioConfig(DEFAULT_FULCIO_CONFIG);
    assert.equal(
      findIssuer(DEFAULT_FULCIO_CONFIG, "https://token.actions.githubusercontent.com")?.type,
      "github-workflow",
    );
  });

  test("may be empty", () => assert.equal(parseFulcioConfigFile("oidc-issuers:\n").issuers.size, 0));

  const bombs = Array.from(
    { length: 30 },
    (_, index) => `a${index}: &a${index} [${`*a${index - 1},`.repeat(index === 0 ? 0 : 9)} x]`,
  );
  for (const [what, text] of [
    ["broken JSON", "{"],
    ["broken YAML", "a: [1"],
    ["a list", "- a\n"],
    ["one name twice", "oidc-issuers:\n  a:\n    type: email\n  a:\n    type: email\n"],
    ["one name in two spellings", '{"OIDCIssuers":{},"oidc-issuers":{}}'],
    ["a number in JSON where a text must be", '{"OIDCIssuers":{"a":{"ClientID":7}}}'],
    ["a list as an issuer", "oidc-issuers:\n  a: [b]\n"],
    ["a flag that is none", "oidc-issuers:\n  a:\n    skip-email-verification: maybe\n"],
    ["an alias of nothing", "a: *b\n"],
    ["aliases that grow without bound", `${bombs.join("\n")}\n`],
  ] as const) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => parseFulcioConfigFile(text),
        (error) => isSigstoreError(error, "config-invalid"),
      );
    });
  }
});

describe("the rules of a configuration", () => {
  const uri: Partial<OidcIssuer> = { type: "uri", issuerUrl: "https://accounts.example.com" };
  const username: Partial<OidcIssuer> = { type: "username", issuerUrl: "https://accounts.example.com" };
  const refused: readonly (readonly [string, Partial<OidcIssuer>, RegExp])[] = [
    [
      "an issuer claim of another type",
      { type: "uri", issuerClaim: "$.a" },
      /only email issuers can use issuer claim mapping/,
    ],
    ["an issuer claim that is no path", { issuerClaim: "$..a" }, /path of claims/],
    ["an issuer claim with a filter", { issuerClaim: "$.a[?(@.b)]" }, /path of claims/],
    ["spiffe without domain", { type: "spiffe" }, /spiffe issuer must have SPIFFETrustDomain set/],
    ["spiffe with a bad domain", { type: "spiffe", spiffeTrustDomain: "Foo#Bar" }, /spiffe trust domain is invalid/],
    ["uri without domain", uri, /uri issuer must have SubjectDomain set/],
    ["uri without scheme", { ...uri, subjectDomain: "example.com" }, /SubjectDomain for uri must contain scheme/],
    ["uri of another scheme", { ...uri, subjectDomain: "http://example.com" }, /URI schemes do not match/],
    [
      "uri of another domain",
      { ...uri, subjectDomain: "https://example.org" },
      /top-level and second-level domains do not match/,
    ],
    ["uri of one label", { ...uri, subjectDomain: "https://example" }, /URI hostname too short: example/],
    ["username without domain", username, /username issuer must have SubjectDomain set/],
    ["username with scheme", { ...username, subjectDomain: "https://example.com" }, /should not contain scheme/],
    ["username of another domain", { ...username, subjectDomain: "example.org" }, /do not match/],
    ["an unknown type", { type: "nobody" }, /issuer missing challenge claim/],
    ["an unknown type with a claim", { type: "nobody", challengeClaim: "sub" }, /expected a type of email/],
    ["CA certificates that are none", { caCertificates: "hello" }, /PEM/],
  ];
  for (const [what, issuer, words] of refused) {
    test(`refuse ${what}`, () => {
      assert.throws(
        () => checkFulcioConfig(configOf(issuer)),
        (error) => isSigstoreError(error, "config-invalid") && words.test(error.message),
      );
    });
  }

  test("take what shares its domain with the issuer", () => {
    for (const subjectDomain of ["https://example.com", "https://accounts.example.com", "https://users.example.com"])
      checkFulcioConfig(configOf({ ...uri, subjectDomain }));
    for (const subjectDomain of ["example.com", "accounts.example.com", "users.example.com"])
      checkFulcioConfig(configOf({ ...username, subjectDomain }));
  });

  const metaConfig = (pattern: string, issuer: Partial<OidcIssuer> = { type: "kubernetes" }): FulcioConfig =>
    configOf({}, { metaIssuers: new Map([[pattern, oidcIssuer({ issuerUrl: "", ...issuer })]]) });

  test("refuse meta-issuers of type spiffe, and those whose domain anybody may have", () => {
    assert.throws(
      () => checkFulcioConfig(metaConfig("https://*.example.com", { type: "spiffe", spiffeTrustDomain: "a" })),
      /SPIFFE meta issuers not supported/,
    );
    for (const pattern of [
      "https://*",
      "https://*/x",
      "https://*.com/x",
      "https://a.*.com",
      "https://example.*",
      "*",
      "example.com/*",
      "https://",
    ])
      assert.throws(() => checkFulcioConfig(metaConfig(pattern)), /domain without \*/, pattern);
    for (const pattern of [
      "https://*.oic.prod-aks.azure.com/*/*",
      "https://oidc.eks.*.amazonaws.com/id/*",
      "http://dex.*.svc/x",
      "http://localhost:8080/*",
      "https://dex/*",
    ])
      checkFulcioConfig(metaConfig(pattern));
  });

  test("refuse templates that could never be filled", () => {
    for (const template of ["{{ .a", "{{ range .a }}{{ end }}", "{{ if .a }}", "{{ end }}", "{{ printf .a }}"]) {
      const metadata = {
        defaults: new Map(),
        extensionTemplates: { buildTrigger: template },
        subjectAlternativeNameTemplate: "sub",
      };
      assert.throws(
        () => checkFulcioConfig(configOf({}, { ciMetadata: new Map([["ci", metadata]]) })),
        /ci: expected a template/,
      );
    }
  });

  test("know which claim is signed", () => {
    for (const type of ISSUER_TYPES)
      assert.equal(challengeClaimOf({ type, challengeClaim: "" }), type === "email" ? "email" : "sub");
    assert.equal(challengeClaimOf({ type: "email", challengeClaim: "sub" }), "sub");
  });
});
