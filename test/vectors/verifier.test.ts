/**
 * Every check of the verifier against bundles made for it: each lie fails its check alone, each edge passes right at it.
 *
 * The names of the tests are the list: check → case. A check without a lie fails the suite, unless it is listed with the
 * reason why none can be made.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { TestContext } from "node:test";
import { isSigstoreError, VERIFICATION_ERROR_CODES } from "../../src/errors.ts";
import { CODES_WITHOUT_LIE, EDGES, LIES } from "../../src/testing/lies.ts";
import type { CaseMaker, VerificationCase } from "../../src/testing/verification-case.ts";
import { createVirtualSigstore } from "../../src/testing/virtual-sigstore.ts";
import type { VirtualSigstore } from "../../src/testing/virtual-sigstore.ts";
import { judgeCase } from "./judge-case.ts";

/** False under `--conditions=browser`, with which the portable platform takes the place of Node's. */
const IS_NODE = !process.execArgv.includes("--conditions=browser");

let sigstore: VirtualSigstore;

/** The case, or nothing where this platform cannot sign it: portable cryptography makes no RSA signatures. */
async function made(make: CaseMaker, context: TestContext): Promise<VerificationCase | undefined> {
  try {
    return await make(sigstore);
  } catch (error) {
    if (IS_NODE || !isSigstoreError(error, "algorithm-unsupported")) throw error;
    context.skip(`cannot be made on the portable platform: ${error.message}`);
    return undefined;
  }
}

before(async () => {
  sigstore = await createVirtualSigstore();
});

describe("lies: each fails its check alone", () => {
  for (const lie of LIES) {
    it(`${lie.expectedCode} → ${lie.name}: ${lie.describe}`, async (context) => {
      const question = await made(lie.make, context);
      if (question === undefined) return;
      const result = judgeCase(question);
      assert.equal(result.verdict, "failed");
      assert.equal(result.failure?.code, lie.expectedCode, result.failure?.message);
      assert.equal(result.failure?.step, lie.step);
    });
  }
});

describe("edges: each passes right at its check", () => {
  for (const edge of EDGES) {
    it(`${edge.check} → ${edge.name}: ${edge.describe}`, async (context) => {
      const question = await made(edge.make, context);
      if (question === undefined) return;
      const result = judgeCase(question);
      assert.equal(result.verdict, "verified", `${result.failure?.code}: ${result.failure?.message}`);
    });
  }
});

describe("coverage", () => {
  it("every check has a lie, or a reason why none can be made", () => {
    const told = new Set<string>([...LIES.map(({ expectedCode }) => expectedCode), ...CODES_WITHOUT_LIE.keys()]);
    assert.deepEqual(
      VERIFICATION_ERROR_CODES.filter((code) => !told.has(code)),
      [],
    );
  });

  it("no two cases have the same name", () => {
    const names = [...LIES, ...EDGES].map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
});
