/** One login, one certificate while it is valid; and tokens that are not worth sending. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseIdentityToken } from "../formats/identity-token.ts";
import { PERSON } from "../testing/identities.ts";
import {
  virtualCertificateAuthority,
  virtualClaims,
  virtualIdentityProvider,
  virtualToken,
} from "../testing/virtual-services.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import { KeylessSession, type KeylessOptions } from "./keyless-session.ts";

const sigstore = await createVirtualSigstore();

function optionsOf(extra: Partial<KeylessOptions> = {}): KeylessOptions {
  return {
    identityProvider: virtualIdentityProvider(sigstore),
    certificateAuthority: virtualCertificateAuthority(sigstore),
    trust: loadTrustMaterial(sigstore.trustedRoot),
    now: () => sigstore.nowMs,
    ...extra,
  };
}

describe("a session", () => {
  test("asks once for keys that are wanted at the same time, and later while the certificate is valid", async () => {
    const identityProvider = virtualIdentityProvider(sigstore);
    const certificateAuthority = virtualCertificateAuthority(sigstore);
    let nowMs = sigstore.nowMs;
    const session = new KeylessSession(optionsOf({ identityProvider, certificateAuthority, now: () => nowMs }));
    const [one, same] = await Promise.all([session.key(), session.key()]);
    assert.equal(one, same);
    nowMs += 8 * 60_000;
    assert.equal(await session.key(), one);
    assert.deepEqual([identityProvider.calls, certificateAuthority.calls], [1, 1]);
    nowMs += 90_000;
    assert.notEqual(await session.key(), one);
    assert.deepEqual([identityProvider.calls, certificateAuthority.calls], [2, 2]);
  });

  test("asks again after a failure", async () => {
    const honest = virtualCertificateAuthority(sigstore);
    let fails = true;
    const certificateAuthority = {
      address: honest.address,
      requestCertificate: async (...request: Parameters<typeof honest.requestCertificate>) => {
        if (fails) throw new Error("down");
        return honest.requestCertificate(...request);
      },
    };
    const session = new KeylessSession(optionsOf({ certificateAuthority }));
    await assert.rejects(session.key(), /down/);
    fails = false;
    assert.equal((await session.key()).identity.subject, PERSON.subject);
  });
});

describe("a token that would be refused is not sent", () => {
  for (const [name, claims, code] of [
    ["too old", { exp: sigstore.nowMs / 1000 }, "identity-token-expired"],
    ["for another audience", { aud: "https://example.com" }, "identity-token-invalid"],
    ["for no audience", { aud: null }, "identity-token-invalid"],
  ] as const) {
    test(name, async () => {
      const token = virtualToken({ ...virtualClaims(sigstore), ...claims });
      const identityProvider = { label: "test", fetchIdentityToken: async () => Promise.resolve(token) };
      const certificateAuthority = virtualCertificateAuthority(sigstore);
      const session = new KeylessSession(optionsOf({ identityProvider, certificateAuthority }));
      await assert.rejects(session.key(), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.ok(!JSON.stringify([error.message, error.stack]).includes(token.reveal().slice(0, 20)));
        return true;
      });
      assert.equal(certificateAuthority.calls, 0);
    });
  }

  test("one of several audiences is enough, and another may be asked for", async () => {
    for (const audience of ["sigstore", "mine"]) {
      const token = virtualToken({ ...virtualClaims(sigstore), aud: ["other", audience] });
      const identityProvider = { label: "test", fetchIdentityToken: async () => Promise.resolve(token) };
      await new KeylessSession(optionsOf({ identityProvider, audience })).key();
    }
  });
});

describe("a token keeps its text", () => {
  test("in JSON, in templates and in inspection", () => {
    const token = virtualToken(virtualClaims(sigstore));
    const shown = `${token.toString()}${JSON.stringify({ token })}${String(token)}`;
    assert.ok(!shown.includes(token.reveal()));
    assert.equal(parseIdentityToken(` ${token.reveal()}\n`).email, PERSON.subject);
  });

  for (const text of [
    "",
    "a.b",
    "a.b.c.d",
    "a.e30.c",
    "a.bm90IGpzb24.c",
    "a.W10.c",
    `${"a".repeat(40_000)}.b.c`,
    "a b.c.d",
  ]) {
    test(`${text.slice(0, 20)} is none`, () => {
      assert.throws(
        () => parseIdentityToken(text),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "identity-token-invalid");
          return text.length < 10 || !error.message.includes(text);
        },
      );
    });
  }
});
