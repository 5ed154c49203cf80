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
