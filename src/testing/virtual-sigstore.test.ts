/** The virtual Sigstore: the same seed gives the same instance, and whatever it signs honestly is sound. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import { DigestedMessage } from "../verify/artifact.ts";
import { CheckLog } from "../verify/checks.ts";
import { DEFAULT_REQUIREMENTS } from "../verify/requirements.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import { type VerifiedBundle, verifyBundle } from "../verify/verify-bundle.ts";
import { PERSON, USER_NAME, WORKFLOW_RUN, WORKLOAD } from "./identities.ts";
import type { SignedBundle, SigningOptions } from "./signing-options.ts";
import { YEAR_MS } from "./virtual-sigstore-options.ts";
import { createVirtualSigstore, statementAbout, type VirtualSigstore } from "./virtual-sigstore.ts";

const ARTIFACT = utf8Encode("artifact");

function verify(sigstore: VirtualSigstore, signed: SignedBundle): VerifiedBundle {
  return verifyBundle(
    {
      bundle: parseBundle(signed.json),
      artifact: new DigestedMessage(ARTIFACT),
      trust: loadTrustMaterial(parseTrustedRoot(sigstore.trustedRootJson)),
      requirements: DEFAULT_REQUIREMENTS,
      key: signed.certificate === undefined ? { spki: signed.publicKey } : undefined,
      nowMs: sigstore.nowMs,
    },
    new CheckLog(),
  );
}

describe("one seed, one instance", () => {
  test("keys, log IDs and serial numbers are the same", async () => {
    const [one, same, other] = await Promise.all(["a", "a", "b"].map((seed) => createVirtualSigstore({ seed })));
    assert.ok(one !== undefined && same !== undefined && other !== undefined);
    const fingerprint = ({ trustedRoot }: VirtualSigstore): string[] => [
      ...[...trustedRoot.tlogs, ...trustedRoot.ctlogs].map(({ logId }) => hexEncode(logId)),
      ...[...trustedRoot.certificateAuthorities, ...trustedRoot.timestampAuthorities].flatMap(({ certificates }) =>
        certificates.map(
          (der) => hexEncode(parseCertificate(der).serialNumber) + hexEncode(parseCertificate(der).spki),
        ),
      ),
    ];
    assert.deepEqual(fingerprint(one), fingerprint(same));
    assert.equal(fingerprint(one).filter((value) => fingerprint(other).includes(value)).length, 0);
    const keys = await Promise.all(
      [one, same].map(async (sigstore) => hexEncode((await sigstore.signMessage(ARTIFACT)).publicKey)),
    );
    assert.equal(keys[0], keys[1]);
  });

  test("every signature has another key and another entry", async () => {
    const sigstore = await createVirtualSigstore();
    const signed = [await sigstore.signMessage(ARTIFACT), await sigstore.signMessage(ARTIFACT)];
    assert.equal(new Set(signed.map(({ publicKey }) => hexEncode(publicKey))).size, 2);
    assert.equal(new Set(signed.map(({ bundle }) => bundle.material.tlogEntries[0]?.logIndex)).size, 2);
  });
});

const OPTIONS: Readonly<Record<string, SigningOptions>> = {
  "v0.1, Rekor v1": { bundleVersion: "0.1", rekor: 1 },
  "v0.2, Rekor v1": { bundleVersion: "0.2", rekor: 1 },
  "v0.3, Rekor v1": { rekor: 1 },
  "v0.3, Rekor v2": { rekor: 2 },
  "both logs, timestamp, witnesses": { rekor: "both", timestamps: 1, witnesses: 3, laterEntries: 10 },
  "with a key": { managedKey: { hint: "release", keyid: "release" }, rekor: 1 },
  "as a workflow": { identity: WORKFLOW_RUN },
  "as a user name": { identity: USER_NAME },
  "as a workload": { identity: WORKLOAD },
};

describe("what is signed honestly is sound", () => {
  for (const [name, options] of Object.entries(OPTIONS)) {
    test(`${name}: a message, and a statement`, async () => {
      const sigstore = await createVirtualSigstore();
      const message = await sigstore.signMessage(ARTIFACT, options);
      assert.deepEqual(parseBundle(message.json), message.bundle);
      verify(sigstore, message);
      const statement = await sigstore.signStatement(statementAbout(ARTIFACT), options);
      assert.equal(verify(sigstore, statement).statement?.subject, "artifact");
    });
  }

  test("with shards, several CT logs with leaf index, and the public instance's kinds of keys", async () => {
    const sigstore = await createVirtualSigstore({
      seed: "large",
      certificateAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_384",
      timestampAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_256",
      hasStaticCtLogs: true,
      ctLogs: 2,
      timestampAuthorities: 2,
      rekorV1Shards: 3,
      rekorV2Shards: 2,
      earlierEntries: 300,
    });
    const signed = await sigstore.signMessage(ARTIFACT, { rekor: "both", timestamps: 2 });
    const verified = verify(sigstore, signed);
    assert.deepEqual([verified.scts.length, verified.times.length, verified.tlogEntries.length], [2, 3, 2]);
    const [first] = signed.bundle.material.tlogEntries;
    assert.equal((first?.logIndex ?? 0n) - (first?.inclusionProof?.logIndex ?? 0n), 600n);
  });

  test("by the services of a year ago, after every key was rotated", async () => {
    const sigstore = await createVirtualSigstore({ hasRotatedKeys: true });
    assert.ok(sigstore.retired !== undefined);
    for (const rekor of [1, 2] as const) {
      const old = await sigstore.signMessage(ARTIFACT, {
        parties: sigstore.retired,
        atMs: sigstore.nowMs - YEAR_MS,
        rekor,
      });
      verify(sigstore, old);
      verify(sigstore, await sigstore.signMessage(ARTIFACT, { rekor }));
      const late = await sigstore.signMessage(ARTIFACT, { parties: sigstore.retired, rekor });
      assert.throws(() => verify(sigstore, late), { name: "SigstoreError" });
    }
  });

  test("the signer is who was named", async () => {
    const sigstore = await createVirtualSigstore();
    const { identity, certificate } = await sigstore.signMessage(ARTIFACT);
    assert.deepEqual(identity, PERSON);
    assert.ok(certificate !== undefined);
  });
});

test("what the instance does not have cannot take part", async () => {
  const sigstore = await createVirtualSigstore({ rekorV1Shards: 0, timestampAuthorities: 1 });
  await assert.rejects(sigstore.signMessage(ARTIFACT, { rekor: 1 }), TypeError);
  await assert.rejects(sigstore.signMessage(ARTIFACT, { timestamps: 2 }), TypeError);
});
