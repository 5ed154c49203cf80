/**
 * The lies tell what they say: sound bundles pass verify/, each lie is refused by its own check in its own step.
 *
 * Identities and profiles are policy's: here those bundles must be sound. test/vectors asks the whole verdict.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isSigstoreError, VERIFICATION_ERROR_CODES } from "../errors.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import { digestedArtifact } from "../verify/artifact.ts";
import { CheckLog } from "../verify/checks.ts";
import { DEFAULT_REQUIREMENTS } from "../verify/requirements.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import { verifyBundle } from "../verify/verify-bundle.ts";
import { CODES_WITHOUT_LIE, EDGES, LIES, type VerificationCase } from "./lies.ts";
import { createVirtualSigstore } from "./virtual-sigstore.ts";

const sigstore = await createVirtualSigstore();

/** The code of the check that refuses, with its step, or "sound". */
function outcome(question: VerificationCase): string {
  const log = new CheckLog();
  try {
    verifyBundle(
      {
        bundle: parseBundle(question.bundle),
        artifact: digestedArtifact(question.artifact),
        trust: loadTrustMaterial(parseTrustedRoot(question.trustedRoot)),
        requirements:
          question.profile === "github" ? { ...DEFAULT_REQUIREMENTS, tlogEntries: 0, scts: 0 } : DEFAULT_REQUIREMENTS,
        raise: question.require,
        key: question.key,
        nowMs: question.nowMs,
        latestTimeMs: question.latestTimeMs,
      },
      log,
    );
    return "sound";
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return `${log.step}: ${error.code}`;
  }
}

describe("each lie is refused by its own check", () => {
  for (const { name, step, expectedCode, describe: what, make } of LIES) {
    test(`${name}: ${what}`, async () => {
      assert.equal(outcome(await make(sigstore)), step === "policy" ? "sound" : `${step}: ${expectedCode}`);
    });
  }
});

describe("each edge is sound", () => {
  for (const { name, describe: what, make } of EDGES) {
    test(`${name}: ${what}`, async () => {
      assert.equal(outcome(await make(sigstore)), "sound");
    });
  }
});

describe("the table", () => {
  test("names every case once", () => {
    const names = [...LIES, ...EDGES].map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  test("has a lie for every code of the verifier, but for those that say why not", () => {
    const told = new Set(LIES.map(({ expectedCode }) => expectedCode));
    const untold = VERIFICATION_ERROR_CODES.filter((code) => !told.has(code));
    assert.deepEqual(untold.sort(), [...CODES_WITHOUT_LIE.keys()].sort());
  });
});
