import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import { findInstance } from "../policy/instances/instances.ts";
import type { InstanceName } from "../policy/instances/instances.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { guessInstance } from "./signing-instance.ts";

const sigstore = await createVirtualSigstore({ seed: "signing instance" });
const { bundle } = await sigstore.signMessage(Uint8Array.of(1));

function withMaterial(change: Partial<Bundle["material"]>): Bundle {
  return { ...bundle, material: { ...bundle.material, ...change } };
}

function guess(of: Bundle): string | undefined {
  return guessInstance(of)?.instance;
}

test("a bundle of an instance that nobody knows", () => {
  assert.equal(guess(bundle), undefined);
});

test("an instance is known by its log", () => {
  for (const name of ["public", "staging"] satisfies InstanceName[]) {
    const [log] = parseTrustedRoot(findInstance(name).trustedRoot).tlogs;
    assert.ok(log !== undefined);
    const tlogEntries = bundle.material.tlogEntries.map((entry) => ({ ...entry, logId: log.logId }));
    assert.equal(guess(withMaterial({ tlogEntries })), name);
  }
});

test("and by the authority that its certificate names, whatever that is called", () => {
  for (const name of ["public", "staging", "github"] satisfies InstanceName[]) {
    const authorities = parseTrustedRoot(findInstance(name).trustedRoot).certificateAuthorities;
    // The intermediate certificate is issued by the root, as a leaf is by the intermediate.
    const certificates = authorities.map((authority) => authority.certificates[0]).filter((der) => der !== undefined);
    const last = certificates.at(-1);
    assert.ok(last !== undefined);
    const key = { kind: "certificate", certificates: [last], form: "certificate" } as const;
    assert.equal(guess(withMaterial({ key, tlogEntries: [] })), name);
  }
});

test("a certificate that cannot be read names nobody", () => {
  const key = { kind: "certificate", certificates: [Uint8Array.of(1)], form: "certificate" } as const;
  assert.equal(guess(withMaterial({ key, tlogEntries: [] })), undefined);
});
