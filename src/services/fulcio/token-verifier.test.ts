/** Bad tokens of every kind: each is refused with the original's words, and with its reason beside (issue line 24). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  clientSigner,
  configOf,
  errorOf,
  handlerOf,
  ISSUER,
  issuerSigner,
  keyBody,
  keys,
  keysOf,
  leafOf,
  type Members,
  NOW,
  send,
  signedToken,
  tokenOf,
} from "../../../test/fulcio-bench.ts";
import { digest } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { concatBytes } from "../../encoding/bytes.ts";
import { serializePem } from "../../encoding/pem.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { oidcIssuer } from "./config.ts";
import type { IssuerKeys } from "./issuer-keys.ts";

const TEXT = "There was an error processing the identity token";
const EMAIL = { email: "foo@example.com", email_verified: true };
const body = await keyBody("foo@example.com");
const good = await tokenOf(EMAIL);
const [header = "", payload = "", signature = ""] = good.split(".");

/** RFC 2104 with SHA-256. */
function hmac(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const key = new Uint8Array(64);
  key.set(secret.length > 64 ? digest("sha256", secret) : secret);
  const inner = digest(
    "sha256",
    concatBytes(
      key.map((octet) => octet ^ 0x36),
      message,
    ),
  );
  return digest(
    "sha256",
    concatBytes(
      key.map((octet) => octet ^ 0x5c),
      inner,
    ),
  );
}

/** The classic: the issuer's public key, which everybody has, as the secret of an HMAC. */
function confusedToken(secret: Uint8Array): string {
  const input = `${base64UrlEncode(utf8Encode('{"alg":"HS256","kid":"k1"}'))}.${payload}`;
  return `${input}.${base64UrlEncode(hmac(secret, utf8Encode(input)))}`;
}

const withHeader = (more: Members): Promise<string> => tokenOf(EMAIL, more);
const withClaims = (more: Members): Promise<string> => tokenOf({ ...EMAIL, ...more });
const foreign = keys.signer("somebody else", "PKIX_ECDSA_P256_SHA_256");
const ownKey = {
  kty: "EC",
  crv: "P-256",
  x: base64UrlEncode(foreign.publicKey.keyBytes.subarray(1, 33)),
  y: base64UrlEncode(foreign.publicKey.keyBytes.subarray(33)),
};
const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;

