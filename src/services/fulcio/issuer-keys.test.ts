/** Where keys come from: discovery, keeping, rotation; and the ways in which somebody could make us fetch what he wants (SSRF). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  configOf,
  errorOf,
  handlerOf,
  ISSUER,
  issuerSigner,
  keyBody,
  leafOf,
  send,
  tokenOf,
} from "../../../test/fulcio-bench.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { DerReader } from "../../encoding/der.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { matchesMetaIssuer, type OidcIssuer, oidcIssuer } from "./config.ts";
import { FetchedIssuerKeys, type IssuerHttp } from "./issuer-keys.ts";

interface Answer {
  readonly status?: number;
  readonly location?: string;
  readonly body?: unknown;
}

interface Web extends IssuerHttp {
  readonly asked: string[];
  readonly options: { readonly caCertificates: string; readonly isCluster: boolean }[];
}

/** A web of these addresses; what is asked besides is 404. */
function webOf(answers: Readonly<Record<string, Answer | (() => Answer)>>): Web {
  const web: Web = {
    asked: [],
    options: [],
    async get(url, options) {
      web.asked.push(url);
      web.options.push(options);
      const answer = answers[url] ?? { status: 404 };
      const { status = 200, location, body = {} } = typeof answer === "function" ? answer() : answer;
      return { status, location, body: utf8Encode(typeof body === "string" ? body : JSON.stringify(body)) };
    },
  };
  return web;
}

const fields = new DerReader(issuerSigner.publicKey.keyBytes).sequence();
const n = base64UrlEncode(fields.integerBytes().subarray(1));
const e = base64UrlEncode(fields.integerBytes());
const JWKS = { keys: [{ kty: "RSA", kid: "k1", alg: "RS256", use: "sig", n, e }] };
const KEYS = `${ISSUER}/keys`;
const DISCOVERY = `${ISSUER}/.well-known/openid-configuration`;
const HONEST = { [DISCOVERY]: { body: { issuer: ISSUER, jwks_uri: KEYS } }, [KEYS]: { body: JWKS } };

function keysFrom(
  web: IssuerHttp,
  nowMs: () => number = () => 0,
  configured: readonly string[] = [ISSUER],
): FetchedIssuerKeys {
  return new FetchedIssuerKeys(web, nowMs, new Set(configured));
}

async function refuses(
  answers: Parameters<typeof webOf>[0],
  words: RegExp,
  issuer = oidcIssuer({ issuerUrl: ISSUER }),
): Promise<Web> {
  const web = webOf(answers);
  await assert.rejects(
    keysFrom(web).keysOf(issuer, { isStale: false }),
    (error) => isSigstoreError(error, "issuer-unreachable") && words.test(error.message),
  );
  return web;
}

