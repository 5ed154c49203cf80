/** Whole verdicts over signatures by ML-DSA: they hold over the artifact itself, and digests do not suffice. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { digest } from "../crypto/digest.ts";
import { utf8Encode } from "../encoding/text.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import { createVirtualSigstore, statementAbout } from "../testing/virtual-sigstore.ts";
import { digestsNeeded } from "../verify/digests-needed.ts";
import { loadTrust } from "./trust.ts";
import { judge } from "./verdict.ts";
import type { VerdictRequest } from "./verdict.ts";

const NOW_MS = 1_709_294_400_000;
const message = utf8Encode("signed for a time after this one\n");
const sigstore = await createVirtualSigstore({ seed: "ml-dsa", nowMs: NOW_MS });
const trust = loadTrust({ trustedRoot: sigstore.trustedRootJson, source: "the virtual Sigstore" });

function verdictOf(bundle: string, artifact: VerdictRequest["artifact"]): readonly [string, string | undefined] {
  const { verdict, failure } = judge({ bundle, artifact, trust, nowMs: NOW_MS + 86_400_000 });
  return [verdict, failure?.code];
}

for (const algorithm of ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"] as const) {
  describe(algorithm, () => {
    for (const rekor of [1, 2] as const) {
      it(`messages and statements, in Rekor v${rekor}`, async () => {
        const signed = await sigstore.signMessage(message, { algorithm, rekor });
        assert.deepEqual(verdictOf(signed.json, { kind: "bytes", bytes: message }), ["sound", undefined]);
        assert.deepEqual(verdictOf(signed.json, { kind: "bytes", bytes: message.subarray(1) }), [
          "failed",
          "artifact-mismatch",
        ]);
        const attested = await sigstore.signStatement(statementAbout(message, "a.txt"), { algorithm, rekor });
        assert.deepEqual(verdictOf(attested.json, { kind: "bytes", bytes: message }), ["sound", undefined]);
      });
    }

    it("asks for the whole message", async () => {
      const { json } = await sigstore.signMessage(message, { algorithm });
      assert.equal(digestsNeeded(parseBundle(json)).wholeMessage, true);
      const digests = { sha256: digest("sha256", message) };
      assert.deepEqual(verdictOf(json, { kind: "digests", digests }), ["failed", "artifact-bytes-required"]);
    });
  });
}
