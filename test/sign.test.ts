/** Signing with the virtual Sigstore behind the ports: what is signed is verified by the only way to a "yes". */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { algorithmByName } from "../src/crypto/algorithms.ts";
import { digest } from "../src/crypto/digest.ts";
import { generatePrivateKey, type PrivateKeyKind } from "../src/crypto/private-key.ts";
import { createSigner, type Signer } from "../src/crypto/signer.ts";
import { utf8Encode } from "../src/encoding/text.ts";
import { serializeStatement, STATEMENT_TYPE_V1 } from "../src/formats/in-toto.ts";
import { exactIdentity } from "../src/policy/identity.ts";
import { KeylessSession } from "../src/sign/keyless-session.ts";
import { type SignedBundle, signMessage, signStatement } from "../src/sign/sign.ts";
import type { SigningContext } from "../src/sign/signing-context.ts";
import { managedSigningKey } from "../src/sign/signing-key.ts";
import { PERSON, USER_NAME, WORKFLOW_RUN, WORKLOAD } from "../src/testing/identities.ts";
import {
  virtualCertificateAuthority,
  virtualIdentityProvider,
  virtualTimestampAuthority,
  virtualTransparencyLog,
} from "../src/testing/virtual-services.ts";
import { createVirtualSigstore, statementAbout, type VirtualSigstore } from "../src/testing/virtual-sigstore.ts";
import { loadTrust } from "../src/verdict/trust.ts";
import { judge, type VerdictRequest } from "../src/verdict/verdict.ts";
import { loadTrustMaterial } from "../src/verify/trust.ts";

const ARTIFACT = utf8Encode("artifact");

function contextOf(sigstore: VirtualSigstore, versions: readonly (1 | 2)[], timestamps = 1): SigningContext {
  return {
    logs: versions.map((version) => virtualTransparencyLog(sigstore, version)),
    timestampAuthorities: sigstore.current.timestampAuthorities
      .slice(0, timestamps)
      .map((authority) => virtualTimestampAuthority(sigstore, { authority })),
    trust: loadTrustMaterial(sigstore.trustedRoot),
    now: () => sigstore.nowMs,
  };
}

function sessionOf(
  sigstore: VirtualSigstore,
  identity = PERSON,
  keyKind?: "ecdsa-p384" | "ecdsa-p521",
): KeylessSession {
  return new KeylessSession({
    identityProvider: virtualIdentityProvider(sigstore, identity),
    certificateAuthority: virtualCertificateAuthority(sigstore, { identity }),
    trust: loadTrustMaterial(sigstore.trustedRoot),
    now: () => sigstore.nowMs,
    ...(keyKind && { keyKind }),
  });
}

function verdictOf(sigstore: VirtualSigstore, { json }: SignedBundle, request: Partial<VerdictRequest>): string {
  const trust = loadTrust({ trustedRoot: sigstore.trustedRootJson, source: "test" });
  const artifact = { kind: "bytes", bytes: ARTIFACT } as const;
  const result = judge({ bundle: json, artifact, trust, nowMs: sigstore.nowMs + 3000, ...request });
  return result.failure === undefined ? result.verdict : `${result.verdict}: ${result.failure.message}`;
}

describe("keyless: what is signed verifies", () => {
  for (const versions of [[1], [2], [1, 2]] as const) {
    for (const timestamps of versions.includes(1 as never) ? [0, 1] : [1]) {
      test(`Rekor v${versions.join(" and v")}, ${timestamps} timestamps: a message and a statement`, async () => {
        const sigstore = await createVirtualSigstore();
        const context = contextOf(sigstore, versions, timestamps);
        const key = await sessionOf(sigstore).key();
        const identities = [exactIdentity(PERSON.issuer, PERSON.subject)];
        const message = await signMessage({ kind: "bytes", bytes: ARTIFACT }, key, context);
        assert.equal(verdictOf(sigstore, message, { identities }), "verified");
        const statement = await signStatement(serializeStatement(statementAbout(ARTIFACT)), key, context);
        assert.equal(verdictOf(sigstore, statement, { identities }), "verified");
        assert.equal(message.verified.tlogEntries.length, versions.length);
        assert.equal(message.bundle.material.timestamps.length, timestamps);
      });
    }
  }

  for (const identity of [USER_NAME, WORKFLOW_RUN, WORKLOAD]) {
    test(`as ${identity.subject}`, async () => {
      const sigstore = await createVirtualSigstore();
      const key = await sessionOf(sigstore, identity).key();
      assert.deepEqual(key.identity, { issuer: identity.issuer, subject: identity.subject });
      const signed = await signMessage({ kind: "bytes", bytes: ARTIFACT }, key, contextOf(sigstore, [2]));
      const identities = [exactIdentity(identity.issuer, identity.subject)];
      assert.equal(verdictOf(sigstore, signed, { identities }), "verified");
    });
  }

  for (const [keyKind, algorithm] of [
    ["ecdsa-p384", "sha384"],
    ["ecdsa-p521", "sha512"],
  ] as const) {
    test(`with a key of ${keyKind}, given only the ${algorithm} digest`, async () => {
      const sigstore = await createVirtualSigstore();
      const key = await sessionOf(sigstore, PERSON, keyKind).key();
      const digests = { [algorithm]: digest(algorithm, ARTIFACT) };
      const signed = await signMessage({ kind: "digests", digests }, key, contextOf(sigstore, [1, 2]));
      assert.equal(verdictOf(sigstore, signed, {}), "sound");
    });
  }

  test("two timestamp authorities stamp both", async () => {
    const sigstore = await createVirtualSigstore({ timestampAuthorities: 2 });
    const key = await sessionOf(sigstore).key();
    const signed = await signMessage({ kind: "bytes", bytes: ARTIFACT }, key, contextOf(sigstore, [2], 2));
    assert.equal(signed.verified.times.length, 2);
  });

  test("every field is written out, index 0 and empty lists too", async () => {
    const sigstore = await createVirtualSigstore({ earlierEntries: 0 });
    const key = await sessionOf(sigstore).key();
    const { json } = await signMessage({ kind: "bytes", bytes: ARTIFACT }, key, contextOf(sigstore, [2]));
    for (const field of ['"logIndex":"0"', '"hashes":[]', '"integratedTime":"0"', '"treeSize":"1"', '"messageDigest":'])
      assert.ok(json.includes(field), field);
    assert.equal(
      verdictOf(sigstore, await signMessage({ kind: "bytes", bytes: ARTIFACT }, key, contextOf(sigstore, [1])), {}),
      "sound",
    );
  });
});