describe("keys of an issuer", () => {
  test("are found by discovery, and do for its tokens", async () => {
    const web = webOf(HONEST);
    const handler = handlerOf({ issuerKeys: keysFrom(web) });
    const body = await keyBody("subject-1");
    leafOf(await send(handler, body, await tokenOf({ email: "foo@example.com", email_verified: true })));
    leafOf(await send(handler, body, await tokenOf({ email: "foo@example.com", email_verified: true })));
    assert.deepEqual(web.asked, [DISCOVERY, KEYS]);
  });

  test("are found where the issuer ends with a slash, which it names with it", async () => {
    const issuerUrl = `${ISSUER}/`;
    const web = webOf({ ...HONEST, [DISCOVERY]: { body: { issuer: issuerUrl, jwks_uri: KEYS } } });
    const { keys } = await keysFrom(web).keysOf(oidcIssuer({ issuerUrl }), { isStale: false });
    assert.equal(keys.length, 1);
  });

  test("are fetched once for many that ask at once", async () => {
    const web = webOf(HONEST);
    const issuerKeys = keysFrom(web);
    await Promise.all(
      Array.from({ length: 50 }, async () => issuerKeys.keysOf(oidcIssuer({ issuerUrl: ISSUER }), { isStale: false })),
    );
    assert.equal(web.asked.length, 2);
  });

  test("are fetched again when stale, but not more often than every five seconds, whatever tokens name", async () => {
    let nowMs = 0;
    const web = webOf(HONEST);
    const issuerKeys = keysFrom(web, () => nowMs);
    const issuer = oidcIssuer({ issuerUrl: ISSUER });
    for (let index = 0; index < 100; index++) await issuerKeys.keysOf(issuer, { isStale: true });
    assert.equal(web.asked.length, 2);
    nowMs = 5_000;
    await issuerKeys.keysOf(issuer, { isStale: true });
    assert.equal(web.asked.length, 4);
  });

  test("of before stay while the issuer is away", async () => {
    let nowMs = 0;
    let isAway = false;
    const web = webOf({ ...HONEST, [DISCOVERY]: () => (isAway ? { status: 503 } : (HONEST[DISCOVERY] ?? {})) });
    const issuerKeys = keysFrom(web, () => nowMs);
    const issuer = oidcIssuer({ issuerUrl: ISSUER });
    await issuerKeys.keysOf(issuer, { isStale: false });
    [nowMs, isAway] = [10_000, true];
    await assert.rejects(issuerKeys.keysOf(issuer, { isStale: true }));
    assert.equal((await issuerKeys.keysOf(issuer, { isStale: false })).keys.length, 1);
  });

  test("of before do for everybody else while fresh ones are slow to come", async () => {
    let nowMs = 0;
    let answer: () => void = () => undefined;
    let isSlow = false;
    const web = webOf(HONEST);
    const slow: IssuerHttp = {
      async get(url, options) {
        if (isSlow)
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
        return web.get(url, options);
      },
    };
    const issuerKeys = keysFrom(slow, () => nowMs);
    const issuer = oidcIssuer({ issuerUrl: ISSUER });
    await issuerKeys.keysOf(issuer, { isStale: false });
    [nowMs, isSlow] = [10_000, true];
    const fresh = issuerKeys.keysOf(issuer, { isStale: true });
    assert.equal((await issuerKeys.keysOf(issuer, { isStale: false })).keys.length, 1);
    assert.equal(web.asked.length, 2);
    isSlow = false;
    answer();
    assert.equal((await fresh).keys.length, 1);
  });

  test("are asked for anew after a failure", async () => {
    let isAway = true;
    const web = webOf({ ...HONEST, [DISCOVERY]: () => (isAway ? { status: 503 } : (HONEST[DISCOVERY] ?? {})) });
    const issuerKeys = keysFrom(web);
    const issuer = oidcIssuer({ issuerUrl: ISSUER });
    await assert.rejects(issuerKeys.keysOf(issuer, { isStale: false }));
    isAway = false;
    assert.equal((await issuerKeys.keysOf(issuer, { isStale: false })).keys.length, 1);
  });

  test("are kept for a hundred issuers at most", async () => {
    const answers: Record<string, Answer> = {};
    const issuers = Array.from({ length: 101 }, (_, index) => `https://i${index}.example.com`);
    for (const issuer of issuers)
      answers[`${issuer}/.well-known/openid-configuration`] = { body: { issuer, jwks_uri: KEYS } };
    const web = webOf({ ...answers, [KEYS]: { body: JWKS } });
    const issuerKeys = keysFrom(web);
    for (const issuerUrl of [...issuers, ...issuers.slice(1), issuers[0] ?? ""])
      await issuerKeys.keysOf(oidcIssuer({ issuerUrl }), { isStale: false });
    assert.equal(web.asked.length, 2 * 102);
  });

  test("may lie on another host, where the issuer says so over TLS", async () => {
    const elsewhere = "https://keys.example.net/jwks";
    const web = webOf({ [DISCOVERY]: { body: { issuer: ISSUER, jwks_uri: elsewhere } }, [elsewhere]: { body: JWKS } });
    assert.equal((await keysFrom(web).keysOf(oidcIssuer({ issuerUrl: ISSUER }), { isStale: false })).keys.length, 1);
  });

  test("follow a redirect on the same host", async () => {
    const moved = `${ISSUER}/v2/openid-configuration`;
    const web = webOf({
      ...HONEST,
      [DISCOVERY]: { status: 302, location: "/v2/openid-configuration" },
      [moved]: HONEST[DISCOVERY] ?? {},
    });
    assert.equal((await keysFrom(web).keysOf(oidcIssuer({ issuerUrl: ISSUER }), { isStale: false })).keys.length, 1);
  });
});

