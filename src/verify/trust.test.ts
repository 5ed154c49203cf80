import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TrustedRoot } from "../formats/trusted-root.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { countOperators, loadTrustMaterial, type TrustMaterial } from "./trust.ts";

const { trustedRoot } = await createVirtualSigstore({ seed: "operators", rekorV2Shards: 2, timestampAuthorities: 2 });

/** The trust with these operators, one after the other; the last for all that follow. */
function operatedBy(...operators: readonly string[]): TrustMaterial {
  const operated = <Instance extends { readonly operator: string }>(instances: readonly Instance[]): Instance[] =>
    instances.map((instance, index) => ({ ...instance, operator: operators[index] ?? operators.at(-1) ?? "" }));
  const { tlogs, timestampAuthorities } = trustedRoot;
  return loadTrustMaterial({
    ...trustedRoot,
    tlogs: operated(tlogs),
    timestampAuthorities: operated(timestampAuthorities),
  });
}

describe("who vouches counts once", () => {
  it("logs and authorities of one operator", () => {
    const { tlogs, timestampAuthorities } = operatedBy("sigstore.test");
    assert.equal(tlogs.length, 3);
    assert.equal(countOperators(tlogs), 1);
    assert.equal(countOperators(timestampAuthorities), 1);
  });

  it("logs and authorities of different operators", () => {
    const { tlogs, timestampAuthorities } = operatedBy("one.test", "other.test");
    assert.equal(countOperators(tlogs), 2);
    assert.equal(countOperators(timestampAuthorities), 2);
  });

  it("logs by their ID and authorities by their address, where nobody says who operates them", () => {
    const { tlogs, timestampAuthorities } = operatedBy("");
    assert.equal(countOperators([...tlogs, ...tlogs]), 3);
    assert.equal(countOperators([...timestampAuthorities, ...timestampAuthorities]), 2);
  });

  it("an authority that is listed again under another name, for another range", () => {
    const [listed] = trustedRoot.timestampAuthorities;
    assert.ok(listed !== undefined);
    const root: TrustedRoot = {
      ...trustedRoot,
      timestampAuthorities: [listed, { ...listed, commonName: "another name" }].map((one) => ({
        ...one,
        operator: "",
      })),
    };
    assert.equal(countOperators(loadTrustMaterial(root).timestampAuthorities), 1);
  });

  it("authorities without address by their name", () => {
    const named = (commonName: string): TrustedRoot["timestampAuthorities"] =>
      trustedRoot.timestampAuthorities.slice(0, 1).map((one) => ({ ...one, operator: "", uri: "", commonName }));
    const root = { ...trustedRoot, timestampAuthorities: [...named("one"), ...named("two"), ...named("two")] };
    assert.equal(countOperators(loadTrustMaterial(root).timestampAuthorities), 2);
  });
});
