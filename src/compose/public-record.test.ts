/** What a token will make public: a person's address, or a repository's name, louder where that is not public. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../encoding/json.ts";
import { virtualToken } from "../testing/virtual-services.ts";
import { publicRecordOf } from "./public-record.ts";
import type { PublicRecord } from "./public-record.ts";

function recordOf(claims: JsonObject): PublicRecord {
  return publicRecordOf(
    virtualToken({ iss: "https://issuer.example.com", sub: "s", aud: "sigstore", exp: 2e9, ...claims }),
  );
}

test("a person's e-mail address, or the name that there is", () => {
  assert.deepEqual(recordOf({ email: "me@example.com" }), {
    name: "me@example.com",
    kind: "e-mail address",
    others: [],
    isPrivate: false,
  });
  assert.deepEqual([recordOf({}).name, recordOf({}).kind], ["s", "name"]);
});

for (const [what, claims, name, isPrivate] of [
  ["a public repository of GitHub", { repository: "o/r", repository_visibility: "public" }, "o/r", false],
  ["a private one", { repository: "o/r", repository_visibility: "private" }, "o/r", true],
  ["one for all of a company", { repository: "o/r", repository_visibility: "internal" }, "o/r", true],
  ["a public project of GitLab", { project_path: "g/p", project_visibility: "public" }, "g/p", false],
  ["a private one of GitLab", { project_path: "g/p", project_visibility: "private" }, "g/p", true],
  ["one that does not say", { repository: "o/r", email: "ci@example.com" }, "o/r", false],
] as const) {
  test(what, () => {
    const record = recordOf(claims);
    assert.deepEqual([record.name, record.kind, record.isPrivate], [name, "repository", isPrivate]);
    assert.ok(record.others.length > 0);
  });
}