describe("keys are refused", () => {
  const METADATA = "http://169.254.169.254/latest/meta-data";
  const say = (more: Readonly<Record<string, unknown>>): Answer => ({
    body: { issuer: ISSUER, jwks_uri: KEYS, ...more },
  });

  test("of a document that names another issuer, or none", async () => {
    await refuses({ ...HONEST, [DISCOVERY]: say({ issuer: "https://evil.example" }) }, /evil\.example/);
    await refuses({ ...HONEST, [DISCOVERY]: say({ issuer: undefined }) }, /none/);
    await refuses({ ...HONEST, [DISCOVERY]: say({ issuer: `${ISSUER}/` }) }, /expected a discovery document of/);
  });

  test("at no address, or one without TLS or of another kind", async () => {
    await refuses({ ...HONEST, [DISCOVERY]: say({ jwks_uri: undefined }) }, /jwks_uri/);
    for (const url of [METADATA, "file:///etc/passwd", "ftp://x.example/keys"]) {
      const web = await refuses({ ...HONEST, [DISCOVERY]: say({ jwks_uri: url }) }, /https address of the keys/);
      assert.deepEqual(web.asked, [DISCOVERY]);
    }
  });

  test("behind a redirect to another host, port or without TLS: nothing is asked there", async () => {
    for (const location of [
      METADATA,
      "https://evil.example/",
      "https://issuer.example.com:8443/",
      "http://issuer.example.com/",
      "//evil.example/x",
      "file:///etc/passwd",
    ]) {
      const first = await refuses({ ...HONEST, [DISCOVERY]: { status: 302, location } }, /redirect to different host/);
      assert.deepEqual(first.asked, [DISCOVERY]);
      const second = await refuses({ ...HONEST, [KEYS]: { status: 307, location } }, /redirect to different host/);
      assert.deepEqual(second.asked, [DISCOVERY, KEYS]);
    }
  });

  test("behind endless redirects, redirects to nowhere, errors, and what is no key set", async () => {
    await refuses({ ...HONEST, [DISCOVERY]: { status: 302, location: DISCOVERY } }, /redirects/);
    await refuses({ ...HONEST, [DISCOVERY]: { status: 302 } }, /302/);
    await refuses({ ...HONEST, [DISCOVERY]: { status: 500 } }, /500/);
    await refuses({ ...HONEST, [DISCOVERY]: { body: "<html>" } }, /JSON/);
    await refuses({ ...HONEST, [DISCOVERY]: { body: [] } }, /discovery document/);
    await refuses({ ...HONEST, [KEYS]: { body: "<html>" } }, /JSON/);
    await refuses({ ...HONEST, [KEYS]: { body: { keys: "none" } } }, /Key set/);
  });
});

describe("the cluster's own credentials", () => {
  const CLUSTER = "https://kubernetes.default.svc";
  const answersFor = (issuer: string, jwksUrl = `${issuer}/keys`): Record<string, Answer> => ({
    [`${issuer}/.well-known/openid-configuration`]: { body: { issuer, jwks_uri: jwksUrl } },
    [jwksUrl]: { body: JWKS },
  });
  const ask = async (web: Web, issuer: OidcIssuer, configured: readonly string[]): Promise<readonly boolean[]> => {
    await keysFrom(web, () => 0, configured).keysOf(issuer, { isStale: false });
    return web.options.map(({ isCluster }) => isCluster);
  };

  test("go to the cluster alone, when it is configured", async () => {
    const cluster = oidcIssuer({ issuerUrl: CLUSTER, type: "kubernetes" });
    assert.deepEqual(await ask(webOf(answersFor(CLUSTER)), cluster, [CLUSTER]), [true, true]);
    assert.deepEqual(await ask(webOf(answersFor(CLUSTER)), { ...cluster, type: "email" }, [CLUSTER]), [false, false]);
  });

  test("never to an issuer of a pattern, nor to keys on another host", async () => {
    const eks = oidcIssuer({ issuerUrl: "https://oidc.eks.x.amazonaws.com/id/A", type: "kubernetes" });
    assert.deepEqual(await ask(webOf(answersFor(eks.issuerUrl)), eks, [CLUSTER]), [false, false]);
    const web = webOf(answersFor(CLUSTER, "https://evil.example/keys"));
    await assert.rejects(ask(web, oidcIssuer({ issuerUrl: CLUSTER, type: "kubernetes" }), [CLUSTER]), /different host/);
    assert.deepEqual(web.asked, [`${CLUSTER}/.well-known/openid-configuration`]);
  });
});

