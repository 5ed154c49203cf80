/** Tokens taken apart, and keys out of key sets. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { base64UrlEncode } from "../encoding/base64.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { parseJsonWebKeySet } from "./jwk.ts";
import { parseJwt } from "./jwt.ts";
import { parseSpki } from "./spki.ts";

const part = (value: unknown): string => base64UrlEncode(utf8Encode(JSON.stringify(value)));

describe("a JSON Web Token", () => {
  // RFC 7515, appendix A.3.
  const RFC =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

  test("is read as RFC 7515 has it", () => {
    const jwt = parseJwt(RFC);
    assert.deepEqual(
      [jwt.algorithm, jwt.keyId, jwt.claims["iss"], jwt.signature.length],
      ["ES256", undefined, "joe", 64],
    );
    assert.equal(new TextDecoder().decode(jwt.signingInput), RFC.slice(0, RFC.lastIndexOf(".")));
  });

  test("is refused without a word of it", () => {
    const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";
    for (const text of [
      "",
      secret,
      `${secret}.${secret}`,
      `${secret}.${secret}.${secret}`,
      `${part({ alg: 7 })}.${part({})}.${secret}`,
      `${part({ alg: "RS256", crit: [] })}.${part({})}.${secret}`,
      `${part([])}.${part({})}.${secret}`,
      `${part({})}.${secret}+.${secret}`,
      `${part({})}.${part({})}.${secret}.${secret}.${secret}`,
      ` ${RFC}`,
    ]) {
      assert.throws(
        () => parseJwt(text),
        (error) =>
          isSigstoreError(error, "identity-token-invalid") &&
          error.cause === undefined &&
          !error.message.includes("secret") &&
          !error.message.includes(secret.slice(0, 8)),
        text,
      );
    }
  });

  test("takes no time for millions of dots", () => {
    assert.throws(() => parseJwt(".".repeat(10_000_000)), /at most/);
    assert.throws(() => parseJwt(".".repeat(32_000)), /three parts/);
  });
});

describe("a JSON Web Key set", () => {
  // RFC 7517, appendix A.1 (the EC key) and RFC 8037, appendix A.2.
  const ec = {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    use: "sig",
    kid: "1",
  };
  const ed = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", alg: "EdDSA" };

  test("gives its keys as SubjectPublicKeyInfo", () => {
    const [first, second] = parseJsonWebKeySet(JSON.stringify({ keys: [ec, ed] }));
    assert.deepEqual([first?.keyId, first?.algorithm, first?.keyType], ["1", undefined, "ecdsa-p256"]);
    assert.deepEqual([second?.keyId, second?.algorithm, second?.keyType], [undefined, "EdDSA", "ed25519"]);
    assert.equal(
      hexEncode(parseSpki(second?.spki ?? new Uint8Array()).keyBytes),
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
  });

  test("is read past keys of other kinds, malformed ones and ones for encryption", () => {
    const others = [
      { kty: "oct", k: "AAAA" },
      { kty: "RSA" },
      { kty: "RSA", n: "AA", e: "AQAB" },
      { ...ec, use: "enc" },
      { ...ec, x: "AAAA" },
      { ...ec, crv: "secp256k1" },
      { ...ed, crv: "X25519" },
      { ...ed, x: "AAAA" },
      { ...ec, x: 7 },
      {},
      7,
      null,
      "x",
      [],
    ];
    assert.deepEqual(
      parseJsonWebKeySet(JSON.stringify({ keys: [...others, ec] })).map(({ keyId }) => keyId),
      ["1"],
    );
  });

  test("is refused when it is none", () => {
    for (const text of ["", "[]", "{}", '{"keys":{}}', "<html>"])
      assert.throws(() => parseJsonWebKeySet(text), isSigstoreError, text);
  });
});
