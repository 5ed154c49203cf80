import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { active, type InstanceRecord, isInstanceName, parseInstanceRecord, serializeInstanceRecord } from "./record.ts";

const START_MS = Date.UTC(2026, 0, 2);

const RECORD: InstanceRecord = {
  name: "team.localhost",
  url: "http://localhost:8480",
  createdMs: START_MS,
  certificateAuthorities: [
    { name: "ca-1", uri: "http://localhost:8480", rootKey: "ca-1-root", startMs: START_MS, endMs: START_MS + 1000 },
    { name: "ca-2", uri: "http://localhost:8480", rootKey: undefined, startMs: START_MS, endMs: undefined },
  ],
  timestampAuthorities: [
    {
      name: "tsa-1",
      uri: "http://localhost:8480/api/v1/timestamp",
      rootKey: undefined,
      startMs: START_MS,
      endMs: undefined,
    },
  ],
  rekorLogs: [log("rekor")],
  ctLogs: [log("ct")],
  identityKeys: [
    { name: "oidc-1", state: "retired", sinceMs: START_MS },
    { name: "oidc-2", state: "active", sinceMs: START_MS },
  ],
};

function log(name: string): InstanceRecord["rekorLogs"][number] {
  const origin = `${name}.team.localhost`;
  const baseUrl = `http://${origin}:8480`;
  return { name, origin, baseUrl, publicKey: Uint8Array.of(1, 2, 3), startMs: START_MS, endMs: undefined };
}

function refusal(text: string): string {
  try {
    parseInstanceRecord(utf8Encode(text), "/data/instance.json");
  } catch (error) {
    if (isSigstoreError(error, "instance-invalid")) return error.message;
    throw error;
  }
  return "taken";
}

/** The record with one member of its JSON changed; `path` has dots between names and indices. */
function changed(path: string, value: unknown): string {
  const root = JSON.parse(serializeInstanceRecord(RECORD)) as Record<string, unknown>;
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let at = root;
  for (const step of steps) at = at[step] as Record<string, unknown>;
  // What is undefined is left out of the JSON.
  at[last] = value;
  return JSON.stringify(root);
}

test("a record is read as it was written", () => {
  assert.deepEqual(parseInstanceRecord(utf8Encode(serializeInstanceRecord(RECORD)), "x"), RECORD);
  assert.equal(active(RECORD.certificateAuthorities).name, "ca-2");
});

describe("a record is refused, and the file named,", () => {
  const cases: readonly (readonly [string, string, unknown, RegExp])[] = [
    ["with an unknown field", "surprise", 1, /unknown field "surprise"/],
    ["of another kind", "kind", "Backup", /kind: expected Instance/],
    ["of another version", "apiVersion", "sigstore-ts/v9", /apiVersion/],
    ["with a name that is no host's", "name", "../x", /name: expected a host name/],
    ["with an address with a path's slash", "url", "http://localhost/", /url/],
    ["with an address of another scheme", "url", "file:///etc", /url/],
    ["with an address that would write to the terminal", "url", "http://x/\u001b[2J", /url/],
    ["without a time", "created", undefined, /created: expected a time/],
    ["without a log", "rekorLogs", [], /rekorLogs: expected at least one/],
    ["with a name that leaves the folder", "certificateAuthorities.0.name", "../../etc/x", /name: expected letters/],
    ["with a root key that leaves the folder", "certificateAuthorities.0.rootKey", "/x", /rootKey/],
    ["with a name twice", "certificateAuthorities.1.name", "ca-1", /once/],
    [
      "with an origin that is not its address's",
      "rekorLogs.0.origin",
      "other.localhost",
      /baseUrl: expected an address of/,
    ],
    ["without a key", "ctLogs.0.publicKey", "", /publicKey/],
    ["with a key in no state", "identityKeys.0.state", "asleep", /state/],
  ];
  for (const [name, path, value, message] of cases)
    test(name, () => {
      const refused = refusal(changed(path, value));
      assert.match(refused, message);
      assert.match(refused, /^\/data\/instance\.json: /);
    });

  test("when it is cut off, or no JSON", () => {
    assert.match(refusal(serializeInstanceRecord(RECORD).slice(0, 100)), /instance\.json/);
    assert.match(refusal(""), /instance\.json/);
  });
});

test("names of instances are host names in small letters", () => {
  for (const good of ["team.localhost", "sigstore.example.com", "a"]) assert.equal(isInstanceName(good), true, good);
  for (const bad of ["", "Team.localhost", "a..b", "-a", "a b", "a/b", `${"a".repeat(64)}.b`, "a:1"])
    assert.equal(isInstanceName(bad), false, bad);
});
