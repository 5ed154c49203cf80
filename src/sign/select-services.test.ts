/** Selection from a signing config: versions, windows, operators, selectors. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServiceEndpoint, ServiceSelection, SigningConfig } from "../formats/signing-config.ts";
import { selectEvidence, type SelectionConditions, selectServices } from "./select-services.ts";

const NOW_MS = 1_772_366_400_000;
const DAY_MS = 86_400_000;

interface Options {
  readonly version?: number;
  readonly fromDays?: number;
  readonly toDays?: number | undefined;
  readonly operator?: string;
}

function service(
  name: string,
  { version = 1, fromDays = -10, toDays, operator = name }: Options = {},
): ServiceEndpoint {
  const endMs = toDays === undefined ? undefined : NOW_MS + toDays * DAY_MS;
  return {
    url: `https://${name}.example`,
    majorApiVersion: version,
    validFor: { startMs: NOW_MS + fromDays * DAY_MS, endMs },
    operator,
  };
}

function config(parts: Partial<SigningConfig> = {}): SigningConfig {
  return {
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    version: "0.2",
    certificateAuthorities: [service("ca")],
    identityProviders: [service("login")],
    tlogs: [service("log")],
    tlogSelection: { selector: "ANY" },
    timestampAuthorities: [service("tsa")],
    timestampSelection: { selector: "ANY" },
    ...parts,
  };
}

const CONDITIONS: SelectionConditions = { nowMs: NOW_MS, random: () => 0 };

function names(services: readonly ServiceEndpoint[]): string[] {
  return services.map(({ url }) => new URL(url).hostname.replace(".example", ""));
}

function logsOf(
  tlogs: readonly ServiceEndpoint[],
  tlogSelection: ServiceSelection | undefined,
  random: () => number = () => 0,
): string[] {
  return names(selectServices(config({ tlogs, tlogSelection }), { nowMs: NOW_MS, random }).tlogs);
}

test("one of each", () => {
  const selected = selectServices(config(), CONDITIONS);
  const { certificateAuthority, identityProvider, tlogs, timestampAuthorities } = selected;
  assert.equal(certificateAuthority.url, "https://ca.example");
  assert.equal(identityProvider?.url, "https://login.example");
  assert.deepEqual([names(tlogs), names(timestampAuthorities)], [["log"], ["tsa"]]);
});

describe("versions and windows", () => {
  test("the highest version that we speak, however old its service", () => {
    const tlogs = [
      service("v1", { fromDays: -1 }),
      service("v2", { version: 2, fromDays: -9 }),
      service("v3", { version: 3 }),
    ];
    assert.deepEqual(logsOf(tlogs, { selector: "ALL" }), ["v2"]);
  });

  test("the lower version where the higher is not valid now", () => {
    for (const window of [{ fromDays: 1 }, { fromDays: -9, toDays: -1 }]) {
      const tlogs = [service("v2", { version: 2, ...window }), service("v1")];
      assert.deepEqual(logsOf(tlogs, { selector: "ANY" }), ["v1"]);
    }
  });

  test("both ends of a window belong to it; no window is always", () => {
    assert.deepEqual(logsOf([service("a", { fromDays: 0 })], { selector: "ANY" }), ["a"]);
    assert.deepEqual(logsOf([service("a", { toDays: 0 })], { selector: "ANY" }), ["a"]);
    assert.deepEqual(logsOf([{ ...service("a"), validFor: undefined }], { selector: "ANY" }), ["a"]);
  });

  test("the newest certificate authority; of version 1, as Fulcio's addresses under /api/v2/ are called", () => {
    const certificateAuthorities = [
      service("old", { fromDays: -9, operator: "same" }),
      service("new", { fromDays: -2, operator: "same" }),
      service("two", { version: 2, fromDays: -1 }),
    ];
    assert.equal(
      selectServices(config({ certificateAuthorities }), CONDITIONS).certificateAuthority.url,
      "https://new.example",
    );
  });
});

describe("selectors", () => {
  const three = [service("a", { fromDays: -3 }), service("b", { fromDays: -2 }), service("c", { fromDays: -1 })];

  test("ANY is one, by chance", () => {
    assert.deepEqual(
      [0, 0.34, 0.99].map((value) => logsOf(three, { selector: "ANY" }, () => value)),
      [["c"], ["b"], ["a"]],
    );
  });

  test("ALL is one of each operator, the newest", () => {
    assert.deepEqual(logsOf([...three, service("c2", { operator: "c", fromDays: -0.5 })], { selector: "ALL" }), [
      "c2",
      "b",
      "a",
    ]);
  });

  test("EXACT is so many, of distinct operators, by chance", () => {
    assert.deepEqual(logsOf(three, { selector: "EXACT", count: 2 }), ["c", "b"]);
    assert.deepEqual(
      logsOf(three, { selector: "EXACT", count: 2 }, () => 0.99),
      ["a", "b"],
    );
    const same = [service("a", { operator: "x" }), service("b", { operator: "x" })];
    assert.throws(() => logsOf(same, { selector: "EXACT", count: 2 }), { code: "signing-service-missing" });
  });

  test("none is refused in v0.2, and is ANY in v0.1", () => {
    assert.throws(() => logsOf(three, undefined), { code: "signing-config-invalid" });
    const old = config({ version: "0.1", tlogs: three, tlogSelection: undefined, timestampSelection: undefined });
    assert.deepEqual(names(selectServices(old, CONDITIONS).tlogs), ["c"]);
  });
});

describe("what is missing", () => {
  test("no certificate authority, or none that is valid now", () => {
    for (const certificateAuthorities of [[], [service("ca", { toDays: -1 })], [service("ca", { version: 7 })]]) {
      assert.throws(() => selectServices(config({ certificateAuthorities }), CONDITIONS), {
        code: "signing-service-missing",
      });
    }
  });

  test("logs that are all over are refused, by name and end", () => {
    assert.throws(
      () => logsOf([service("a", { toDays: -1 })], { selector: "ANY" }),
      /a\.example \(version 1, until 2026-02-28T12:00:00Z\)/,
    );
  });

  test("identity providers and timestamp authorities need not be there", () => {
    const selected = selectServices(
      config({ identityProviders: [], timestampAuthorities: [], timestampSelection: undefined }),
      CONDITIONS,
    );
    assert.equal(selected.identityProvider, undefined);
    assert.deepEqual(selected.timestampAuthorities, []);
  });

  test("a managed key needs no certificate authority", () => {
    const evidence = selectEvidence(config({ certificateAuthorities: [] }), CONDITIONS);
    assert.deepEqual([names(evidence.tlogs), names(evidence.timestampAuthorities)], [["log"], ["tsa"]]);
  });
});
