/**
 * cosign's key files, both ways: stock cosign loads ours and signs with it, we load its own and what it imported.
 *
 * Skipped with a word where cosign is absent (COSIGN, PATH, or ../shared/peers/get cosign). Nothing here reaches the network.
 */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { algorithmByName, type SignatureAlgorithmName } from "../src/crypto/algorithms.ts";
import { generatePrivateKey, type PrivateKeyKind } from "../src/crypto/private-key.ts";
import { parsePrivateKeyFile, readPrivateKey } from "../src/crypto/read-private-key.ts";
import { readPublicKey } from "../src/crypto/read-public-key.ts";
import { verifySignature } from "../src/crypto/verify.ts";
import { sealCosignKey, serializePrivateKeyPem, serializePublicKeyPem } from "../src/crypto/write-keys.ts";
import { utf8Encode } from "../src/encoding/text.ts";
import { isSigstoreError } from "../src/errors.ts";
import { parseBundle } from "../src/formats/bundle/bundle.ts";
import { findProgram, ProgramFolder } from "./program.ts";

const cosign = findProgram("cosign", "COSIGN");
const MESSAGE = utf8Encode("signed by cosign with our key\n");

/** A signing config without services: nothing is asked of the network. */
const NO_SERVICES = JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" });

/** Kinds that cosign loads, and how it signs messages with them where no log is asked (with one, Ed25519 is prehashed). */
const KINDS: readonly (readonly [PrivateKeyKind, SignatureAlgorithmName])[] = [
  ["ecdsa-p256", "PKIX_ECDSA_P256_SHA_256"],
  ["ecdsa-p384", "PKIX_ECDSA_P384_SHA_384"],
  ["ecdsa-p521", "PKIX_ECDSA_P521_SHA_512"],
  ["rsa-2048", "PKIX_RSA_PKCS1V15_2048_SHA256"],
  ["ed25519", "PKIX_ED25519"],
];

describe("cosign", { skip: cosign === undefined ? "cosign is not on this machine's PATH" : false }, () => {
  const folder = new ProgramFolder();
  after(() => folder.remove());
  const run = (password: string, ...args: readonly string[]): string =>
    folder.run(cosign ?? "", args, { COSIGN_PASSWORD: password });

  function signWith(keyFile: string, password: string): Uint8Array {
    folder.write("message", MESSAGE);
    folder.write("config.json", NO_SERVICES);
    const options = ["--bundle", "bundle.json", "--signing-config", "config.json", "--yes"];
    run(password, "sign-blob", "--key", keyFile, ...options, "message");
    const { content } = parseBundle(folder.read("bundle.json"));
    assert.equal(content.kind, "messageSignature");
    return content.signature;
  }

  for (const [kind, name] of KINDS) {
    it(`${kind}: loads our key file and signs with it`, async () => {
      const key = generatePrivateKey(kind);
      folder.write("ours.key", await sealCosignKey(key, utf8Encode("hello")));
      assert.equal(run("hello", "public-key", "--key", "ours.key"), serializePublicKeyPem(key.publicKey));
      const signature = signWith("ours.key", "hello");
      assert.equal(verifySignature(key.publicKey, algorithmByName(name), MESSAGE, signature), true);
      assert.throws(() => run("other", "public-key", "--key", "ours.key"), /decrypt/);
    });
  }

  it("loads our key file under the empty password", async () => {
    const key = generatePrivateKey("ecdsa-p256");
    folder.write("empty.key", await sealCosignKey(key, new Uint8Array(0)));
    assert.equal(run("", "public-key", "--key", "empty.key"), serializePublicKeyPem(key.publicKey));
  });

  it("generates keys that we load", async () => {
    run("grüße", "generate-key-pair", "--output-key-prefix", "theirs");
    const file = folder.read("theirs.key");
    const { form, isEncrypted } = parsePrivateKeyFile(file);
    assert.deepEqual([form, isEncrypted], ["cosign", true]);
    const key = await readPrivateKey(file, { password: () => utf8Encode("grüße") });
    assert.deepEqual(readPublicKey(folder.read("theirs.pub"))[0]?.spki, key.publicKey.spki);
    await assert.rejects(readPrivateKey(file, { password: () => utf8Encode("Grüße") }), (error) =>
      isSigstoreError(error, "password-wrong"),
    );
  });

  for (const [kind] of KINDS) {
    it(`${kind}: imports our PKCS #8, and we load what came of it`, async () => {
      const key = generatePrivateKey(kind);
      folder.write(`${kind}.pem`, serializePrivateKeyPem(key));
      run("hello", "import-key-pair", "--key", `${kind}.pem`, "--output-key-prefix", `imported-${kind}`);
      const imported = await readPrivateKey(folder.read(`imported-${kind}.key`), {
        password: () => utf8Encode("hello"),
      });
      assert.deepEqual(imported.publicKey.spki, key.publicKey.spki);
    });
  }
});