function signerOf(kind: PrivateKeyKind, algorithm?: string): Signer {
  const key = generatePrivateKey(kind);
  return algorithm === undefined ? createSigner(key) : createSigner(key, algorithmByName(algorithm));
}

describe("with a managed key: what is signed verifies with it", () => {
  for (const [kind, algorithm] of [
    ["ecdsa-p256"],
    ["ecdsa-p384"],
    ["ed25519", "PKIX_ED25519_PH"],
    ["rsa-2048"],
  ] as const) {
    test(`${algorithm ?? kind}: a message, with and without timestamp`, async () => {
      const sigstore = await createVirtualSigstore();
      const key = managedSigningKey(signerOf(kind, algorithm));
      const trusted = { spki: key.signer.publicKey.spki };
      for (const [versions, timestamps] of [
        [[1, 2], 1],
        [[2], 0],
      ] as const) {
        const signed = await signMessage(
          { kind: "bytes", bytes: ARTIFACT },
          key,
          contextOf(sigstore, versions, timestamps),
        );
        assert.equal(verdictOf(sigstore, signed, { key: trusted }), "verified");
      }
    });
  }

  test("pure Ed25519: a statement in Rekor v1", async () => {
    const sigstore = await createVirtualSigstore();
    const key = managedSigningKey(signerOf("ed25519"), "release");
    const signed = await signStatement(serializeStatement(statementAbout(ARTIFACT)), key, contextOf(sigstore, [1]));
    assert.equal(verdictOf(sigstore, signed, { key: { spki: key.signer.publicKey.spki } }), "verified");
    assert.deepEqual(signed.bundle.material.key, { kind: "publicKey", hint: "release" });
  });

  test("the hint is the hash of the key", () => {
    assert.match(managedSigningKey(signerOf("ecdsa-p256")).hint, /^[A-Za-z0-9+/]{43}=$/);
  });
});

describe("what could not end well is not begun", () => {
  async function refuses(
    code: string,
    versions: readonly (1 | 2)[],
    timestamps: number,
    extra: Partial<SigningContext> = {},
  ): Promise<void> {
    const sigstore = await createVirtualSigstore();
    const context = { ...contextOf(sigstore, versions, timestamps), ...extra };
    const key = await sessionOf(sigstore).key();
    await assert.rejects(signMessage({ kind: "bytes", bytes: ARTIFACT }, key, context), { code });
    for (const service of [...context.logs, ...context.timestampAuthorities])
      assert.equal((service as { calls?: number }).calls, 0);
  }

  test("no log", async () => refuses("signing-evidence-insufficient", [], 1));
  test("a certificate in Rekor v2 without a timestamp authority", async () =>
    refuses("signing-evidence-insufficient", [2], 0));
  test("fewer timestamp authorities than asked for", async () => {
    const requirements = { tlogEntries: 1, scts: 1, signedTimestamps: 2, integratedTimes: 0, times: 1 };
    await refuses("signing-evidence-insufficient", [1, 2], 1, { requirements });
  });

  for (const [kind, algorithm, what] of [
    ["ed25519", "PKIX_ED25519", "message"],
    ["ed25519", "PKIX_ED25519_PH", "statement"],
    ["rsa-2048", "PKIX_RSA_PSS_2048_SHA256", "message"],
    ["ecdsa-p384", "PKIX_ECDSA_P384_SHA_256", "message"],
  ] as const) {
    test(`${algorithm} for a ${what} in Rekor v1`, async () => {
      const sigstore = await createVirtualSigstore();
      const key = managedSigningKey(signerOf(kind, algorithm));
      const context = contextOf(sigstore, [1]);
      const signing =
        what === "message"
          ? signMessage({ kind: "bytes", bytes: ARTIFACT }, key, context)
          : signStatement(serializeStatement(statementAbout(ARTIFACT)), key, context);
      await assert.rejects(signing, { code: "algorithm-unsupported" });
    });
  }

  test("a statement that is none, or without a digest that verifiers compute", async () => {
    const sigstore = await createVirtualSigstore();
    const key = await sessionOf(sigstore).key();
    const context = contextOf(sigstore, [2]);
    await assert.rejects(signStatement(utf8Encode("{}"), key, context), { code: "statement-invalid" });
    const subjects = [{ name: "a", digests: new Map([["md5", "00"]]) }];
    const payload = serializeStatement({
      type: STATEMENT_TYPE_V1,
      subjects,
      predicateType: "https://example.com/p",
      predicate: {},
    });
    await assert.rejects(signStatement(payload, key, context), { code: "statement-invalid" });
  });

  test("a digest by another algorithm than the key's", async () => {
    const sigstore = await createVirtualSigstore();
    const key = await sessionOf(sigstore).key();
    const artifact = { kind: "digests", digests: { sha512: digest("sha512", ARTIFACT) } } as const;
    await assert.rejects(signMessage(artifact, key, contextOf(sigstore, [2])), { code: "artifact-digest-required" });
  });
});
