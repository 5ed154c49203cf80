import assert from "node:assert/strict";
import { it } from "node:test";
import { utf8Encode } from "../encoding/text.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import { createVirtualSigstore, statementAbout } from "../testing/virtual-sigstore.ts";
import { digestsNeeded } from "./digests-needed.ts";

const ARTIFACT = utf8Encode("an artifact");
const sigstore = await createVirtualSigstore();

it("asks for SHA-256 alone where a P-256 key signed", async () => {
  const { json } = await sigstore.signMessage(ARTIFACT);
  assert.deepEqual(digestsNeeded(parseBundle(json)), { algorithms: ["sha256"], wholeMessage: false });
});

it("asks for the digest of the key's algorithm and of the compatible one", async () => {
  const { json } = await sigstore.signMessage(ARTIFACT, { algorithm: "PKIX_ECDSA_P384_SHA_384" });
  assert.deepEqual(digestsNeeded(parseBundle(json)).algorithms.toSorted(), ["sha256", "sha384"]);
});

it("asks for the whole message where an Ed25519 key may have signed it as it is", async () => {
  const { json } = await sigstore.signMessage(ARTIFACT, { algorithm: "PKIX_ED25519_PH" });
  assert.equal(digestsNeeded(parseBundle(json)).wholeMessage, true);
});

it("asks for the digests of a statement's subjects", async () => {
  const about = statementAbout(ARTIFACT);
  const digests = new Map([["sha512", "00".repeat(64)]]);
  const { json } = await sigstore.signStatement({ ...about, subjects: [{ name: "tool", digests }] });
  assert.deepEqual(digestsNeeded(parseBundle(json)).algorithms.toSorted(), ["sha256", "sha512"]);
});

it("asks for the digests of the key that the caller names", async () => {
  const { json, publicKey } = await sigstore.signMessage(ARTIFACT, {
    algorithm: "PKIX_ECDSA_P521_SHA_512",
    managedKey: { hint: "mine" },
  });
  assert.ok(digestsNeeded(parseBundle(json), { spki: publicKey }).algorithms.includes("sha512"));
});

it("asks for SHA-256 of what it does not understand", async () => {
  const { bundle } = await sigstore.signMessage(ARTIFACT);
  const certificates = [new Uint8Array([1, 2, 3])];
  const broken = {
    ...bundle,
    material: { ...bundle.material, key: { kind: "certificate", certificates, form: "certificate" } as const },
  };
  assert.deepEqual(digestsNeeded(broken), { algorithms: ["sha256"], wholeMessage: false });
});
