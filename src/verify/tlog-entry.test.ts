import assert from "node:assert/strict";
import { it } from "node:test";
import { parseBundle } from "../formats/bundle/bundle.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { hashLeaf } from "../tlog/merkle.ts";
import { CheckLog } from "./checks.ts";
import { verifyTlogEntries } from "./tlog-entry.ts";
import { loadTrustMaterial } from "./trust.ts";

it("a proof that leads to a root that no checkpoint signs is not told as one", async () => {
  const sigstore = await createVirtualSigstore({ seed: "proof without checkpoint" });
  const { json } = await sigstore.signMessage(new Uint8Array(3), {
    rekor: 1,
    bundleVersion: "0.1",
    hasProof: true,
    lies: {
      tlogEntry: (entry) => ({
        ...entry,
        inclusionProof: {
          logIndex: 0n,
          treeSize: 1n,
          rootHash: hashLeaf(entry.canonicalizedBody),
          hashes: [],
          checkpoint: undefined,
        },
      }),
    },
  });
  const { tlogEntries } = parseBundle(json).material;
  const [entry] = verifyTlogEntries(tlogEntries, loadTrustMaterial(sigstore.trustedRoot), new CheckLog());
  assert.equal(entry?.hasPromise, true);
  assert.equal(entry.hasProof, false);
});
