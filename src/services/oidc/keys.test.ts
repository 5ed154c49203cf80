/** Which keys a provider takes, what they are called, and how they rotate. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testProviderKey } from "../../../test/oidc-provider.ts";
import { importPublicKey } from "../../crypto/keys.ts";
import { generatePrivateKey } from "../../crypto/private-key.ts";
import { createSigner } from "../../crypto/signer.ts";
import { isSigstoreError } from "../../errors.ts";
import { parseJsonWebKeySet } from "../../formats/jwk.ts";
import { issuerKey, KeyRing, type ProviderKey, providerKeyId, publicJwk } from "./keys.ts";

const LIFETIME_MS = 600_000;

function refused(keys: readonly ProviderKey[]): void {
  assert.throws(
    () => new KeyRing(keys, LIFETIME_MS),
    (error) => isSigstoreError(error, "config-invalid"),
  );
}

test("the name of a key is its thumbprint: RFC 7638 §3.1, whose example this is", () => {
  const n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const [key] = parseJsonWebKeySet(JSON.stringify({ keys: [{ kty: "RSA", n, e: "AQAB" }] }));
  assert.ok(key !== undefined);
  assert.equal(providerKeyId(importPublicKey(key.spki)), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
});

test("what is published is the public key, read back the same, and nothing else", () => {
  const key = testProviderKey();
  const published = publicJwk(key);
  assert.deepEqual(Object.keys(published).toSorted(), ["alg", "e", "kid", "kty", "n", "use"]);
  assert.deepEqual(parseJsonWebKeySet(JSON.stringify({ keys: [published] })), [issuerKey(key)]);
});

test("keys that stock clients do not take, and states that make no sense, are refused", () => {
  const active = testProviderKey();
  const next = testProviderKey("next", 3072);
  refused([]);
  refused([next]);
  refused([active, { ...next, state: "active" }]);
  refused([active, next, { ...next, keyId: "other" }]);
  refused([active, { ...next, keyId: active.keyId }]);
  refused([active, { ...next, state: "retired" }]);
  refused([{ ...active, keyId: "" }]);
  refused([{ ...active, signer: createSigner(generatePrivateKey("ecdsa-p256")) }]);
});

test("the first rotation publishes, the next ones change; ended keys are left out", () => {
  const first = testProviderKey();
  const second = testProviderKey("next", 3072);
  const ring = new KeyRing([first], LIFETIME_MS);
  ring.rotate(second, 1000);
  assert.equal(ring.active.keyId, first.keyId);
  ring.rotate({ ...first, keyId: "third" }, 2000);
  assert.equal(ring.active.keyId, second.keyId);
  const states = ring
    .rotate({ ...first, keyId: "fourth" }, 2000 + LIFETIME_MS)
    .map(({ keyId, state }) => [keyId, state]);
  assert.deepEqual(states, [
    [second.keyId, "retired"],
    ["third", "active"],
    ["fourth", "next"],
  ]);
  assert.throws(
    () => ring.rotate({ ...first, keyId: "third" }, 2000),
    (error) => isSigstoreError(error, "config-invalid"),
  );
  assert.equal(ring.active.keyId, "third", "a rotation that was refused changed nothing");
});
