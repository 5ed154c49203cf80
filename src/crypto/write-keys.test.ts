/** Keys written are keys read: each kind in each form, on both platforms. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { platform } from "#platform";
import { utf8Encode } from "../encoding/text.ts";
import { exportPkcs8, generatePrivateKey, type PrivateKeyKind } from "./private-key.ts";
import { parsePrivateKeyFile, readPrivateKey } from "./read-private-key.ts";
import { readPublicKey } from "./read-public-key.ts";
import {
  sealCosignKey,
  sealPrivateKeyPem,
  serializePrivateJwk,
  serializePrivateKeyPem,
  serializePublicJwk,
  serializePublicKeyPem,
} from "./write-keys.ts";

const password = utf8Encode("correct horse");
const ask = { password: (): Uint8Array => password };
const kinds: readonly PrivateKeyKind[] = [
  ...(["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"] as const),
  ...(platform.name === "node" ? (["rsa-2048"] as const) : []),
];

for (const kind of kinds) {
  describe(kind, () => {
    const key = generatePrivateKey(kind);

    it("in the clear", async () => {
      for (const text of [serializePrivateKeyPem(key), serializePrivateJwk(key)])
        assert.deepEqual(exportPkcs8(await readPrivateKey(utf8Encode(text))), exportPkcs8(key));
    });

    it("its public key", () => {
      for (const text of [serializePublicKeyPem(key.publicKey), serializePublicJwk(key.publicKey)])
        assert.deepEqual(readPublicKey(utf8Encode(text))[0]?.spki, key.publicKey.spki);
    });
  });
}

describe("under a password", () => {
  const key = generatePrivateKey("ed25519");

  it("each form, and each sealing is another", async () => {
    const seal = {
      pkcs8: async () => sealPrivateKeyPem(key, password),
      "pkcs8 by scrypt": async () => sealPrivateKeyPem(key, password, "scrypt"),
      cosign: async () => sealCosignKey(key, password),
    };
    for (const [name, sealed] of Object.entries(seal)) {
      const text = await sealed();
      assert.equal(parsePrivateKeyFile(utf8Encode(text)).isEncrypted, true, name);
      assert.deepEqual(exportPkcs8(await readPrivateKey(utf8Encode(text), ask)), exportPkcs8(key), name);
      assert.notEqual(await sealed(), text);
    }
  });

  it("a text of any length is padded to whole blocks", async () => {
    // PKCS #8 of these is 54, 48 and 82 octets and more: with a rest and, at 48, without one.
    for (const kind of ["ml-dsa-44", "ed25519", "ecdsa-p256"] as const) {
      const one = generatePrivateKey(kind);
      const text = await sealPrivateKeyPem(one, password, "scrypt");
      assert.deepEqual(exportPkcs8(await readPrivateKey(utf8Encode(text), ask)), exportPkcs8(one));
    }
  });
});
