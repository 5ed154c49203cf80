import assert from "node:assert/strict";
import { it } from "node:test";
import { exactIdentity, type IdentityExpectation } from "../policy/identity.ts";
import { PERSON } from "../testing/identities.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { loadTrust } from "./trust.ts";
import { judge } from "./verdict.ts";

it("an extension that is asked for without a value is misuse, and not met by a certificate without it", async () => {
  const sigstore = await createVirtualSigstore({ seed: "extension without value" });
  const bytes = new Uint8Array(3);
  const { json } = await sigstore.signMessage(bytes, { identity: PERSON });
  const identity = {
    ...exactIdentity(PERSON.issuer, PERSON.subject),
    extensions: { sourceRepositoryUri: undefined },
  } as unknown as IdentityExpectation;
  const request = {
    bundle: json,
    artifact: { kind: "bytes", bytes } as const,
    trust: loadTrust({ trustedRoot: sigstore.trustedRootJson, source: "test" }),
    nowMs: sigstore.nowMs,
  };
  assert.throws(() => judge({ ...request, identities: [identity] }), /TypeError|sourceRepositoryUri/);
  const { verdict } = judge({ ...request, identities: [exactIdentity(PERSON.issuer, PERSON.subject)] });
  assert.equal(verdict, "verified");
});

it("tells who signed where no issuer is named, and trusts nobody without one", async () => {
  const sigstore = await createVirtualSigstore();
  const artifact = new TextEncoder().encode("released");
  const { json } = await sigstore.signMessage(artifact, {
    lies: {
      certificateFields: (fields) => ({
        ...fields,
        extensions: fields.extensions.filter(({ oid }) => !oid.startsWith("1.3.6.1.4.1.57264.1.")),
      }),
    },
  });
  const trust = loadTrust({ trustedRoot: sigstore.trustedRootJson, source: "made for this test" });
  const question = {
    bundle: json,
    artifact: { kind: "bytes", bytes: artifact } as const,
    trust,
    nowMs: sigstore.nowMs,
  };
  const told = judge(question);
  assert.equal(told.verdict, "sound");
  assert.equal(told.signer?.kind === "certificate" ? told.signer.issuer : undefined, "");
  const trusted = judge({
    ...question,
    identities: [exactIdentity("https://accounts.example.com", "dev@example.com")],
  });
  assert.equal(trusted.failure?.code, "identity-missing");
});
