/**
 * Evidence that once broke the verifier, found by test/fuzz: each must be refused with a code, and never end in an exception
 * of another kind.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { der } from "../encoding/der.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import { OID } from "../formats/x509/oids.ts";
import type { Lies } from "../testing/lie-hooks.ts";
import type { SigningOptions } from "../testing/signing-options.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { DigestedMessage } from "./artifact.ts";
import { CheckLog } from "./checks.ts";
import { DEFAULT_REQUIREMENTS } from "./requirements.ts";
import { loadTrustMaterial } from "./trust.ts";
import { verifyBundle } from "./verify-bundle.ts";

type TimestampTokenParts = Parameters<NonNullable<Lies["timestampParts"]>>[0];

const ARTIFACT = new TextEncoder().encode("signed");
const YEAR_10000 = 253_402_300_800n;

async function refusal(options: SigningOptions): Promise<{ code: unknown; message: string }> {
  const sigstore = await createVirtualSigstore({ seed: "hostile evidence" });
  const { json } = await sigstore.signMessage(ARTIFACT, options);
  const request = {
    bundle: parseBundle(json),
    artifact: new DigestedMessage(ARTIFACT),
    trust: loadTrustMaterial(sigstore.trustedRoot),
    requirements: DEFAULT_REQUIREMENTS,
    nowMs: sigstore.nowMs,
  };
  try {
    verifyBundle(request, new CheckLog());
  } catch (error) {
    if (error instanceof Error && "code" in error) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: "none", message: "verified" };
}

describe("times beyond the year 9999 are refused like others that do not fit", () => {
  for (const integratedTimeSeconds of [YEAR_10000, (1n << 63n) - 1n]) {
    it(`${integratedTimeSeconds} as the time of an entry that nobody promised`, async () => {
      const { code, message } = await refusal({
        lies: { tlogEntry: (entry) => ({ ...entry, integratedTimeSeconds }) },
      });
      assert.equal(code, "tlog-integrated-time-outside-certificate");
      assert.match(message, /milliseconds after 1970/);
    });
  }

  it("as a time that the log promised", async () => {
    const lies: Lies = {
      promisedEntry: (promised) => ({ ...promised, integratedTimeSeconds: YEAR_10000 }),
      tlogEntry: (entry) => ({ ...entry, integratedTimeSeconds: YEAR_10000 }),
    };
    assert.equal((await refusal({ rekor: 1, lies })).code, "tlog-log-not-valid-then");
  });

  it("as the time of an SCT", async () => {
    const lies: Lies = { sctRequest: (request) => ({ ...request, timestampMs: (1n << 64n) - 1n }) };
    assert.equal((await refusal({ lies })).code, "sct-log-not-valid-then");
  });
});

describe("signed attributes of a timestamp that are of another type", () => {
  const withAttribute = (oid: string) => (parts: TimestampTokenParts) => ({
    ...parts,
    attributes: parts.attributes.map((one) => (one.oid === oid ? { oid, value: der.null() } : one)),
  });
  for (const [name, oid] of [
    ["content type", OID.contentType],
    ["message digest", OID.messageDigest],
  ] as const) {
    it(name, async () => {
      assert.equal((await refusal({ lies: { timestampParts: withAttribute(oid) } })).code, "timestamp-invalid");
    });
  }
});
