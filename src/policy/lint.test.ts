import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { patternIdentity } from "./identity.ts";
import { lintExpectation, lintIdentity } from "./lint.ts";

const ACTIONS = "https://token.actions.githubusercontent.com";
const GITLAB = "https://gitlab.com";
const GOOGLE = "https://accounts.google.com";
const OTHER = "https://issuer.example";
const WORKFLOW = "https://github\\.com/acme/app/\\.github/workflows/release\\.yml";

/** The codes for a subject pattern, those about the issuer marked so, remarks with a question mark. */
function codes(subjectPattern: string, issuer = ACTIONS): string[] {
  return lintIdentity({ issuer, subjectPattern }).map(({ code, part, level }) => {
    return `${part === "issuer" ? "issuer: " : ""}${code}${level === "info" ? "?" : ""}`;
  });
}

function exactCodes(issuer: string, subject: string): string[] {
  return lintIdentity({ issuer, subject }).map(({ code }) => code);
}

function issuerCodes(issuerPattern: string): string[] {
  return lintIdentity({ issuerPattern, subject: "alice@example.com" }).map(({ code }) => code);
}

function assertCodes(cases: readonly (readonly [pattern: string, codes: readonly string[], issuer?: string])[]): void {
  for (const [pattern, expected, issuer] of cases) assert.deepEqual(codes(pattern, issuer), expected, pattern);
}

test("narrow identities pass in silence", () => {
  assertCodes([
    [`${WORKFLOW}@refs/heads/main`, []],
    [`${WORKFLOW}@refs/(?:heads/main|tags/v[0-9]+\\.[0-9]+)`, []],
    [`^${WORKFLOW}@refs/heads/(main|release-[0-9]+)$`, []],
    ["(alice|bob)@example\\.com", [], GOOGLE],
    ["https://gitlab\\.com/acme/app//\\.gitlab-ci\\.yml@refs/heads/main", [], GITLAB],
    ["https://kubernetes\\.io/namespaces/prod/serviceaccounts/builder", [], OTHER],
  ]);
  assert.deepEqual(
    exactCodes(ACTIONS, "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"),
    [],
  );
  assert.deepEqual(exactCodes(GOOGLE, "alice@example.com"), []);
  assert.deepEqual(exactCodes(OTHER, "spiffe://example.org/builder"), []);
});

test("what matches everything is found however it is written", () => {
  for (const pattern of [
    ".*",
    ".+",
    "^.*$",
    "(?s).*",
    "(?:.|\\n)*",
    "[^ ]*",
    "\\S+",
    "(.*)(.*)",
    "(?:.*)*",
    ".{0,500}",
    "[\\s\\S]+",
  ]) {
    assert.deepEqual(codes(pattern), ["matches-everything"], pattern);
  }
  assert.deepEqual(codes(`${WORKFLOW}@refs/heads/main|.*`), ["matches-everything"]);
});

test("a pattern without a fixed host", () => {
  assertCodes([
    ["https://.*", ["host-open"]],
    ["https?://.*/acme/app/.*", ["host-open"]],
    ["https://github\\.com.*", ["host-open"]],
    ["https://github\\.com[^/]*/acme/app/x@y", ["host-open"]],
    ["https://.*\\.example\\.com/acme", ["host-open"], OTHER],
    ["https://[^/]+\\.example\\.com/acme", ["any-subdomain?"], OTHER],
    ["https://[^/]+.example.com/acme", ["host-open"], OTHER],
    ["https://[a-z]+/acme", ["host-open"], OTHER],
    ["[a-z]+/acme", ["host-open"], OTHER],
    ["alice@.*", ["host-open"], GOOGLE],
    ["alice@[a-z.]+", ["host-open"], GOOGLE],
  ]);
});

test("habits of unanchored patterns", () => {
  assertCodes([
    [".*github\\.com/acme/app/.*", ["start-open"]],
    [".*/acme/app/\\.github/workflows/release\\.yml@refs/heads/main", ["start-open"]],
    ["github\\.com/acme/app", ["never-matches"]],
    ["https://github\\.com/acme/app", ["never-matches"]],
    ["https://builds\\.example/team/app/.*", ["end-open?"], OTHER],
  ]);
});

test("a dot that is not escaped", () => {
  assertCodes([
    ["https://github.com/acme/app/\\.github/workflows/release\\.yml@refs/heads/main", ["host-dot"]],
    ["https://github\\.com/acme/app/.github/workflows/release\\.yml@refs/heads/main", ["path-dot?"]],
    ["alice@example.com", ["host-dot"], GOOGLE],
    ["https://github[.]com/acme/app/\\.github/workflows/release\\.yml@refs/heads/main", []],
  ]);
  const [finding] = lintIdentity({ issuer: ACTIONS, subjectPattern: "https://github.com/a/b/c@d" });
  assert.match(finding?.message ?? "", /githubxcom matches too/u);
  assert.equal(finding?.advice, "escape it: github\\.com");
});

