import assert from "node:assert/strict";
import { it } from "node:test";
import { isSigstoreError } from "../errors.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { pathOfTrustedLeaf, pathToAnchor } from "./authority-path.ts";
import { loadTrustMaterial } from "./trust.ts";

it("an end certificate whose path is known does not pass for an authority", async () => {
  const sigstore = await createVirtualSigstore({ seed: "paths" });
  const [authority] = loadTrustMaterial(sigstore.trustedRoot).timestampAuthorities;
  const [leaf] = authority?.certificates ?? [];
  assert.ok(authority !== undefined && leaf !== undefined);
  assert.equal(pathOfTrustedLeaf(authority, leaf, "timeStamping").length, 2);
  assert.throws(
    () => pathToAnchor(authority, leaf, "timeStamping"),
    (error) => isSigstoreError(error, "certificate-path-invalid"),
  );
});