const CASES: readonly (readonly [string, string | undefined, string, RegExp])[] = [
  ["none", undefined, "TOKEN_MISSING", /got none/],
  ["an empty one", "", "TOKEN_MISSING", /got none/],
  ["no JWT", "hello", "TOKEN_MALFORMED", /three parts/],
  ["one dot", `${header}.${payload}`, "TOKEN_MALFORMED", /three parts/],
  ["three dots", `${good}.`, "TOKEN_MALFORMED", /three parts/],
  ["nothing but dots", ".".repeat(30_000), "TOKEN_MALFORMED", /three parts/],
  ["10 MB", `${header}.${"A".repeat(10_000_000)}.${signature}`, "TOKEN_MALFORMED", /at most 32768/],
  ["an empty payload", `${header}..${signature}`, "TOKEN_MALFORMED", /payload/],
  ["a payload that is no base64url", `${header}.${payload}=.${signature}`, "TOKEN_MALFORMED", /payload/],
  ["a payload that is no JSON", await signedToken('{"alg":"RS256"}', "hello"), "TOKEN_MALFORMED", /json-invalid/],
  ["a payload that is a list", await signedToken('{"alg":"RS256"}', "[]"), "TOKEN_MALFORMED", /object/],
  [
    "a claim twice",
    await signedToken('{"alg":"RS256","kid":"k1"}', `{"iss":"${ISSUER}","iss":"https://evil.example"}`),
    "TOKEN_MALFORMED",
    /json-invalid/,
  ],
  ["a critical header", await withHeader({ crit: ["b64"], b64: false }), "TOKEN_MALFORMED", /critical/],
  ["no issuer", await withClaims({ iss: undefined }), "CLAIM_MISSING", /iss/],
  ["another issuer", await withClaims({ iss: "https://evil.example" }), "ISSUER_UNKNOWN", /evil\.example/],
  ["an issuer with a slash more", await withClaims({ iss: `${ISSUER}/` }), "ISSUER_UNKNOWN", /issuer/],
  ["no audience", await withClaims({ aud: undefined }), "AUDIENCE_MISMATCH", /expected audience "sigstore", got \[\]/],
  ["another audience", await withClaims({ aud: "other" }), "AUDIENCE_MISMATCH", /got \["other"\]/],
  ["other audiences", await withClaims({ aud: ["a", "b"] }), "AUDIENCE_MISMATCH", /got \["a", "b"\]/],
  ["an audience that begins right", await withClaims({ aud: "sigstore2" }), "AUDIENCE_MISMATCH", /sigstore2/],
  ["expired", await withClaims({ exp: NOW - 1 }), "TOKEN_EXPIRED", /expired at 2026-03-01T11:59:59Z/],
  ["no expiry", await withClaims({ exp: undefined }), "TOKEN_EXPIRED", /no exp/],
  ["an expiry that is a text", await withClaims({ exp: "tomorrow" }), "CLAIM_INVALID", /exp/],
  ["not yet", await withClaims({ nbf: NOW + 301 }), "TOKEN_NOT_YET_VALID", /valid in 301 s/],
  ["no subject", await withClaims({ sub: undefined }), "CLAIM_MISSING", /sub/],
  ["algorithm none", `${base64UrlEncode(utf8Encode('{"alg":"none"}'))}.${payload}.`, "ALGORITHM_REFUSED", /none/],
  ["algorithm None with a signature", await withHeader({ alg: "None" }), "ALGORITHM_REFUSED", /None/],
  ["no algorithm", await withHeader({ alg: undefined }), "ALGORITHM_REFUSED", /RS256/],
  [
    "HS256 with the public key's PEM as secret",
    confusedToken(utf8Encode(serializePem("PUBLIC KEY", issuerSigner.publicKey.spki))),
    "ALGORITHM_REFUSED",
    /HS256/,
  ],
  [
    "HS256 with the public key's DER as secret",
    confusedToken(issuerSigner.publicKey.spki),
    "ALGORITHM_REFUSED",
    /HS256/,
  ],
  [
    "an algorithm that the issuer does not list",
    await tokenOf(EMAIL, { alg: "ES256" }, foreign),
    "ALGORITHM_REFUSED",
    /RS256, got "ES256"/,
  ],
  [
    "a key of its own in the header",
    await tokenOf(EMAIL, { jwk: ownKey, kid: undefined }, foreign),
    "SIGNATURE_INVALID",
    /does not verify/,
  ],
  [
    "an address of keys in the header",
    await tokenOf(EMAIL, { jku: "https://evil.example/keys" }, foreign),
    "SIGNATURE_INVALID",
    /does not verify/,
  ],
  ["an unknown key", await withHeader({ kid: "k2" }), "SIGNATURE_INVALID", /no key of the issuer has the id "k2"/],
  ["somebody else's signature", await tokenOf(EMAIL, {}, foreign), "SIGNATURE_INVALID", /does not verify/],
  ["a changed signature", `${header}.${payload}.${flipped}`, "SIGNATURE_INVALID", /does not verify/],
  ["no signature", `${header}.${payload}.`, "SIGNATURE_INVALID", /does not verify/],
  [
    "a changed payload",
    `${header}.${base64UrlEncode(utf8Encode(JSON.stringify({ iss: ISSUER, aud: "sigstore", sub: "x", exp: NOW + 600, ...EMAIL, email: "bar@example.com" })))}.${signature}`,
    "SIGNATURE_INVALID",
    /does not verify/,
  ],
];

describe("a bad token:", () => {
  const handler = handlerOf();
  for (const [what, token, reason, problem] of CASES) {
    test(what, async () => {
      const error = errorOf(await send(handler, body, token));
      assert.deepEqual([error.status, error.code, error.message, error.reason], [400, 3, TEXT, reason], error.problem);
      assert.match(error.problem, problem);
      assert.ok(error.hint !== undefined);
      // A token is a key: no answer shows any of it.
      for (const part of (token ?? "").split("."))
        assert.ok(part.length < 20 || !error.text.includes(part.slice(0, 20)));
    });
  }
});

describe("a good token:", () => {
  const accepted: readonly (readonly [string, Members, Members])[] = [
    ["several audiences", { aud: ["other", "sigstore"] }, {}],
    ["not valid before five minutes from now, clocks differ", { nbf: NOW + 299 }, {}],
    ["an expiry with a fraction", { exp: NOW + 0.9 }, {}],
    ["no key id", {}, { kid: undefined }],
    ["a type in the header", {}, { typ: "JWT" }],
  ];
  for (const [what, claims, more] of accepted) {
    test(what, async () => {
      leafOf(await send(handlerOf(), body, await tokenOf({ ...EMAIL, ...claims }, more)));
    });
  }

  for (const [alg, name] of [
    ["ES256", "PKIX_ECDSA_P256_SHA_256"],
    ["ES384", "PKIX_ECDSA_P384_SHA_384"],
    ["ES512", "PKIX_ECDSA_P521_SHA_512"],
    ["EdDSA", "PKIX_ED25519"],
    ["PS256", "PKIX_RSA_PSS_2048_SHA256"],
  ] as const) {
    test(`signed by ${alg}, which the issuer lists`, async () => {
      const signer = keys.signer("issuer by another algorithm", name);
      const handler = handlerOf({ issuerKeys: keysOf(signer, ["RS256", alg, "HS256", "none"]) });
      leafOf(await send(handler, body, await tokenOf(EMAIL, { alg }, signer)));
    });
  }

  test("not when the issuer lists HS256 and none: those are never taken", async () => {
    const handler = handlerOf({ issuerKeys: keysOf(issuerSigner, ["HS256", "none"]) });
    assert.equal(
      errorOf(await send(handler, body, confusedToken(issuerSigner.publicKey.spki))).reason,
      "ALGORITHM_REFUSED",
    );
  });

  test("signed with a key that the issuer has only just published", async () => {
    const calls: boolean[] = [];
    const [old, fresh] = [keysOf(foreign), keysOf()];
    const issuerKeys: IssuerKeys = {
      async keysOf(issuer, options) {
        calls.push(options.isStale);
        return (options.isStale ? fresh : old).keysOf(issuer, options);
      },
    };
    leafOf(await send(handlerOf({ issuerKeys }), body, good));
    assert.deepEqual(calls, [false, true]);
  });
});

