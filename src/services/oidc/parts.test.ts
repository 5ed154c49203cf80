/** The parts of the provider that can be seen alone: settings, forms, counting, maps that forget. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testProvider, testProviderKey } from "../../../test/oidc-provider.ts";
import { isSigstoreError } from "../../errors.ts";
import { accountKey, AttemptCounter, placeKeys, waitText } from "./attempts.ts";
import { isLoopbackAddress, type OidcOptions } from "./config.ts";
import { ExpiringMap } from "./expiring-map.ts";
import { parseFields } from "./form.ts";
import { isSameOctets, isSameSecret } from "./secret.ts";

test("settings that cannot be meant are refused", async () => {
  const refused: readonly Partial<OidcOptions>[] = [
    { issuer: "http://sigstore.example/auth" },
    { issuer: "http://192.0.2.1/auth" },
    { issuer: "https://sigstore.example/auth/" },
    { issuer: "https://sigstore.example/auth?x" },
    { issuer: "https://sigstore.example/auth#x" },
    { issuer: "https://user@sigstore.example/auth" },
    { issuer: "ftp://sigstore.example/auth" },
    { issuer: "sigstore.example" },
    { issuer: "" },
    { users: undefined },
    { dev: true, issuer: "https://sigstore.example/auth" },
    { tokenSeconds: 0 },
    { tokenSeconds: 59.5 },
    { tokenSeconds: 100_000 },
    { keys: [] },
    { keys: [testProviderKey("next")] },
    { clients: [{ id: "sigstore", name: "twin" }] },
    { clients: [{ id: "", name: "nobody" }] },
    { clients: [{ id: "a b", name: "blank" }] },
    { clients: [{ id: "a", name: "A", redirectUris: ["http://site.example/"] }] },
    { clients: [{ id: "a", name: "A", redirectUris: ["https://site.example/?x=1"] }] },
    { clients: [{ id: "a", name: "A", redirectUris: ["https://user@site.example/"] }] },
    { clients: [{ id: "a", name: "A", redirectUris: ["mailto:x"] }] },
  ];
  for (const options of refused)
    await assert.rejects(
      testProvider(options),
      (error) => isSigstoreError(error, "config-invalid"),
      Object.keys(options).join(),
    );
  for (const issuer of [
    "http://localhost:8480/auth",
    "http://127.0.0.1:8480",
    "http://[::1]:8480/auth",
    "http://abc.localhost:8480/auth",
    "https://sigstore.example",
  ])
    assert.equal((await testProvider({ issuer })).service.issuer, issuer);
});

test("addresses of the loopback, and those that look like it", () => {
  for (const address of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]) assert.ok(isLoopbackAddress(address));
  for (const address of ["", "128.0.0.1", "::2", "::ffff:10.0.0.1", "127.0.0.1.evil.example", "1127.0.0.1"])
    assert.ok(!isLoopbackAddress(address), address);
});

test("fields of a form: absent and empty are one, twice is an error when it is read", () => {
  const fields = parseFields("a=1&b=&c&d=%C3%A4+x%3D&&a%62=2&e=1&e=1");
  assert.deepEqual(
    ["a", "b", "c", "d", "ab", "z"].map((name) => fields.get(name)),
    ["1", undefined, undefined, "ä x=", "2", undefined],
  );
  assert.throws(() => fields.get("e"), /once/);
  assert.throws(() => fields.require("b"), /got none/);
  assert.throws(() => fields.requireNoRepetition(), /once/);
  assert.doesNotThrow(() => parseFields("a=1&b=1").requireNoRepetition());
  assert.throws(() => parseFields("%3Cscript%3E=1&%3Cscript%3E=2").requireNoRepetition(), /each parameter once/);
});

test("waits double up to the longest, and are forgotten after an hour", () => {
  const counter = new AttemptCounter();
  let nowMs = 0;
  const waits: number[] = [];
  for (let tries = 0; tries < 20; tries++) {
    let outcome = counter.begin([accountKey("alice")], nowMs);
    if (typeof outcome === "number") {
      waits.push(outcome / 1000);
      nowMs += outcome;
      outcome = counter.begin([accountKey("Alice")], nowMs);
      assert.equal(typeof outcome, "object");
    }
  }
  assert.deepEqual(waits.slice(0, 9), [5, 10, 20, 40, 80, 160, 300, 300, 300]);
  nowMs += 3_600_000;
  for (let tries = 0; tries < 5; tries++) assert.equal(typeof counter.begin([accountKey("alice")], nowMs), "object");
  assert.equal(typeof counter.begin([accountKey("alice")], nowMs), "number");
});

test("a place is an address, or the half of an IPv6 address that belongs to a household", () => {
  const place = (address: string): string | undefined => placeKeys(address)[0]?.key;
  assert.equal(place(""), undefined);
  assert.equal(place("::ffff:192.0.2.1"), place("192.0.2.1"));
  assert.equal(place("2001:db8::1"), place("2001:db8:0:0:9:9:9:9"));
  assert.notEqual(place("2001:db8::1"), place("2001:db8:0:1::1"));
  assert.notEqual(place("::1"), place("1::"));
});

test("waits in words", () => {
  assert.deepEqual([1, 1000, 1001, 90_000, 91_000, 900_000].map(waitText), [
    "1 second",
    "1 second",
    "2 seconds",
    "90 seconds",
    "2 minutes",
    "15 minutes",
  ]);
});

test("what is remembered ends, and never is more than the most", () => {
  const map = new ExpiringMap<string>(3);
  for (const [key, expiresMs] of [
    ["a", 10],
    ["b", 20],
    ["c", 30],
  ] as const)
    map.set(key, key, expiresMs, 0);
  assert.equal(map.get("a", 9), "a");
  assert.equal(map.get("a", 10), undefined);
  map.set("d", "d", 40, 15);
  assert.deepEqual(
    ["b", "c", "d"].map((key) => map.get(key, 15)),
    ["b", "c", "d"],
  );
  map.set("e", "e", 40, 15);
  assert.equal(map.get("b", 15), undefined, "the oldest made room");
  assert.equal(map.count(15), 3);
  assert.equal(map.count(35), 2);
});

test("secrets are the same or not", () => {
  assert.ok(isSameSecret("abc", "abc"));
  for (const [one, other] of [
    ["abc", "abd"],
    ["abc", "ab"],
    ["", "a"],
    ["\ud800", "\ud801x"],
  ] as const)
    assert.ok(!isSameSecret(one, other));
  assert.ok(isSameOctets(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  for (const other of [[1, 3], [1], [1, 2, 0], []])
    assert.ok(!isSameOctets(Uint8Array.of(1, 2), Uint8Array.from(other)));
});