describe("meta-issuers", () => {
  const PATTERN = "https://oidc.eks.*.amazonaws.com/id/*";

  test("match one part of host or path for each *", () => {
    assert.ok(
      matchesMetaIssuer(PATTERN, "https://oidc.eks.us-west-2.amazonaws.com/id/B02C93B6A2D30341AD01E1B6D48164CB"),
    );
    assert.ok(
      matchesMetaIssuer(
        "https://container.googleapis.com/v1/projects/*/locations/*/clusters/*",
        "https://container.googleapis.com/v1/projects/mattmoor-credit/locations/us-west1-b/clusters/tenant-cluster",
      ),
    );
  });

  const SSRF = [
    "http://localhost:3000?https://oidc.eks.us-west-2.amazonaws.com/id/X",
    "http://169.254.169.254/#https://oidc.eks.a.amazonaws.com/id/X",
    "https://evil.example/https://oidc.eks.a.amazonaws.com/id/X",
    "https://oidc.eks.a.amazonaws.com/id/X@evil.example",
    "https://oidc.eks.evil.example/x.amazonaws.com/id/X",
    "https://oidc.eks.a@evil.example#.amazonaws.com/id/X",
    "https://oidc.eks.a.b.amazonaws.com/id/X",
    "https://oidcXeksXaXamazonawsXcom/id/X",
    "https://oidc.eks.a.amazonaws.com/id/X/../../",
    "https://oidc.eks.a.amazonaws.com/id/X\nhttps://evil.example",
    "https://oidc.eks.a.amazonaws.com/id/X\n",
    "https://oidc.eks.a.amazonaws.com/id/",
    "https://oidc.eks.%61.amazonaws.com/id/X",
    `https://oidc.eks.${"a".repeat(5000)}.amazonaws.com/id/X`,
  ];
  for (const [index, iss] of SSRF.entries()) {
    test(`fetch nothing for an issuer that only looks like one (${index + 1}: ${JSON.stringify(iss.slice(0, 60))})`, async () => {
      const web = webOf({});
      const pattern = oidcIssuer({ issuerUrl: "", type: "kubernetes" });
      const config = configOf({}, { issuers: new Map(), metaIssuers: new Map([[PATTERN, pattern]]) });
      const answer = await send(
        handlerOf({ config, issuerKeys: keysFrom(web) }),
        await keyBody("subject-1"),
        await tokenOf({ iss }),
      );
      assert.equal(errorOf(answer).reason, "ISSUER_UNKNOWN");
      assert.deepEqual(web.asked, []);
    });
  }

  test("give the issuer of the token its pattern's settings, and its own address in the certificate", async () => {
    const issuerUrl = "https://oidc.eks.us-west-2.amazonaws.com/id/ABC";
    const web = webOf({
      [`${issuerUrl}/.well-known/openid-configuration`]: { body: { issuer: issuerUrl, jwks_uri: KEYS } },
      [KEYS]: { body: JWKS },
    });
    const pattern = oidcIssuer({ issuerUrl: "", type: "kubernetes", clientId: "other" });
    const config = configOf({}, { issuers: new Map(), metaIssuers: new Map([[PATTERN, pattern]]) });
    const claims = { iss: issuerUrl, aud: "other", "kubernetes.io": { namespace: "a", serviceaccount: { name: "b" } } };
    leafOf(
      await send(handlerOf({ config, issuerKeys: keysFrom(web) }), await keyBody("subject-1"), await tokenOf(claims)),
    );
  });
});
