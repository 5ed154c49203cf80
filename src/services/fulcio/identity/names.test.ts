/** URIs as Go writes them, SPIFFE identities, e-mail addresses, and claims as Go prints them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { claimAt, claimValueText, parseClaimPath } from "./claims.ts";
import { isEmailAddress } from "./email-address.ts";
import { parseSpiffeTrustDomain, trustDomainOfSpiffeId } from "./spiffe-id.ts";
import { joinUri, parseUri } from "./uri.ts";

describe("a URI", () => {
  const written: readonly (readonly [string, string])[] = [
    ["https://example.com", "https://example.com"],
    ["HTTPS://Example.com/A?b=c#d", "https://Example.com/A?b=c#d"],
    [
      "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main",
      "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main",
    ],
    [
      "https://gitlab.com/g/p//.gitlab-ci.yml@refs/heads/main",
      "https://gitlab.com/g/p//.gitlab-ci.yml@refs/heads/main",
    ],
    ["https://example.com/a b", "https://example.com/a%20b"],
    ["https://example.com/a%20b", "https://example.com/a%20b"],
    ["https://example.com/ü", "https://example.com/%C3%BC"],
    ["https://example.com/a%2fb^", "https://example.com/a/b%5E"],
    ["spiffe://foo.com/bar", "spiffe://foo.com/bar"],
    ["/path/only", "/path/only"],
    ["https://[::1]:8080/x", "https://[::1]:8080/x"],
  ];
  for (const [text, expected] of written)
    test(`${text} is written ${expected}`, () => assert.equal(parseUri(text)?.text, expected));

  for (const text of [
    "https://exa mple.com",
    "https://example.com/%zz",
    "https://example.com:port/",
    "https://a\nb",
    "mailto:a@b.c",
    "a:b:c",
    "1a:b",
    "https://exam<ple.com",
  ])
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseUri(text), undefined));

  test("has a host name without port and user", () => {
    assert.deepEqual(
      [parseUri("https://u@example.com:8443/x")?.hostname, parseUri("https://[::1]:1/")?.hostname],
      ["example.com", "::1"],
    );
  });

  test("is joined as Go joins it", () => {
    assert.equal(
      joinUri("https://github.com/", "o/r", "actions/runs", "1", "attempts", "2"),
      "https://github.com/o/r/actions/runs/1/attempts/2",
    );
    assert.equal(joinUri("https://gitlab.com/", "g/p", "/-/jobs/", "7"), "https://gitlab.com/g/p/-/jobs/7");
    assert.equal(joinUri("https://a.example/b", "../c/./d//e/"), "https://a.example/c/d/e/");
    assert.equal(joinUri("https://a.example", "x?y#z"), "https://a.example/x%3Fy%23z");
    assert.equal(joinUri("https://a.example", "../../.."), "https://a.example/");
  });
});

test("SPIFFE identities", () => {
  assert.equal(trustDomainOfSpiffeId("spiffe://foo.com/bar/baz"), "foo.com");
  assert.equal(trustDomainOfSpiffeId("spiffe://foo.com"), "foo.com");
  for (const id of [
    "spiffe://foo.com/",
    "spiffe://foo.com//a",
    "spiffe://foo.com/../a",
    "spiffe://Foo.com/a",
    "spiffe://foo.com:8/a",
    "spiffe://u@foo.com/a",
    "SPIFFE://foo.com/a",
    "https://foo.com/a",
    "spiffe:///a",
    "spiffe://foo.com/a?b",
    `spiffe://foo.com/${"a".repeat(2048)}`,
  ])
    assert.equal(trustDomainOfSpiffeId(id), undefined, id);
  assert.deepEqual(
    [parseSpiffeTrustDomain("foo.com"), parseSpiffeTrustDomain("spiffe://foo.com/x"), parseSpiffeTrustDomain("Foo")],
    ["foo.com", "foo.com", undefined],
  );
});

test("e-mail addresses, as govalidator has them", () => {
  for (const text of [
    "foo@bar.com",
    "x@x.x",
    "foo@bar.com.au",
    "foo+bar@bar.com",
    "foo@bar.coffee",
    "foo@bar.中文网",
    "test|123@m端ginas.com",
    '"foo bar"@bar.com',
    "a.b@c-d.e",
    "Foo@Bar.com",
    "hans@m端ller.com",
  ])
    assert.ok(isEmailAddress(text), text);
  for (const text of [
    "",
    "invalidemail@",
    "invalid.com",
    "@invalid.com",
    "foo@bar",
    "foo@bar.c_",
    "foo bar@baz.com",
    ".foo@bar.com",
    "foo.@bar.com",
    "a..b@c.d",
    "foo@-bar.com",
    "foo@bar.com..",
    "foo@bar,com",
    "foo@bar.1a",
    "a@b\n.com",
    `${"a".repeat(400)}@b.com`,
    "foo@",
    "foo\u0000@bar.com",
  ])
    assert.ok(!isEmailAddress(text), text);
});

test("claims in words, and at the end of a path", () => {
  assert.deepEqual(
    ["a", 1, 1.5, 1e21, 123456789012345678901234567890n, true, null, ["a", 1], { b: 1, a: [true] }].map((value) =>
      claimValueText(value),
    ),
    [
      "a",
      "1",
      "1.5",
      "1000000000000000000000",
      "123456789012345678901234567890",
      "true",
      "<nil>",
      "[a 1]",
      "map[a:[true] b:1]",
    ],
  );
  assert.deepEqual(parseClaimPath(`$.a["b.c"]['d']`), ["a", "b.c", "d"]);
  assert.equal(claimAt({ a: { b: "c" } }, "$.a.b"), "c");
  for (const path of ["$.a.b", "$.c", "$.a.b.c"]) assert.throws(() => claimAt({ a: "x" }, path), /expected a claim at/);
  for (const path of ["", "$", "a.b", "$.", "$..a", "$.*", "$[0]", "$.a[*]", "$.a b"])
    assert.throws(() => parseClaimPath(path), /path of claims/, path);
});