describe("a genuine key", () => {
  const { publicKey } = issuerSigner;

  test("does not sign by an algorithm that the issuer does not list", async () => {
    const pss = keys.signer("issuer", "PKIX_RSA_PSS_2048_SHA256");
    assert.deepEqual(pss.publicKey.spki, publicKey.spki);
    const token = await tokenOf(EMAIL, { alg: "PS256" }, pss);
    const error = errorOf(await send(handlerOf(), body, token));
    assert.equal(error.reason, "ALGORITHM_REFUSED");
    leafOf(await send(handlerOf({ issuerKeys: keysOf(issuerSigner, ["RS256", "PS256"]) }), body, token));
  });

  test("does not sign by another algorithm than the key set gives it", async () => {
    const key = { keyId: "k1", algorithm: "RS512", keyType: publicKey.keyType, spki: publicKey.spki };
    const issuerKeys: IssuerKeys = { keysOf: async () => ({ algorithms: ["RS256", "RS512"], keys: [key] }) };
    assert.equal(errorOf(await send(handlerOf({ issuerKeys }), body, good)).reason, "SIGNATURE_INVALID");
  });
});

describe("a token of an issuer", () => {
  test("whose keys cannot be fetched is refused with the reason, not as our failure", async () => {
    const issuerKeys: IssuerKeys = {
      async keysOf() {
        throw new SigstoreError("issuer-unreachable", "keys of x: expected an answer, got ECONNREFUSED");
      },
    };
    const error = errorOf(await send(handlerOf({ issuerKeys }), body, good));
    assert.deepEqual([error.status, error.message, error.reason], [400, TEXT, "ISSUER_UNREACHABLE"]);
    assert.match(error.problem, /ECONNREFUSED/);
  });

  test("that nobody knows makes us fetch nothing, nor does a wrong audience, time or algorithm", async () => {
    const issuerKeys: IssuerKeys = {
      async keysOf(issuer) {
        return assert.fail(`fetched keys of ${issuer.issuerUrl}`);
      },
    };
    const handler = handlerOf({ issuerKeys });
    for (const token of [
      await withClaims({ iss: "http://169.254.169.254" }),
      await withClaims({ aud: "x" }),
      await withClaims({ exp: 1 }),
      await withHeader({ alg: "none" }),
    ])
      assert.equal((await send(handler, body, token)).status, 400);
  });

  test("without client id is refused: nobody said for whom tokens must be", async () => {
    const error = errorOf(await send(handlerOf({ config: configOf({ clientId: "" }) }), body, good));
    assert.equal(error.reason, "CONFIGURATION");
  });
});

test("the key of a client is no key of an issuer", async () => {
  const token = await tokenOf(EMAIL, { alg: "ES256" }, clientSigner);
  assert.equal(errorOf(await send(handlerOf(), body, token)).reason, "ALGORITHM_REFUSED");

  test("that its issuer takes back gets no certificate any more", async () => {
    const text = await tokenOf({ ...EMAIL, jti: "first" });
    const revoked = new Set<string>();
    const genuine = await keysOf().keysOf(oidcIssuer({ issuerUrl: ISSUER }), { isStale: false });
    const issuerKeys: IssuerKeys = {
      keysOf: async () => ({ ...genuine, isRevoked: (tokenId) => revoked.has(tokenId) }),
    };
    leafOf(await send(handlerOf({ issuerKeys }), body, text));
    revoked.add("first");
    assert.equal(errorOf(await send(handlerOf({ issuerKeys }), body, text)).reason, "TOKEN_REVOKED");
    leafOf(await send(handlerOf({ issuerKeys }), body, good));
  });

  test("whose connector speaks for the authority's own issuer gets no certificate", async () => {
    const ownIssuer = "https://sigstore.example.com/auth";
    const config = configOf({ issuerClaim: "$.federated_claims.connector_id" });
    const tokenBy = (connector: string): Promise<string> =>
      tokenOf({ ...EMAIL, federated_claims: { connector_id: connector } });
    const handler = handlerOf({ config, ownIssuer });
    assert.equal(errorOf(await send(handler, body, await tokenBy(ownIssuer))).reason, "SUBJECT_REFUSED");
    leafOf(await send(handler, body, await tokenBy("https://github.com/login/oauth")));
  });
});