test("whole hosts, organisations, repositories and mail domains", () => {
  assertCodes([
    ["https://github\\.com/.*", ["whole-host"]],
    ["https://github\\.com/[^/]+/app/.*", ["whole-host"]],
    ["https://github\\.com/acme/.*", ["whole-organisation"]],
    ["https://github\\.com/acme/[^/]+/\\.github/workflows/release\\.yml@refs/heads/main", ["whole-organisation"]],
    ["https://github\\.com/acme/[A-Za-z0-9._-]+/\\.github/workflows/release\\.yml@.*", ["whole-organisation"]],
    ["https://github\\.com/(acme|emca)/.*", ["whole-organisation"]],
    ["https://github\\.com/acme/(.+/)+.*", ["whole-organisation"]],
    ["https://github\\.com/acme.*", ["name-open"]],
    ["https://github\\.com/acme/app.*", ["name-open"]],
    ["https://github\\.com/acme/app/.*", ["any-workflow?"]],
    ["https://gitlab\\.com/acme/.*", ["whole-organisation"], GITLAB],
    ["https://ghes\\.example/acme/.*", ["end-open?"], OTHER],
    ["https://ghes\\.example/.*", ["whole-host"], OTHER],
    [".*@example\\.com", ["whole-email-domain"], GOOGLE],
    ["[^@]+@example\\.com", ["whole-email-domain"], GOOGLE],
    [".*@example.com", ["host-dot", "whole-email-domain"], GOOGLE],
  ]);
});

test("any ref, any branch, any tag are remarks", () => {
  assertCodes([
    [`${WORKFLOW}@.*`, ["any-ref?"]],
    [`${WORKFLOW}@refs/heads/.*`, ["any-branch?"]],
    [`${WORKFLOW}@refs/tags/.*`, ["any-tag?"]],
    [`${WORKFLOW}@refs/tags/v.+`, ["any-tag?"]],
    [`${WORKFLOW}@refs/(heads|tags)/.*`, ["any-branch?", "any-tag?"]],
  ]);
});

test("issuers: open, plain, misspelt", () => {
  assert.deepEqual(issuerCodes(".*"), ["matches-everything"]);
  assert.deepEqual(issuerCodes("https://.*"), ["host-open"]);
  assert.deepEqual(issuerCodes("https://issuer.example"), ["host-dot"]);
  assert.deepEqual(issuerCodes("https://issuer\\.example/[a-z]+"), ["issuer-pattern"]);
  assert.deepEqual(issuerCodes(".*google.*"), ["start-open"]);
  assert.deepEqual(exactCodes("http://issuer.example", "alice@example.com"), ["issuer-plain-http"]);
  for (const host of ["localhost:8480", "a1b2.localhost", "127.0.0.1:1", "[::1]"])
    assert.deepEqual(exactCodes(`http://${host}/auth`, "alice@example.com"), []);
  for (const host of ["localhost.example", "xlocalhost", "127.0.0.1.example", "192.168.0.1"])
    assert.deepEqual(exactCodes(`http://${host}/auth`, "alice@example.com"), ["issuer-plain-http"]);
  assert.deepEqual(exactCodes("token.actions.githubusercontent.com", "alice@example.com"), ["issuer-not-address"]);
  assert.deepEqual(exactCodes(`${GOOGLE}/`, "alice@example.com"), ["issuer-spelling"]);
  assert.deepEqual(exactCodes("https://oauth2.sigstore.dev/auth", "alice@example.com"), ["issuer-is-broker"]);
});

test("issuer and subject of different kinds never meet", () => {
  assert.deepEqual(exactCodes(ACTIONS, "alice@example.com"), ["email-with-workload-issuer"]);
  assert.deepEqual(codes("(?:alice|bob)@example\\.com", `${ACTIONS}/acme`), ["issuer: email-with-workload-issuer"]);
  const workflow = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
  assert.deepEqual(exactCodes(GOOGLE, workflow), ["workload-with-personal-issuer"]);
  assert.deepEqual(exactCodes("https://github.com/login/oauth", workflow), ["workload-with-personal-issuer"]);
  assert.deepEqual(exactCodes(GITLAB, workflow), ["host-unlike-issuer"]);
});

test("an exact subject that looks like a pattern", () => {
  for (const subject of [
    "https://github.com/acme/.*@x",
    "^alice@example.com$",
    "https://github\\.com/a/b/c@d",
    "*@example.com",
  ]) {
    assert.ok(exactCodes(OTHER, subject).includes("exact-looks-like-pattern"), subject);
  }
});

test("an expectation is judged like the words it was made of", () => {
  const subjectPattern = "https://github\\.com/acme/.*";
  const findings = lintExpectation(patternIdentity(ACTIONS, subjectPattern));
  assert.deepEqual(findings, lintIdentity({ issuer: ACTIONS, subjectPattern }));
});

test("many alternatives are judged in bounded time", () => {
  const many = `https://github\\.com/${"(?:a|b)".repeat(40)}/.*`;
  assert.ok(codes(many).length > 0);
  const names = Array.from({ length: 90 }, (_, index) => `o${index}`).join("|");
  assert.ok(codes(`https://github\\.com/(?:${names})/.*`).length > 0);
});

test("any text is a pattern that can be judged, or is refused", () => {
  const piece = fc.constantFrom(
    ..."abc.*+?|(){}[]^$\\\\-:@/,1=!<>PQEpdiU".split(""),
    "https://",
    "(?:",
    "(?i)",
    "[[:",
    ".*",
    "é",
    "\u{1f600}",
  );
  const source = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(source, (subjectPattern) => {
      try {
        assert.ok(Array.isArray(lintIdentity({ issuer: OTHER, subjectPattern })));
      } catch (error) {
        assert.ok(isSigstoreError(error, "pattern-unsupported") || isSigstoreError(error, "usage"), String(error));
      }
    }),
    { numRuns: 3_000 },
  );
});
