/** JSON Web Keys: RFC 7517 and RFC 8037 examples, round trips, and what is missing or of another kind refused without showing a value. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import type { JsonObject } from "../encoding/json.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { isPrivateJwk, jwkOf, parseJsonWebKeySet, parsePrivateJwk, parsePublicJwk } from "./jwk.ts";
import { parseSpki } from "./spki.ts";

/** RFC 7517 A.2, the first key. */
const EC: JsonObject = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  d: "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
  use: "enc",
  kid: "1",
};

/** RFC 8037 A.1. */
const OKP: JsonObject = {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};

const jwk = ({ privateKey }: { readonly privateKey: KeyObject }): JsonObject =>
  privateKey.export({ format: "jwk" }) as JsonObject;

const KEYS: Readonly<Record<string, JsonObject>> = {
  "RFC 7517 A.2": EC,
  "RFC 8037 A.1": OKP,
  "P-384": jwk(generateKeyPairSync("ec", { namedCurve: "P-384" })),
  "P-521": jwk(generateKeyPairSync("ec", { namedCurve: "P-521" })),
  RSA: jwk(generateKeyPairSync("rsa", { modulusLength: 2048 })),
  "ML-DSA-44": jwk(generateKeyPairSync("ml-dsa-44")),
};

function refused(key: JsonObject, code: ErrorCode, parse: (key: JsonObject) => unknown = parsePrivateJwk): void {
  assert.throws(
    () => parse(key),
    (error) => {
      assert.ok(isSigstoreError(error, code), String(error));
      for (const value of Object.values(key))
        assert.ok(typeof value !== "string" || value.length < 20 || !error.message.includes(value), error.message);
      return true;
    },
  );
}

for (const [name, key] of Object.entries(KEYS)) {
  it(`${name}: public and private, as it was written`, () => {
    const { use: _use, kid: _kid, ...members } = key;
    const spki = parsePublicJwk(key);
    assert.deepEqual(jwkOf(spki, parsePrivateJwk(key)), members);
    const publicKey = jwkOf(spki);
    assert.equal(isPrivateJwk(publicKey), false);
    assert.equal(isPrivateJwk(key), true);
    assert.deepEqual(parsePublicJwk(publicKey), spki);
    assert.deepEqual(
      parseJsonWebKeySet(JSON.stringify({ keys: [publicKey] })).map((one) => [one.spki, one.keyType]),
      [[spki, parseSpki(spki).keyType]],
    );
  });

  it(`${name}: each member that is missing, or no text, is refused`, () => {
    for (const member of Object.keys(key).filter((one) => one !== "use" && one !== "kid")) {
      const isKind = ["kty", "crv", "alg"].includes(member);
      for (const value of ["", 7, null])
        refused({ ...key, [member]: value }, isKind ? "key-unsupported" : "key-invalid");
    }
  });
}

describe("refused", () => {
  it("other kinds, by name", () => {
    refused({ kty: "oct", k: "AAAA" }, "key-unsupported");
    refused({ ...OKP, crv: "X25519" }, "key-unsupported");
    refused({ ...EC, crv: "secp256k1" }, "key-unsupported");
    refused({ kty: "AKP", alg: "SLH-DSA-SHA2-128s", pub: "AAAA" }, "key-unsupported");
    refused({ ...KEYS["RSA"], oth: [] }, "key-unsupported");
  });

  it("base64 with padding, or of the other alphabet", () => {
    refused({ ...OKP, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=" }, "base64-invalid");
    refused({ ...OKP, d: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" }, "base64-invalid");
  });

  it("coordinates of another size", () => {
    refused({ ...EC, x: "AAAA" }, "key-invalid", parsePublicJwk);
    refused({ ...OKP, x: "AAAA" }, "key-invalid", parsePublicJwk);
  });
});
