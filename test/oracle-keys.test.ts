/**
 * Keys of the others, and ours for them: every form that openssl, ssh-keygen and minisign write or read.
 *
 * An oracle that is absent is skipped with its name. What this machine's openssl cannot write (ML-DSA before 3.5) is skipped too.
 */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { algorithmByName } from "../src/crypto/algorithms.ts";
import { generatePrivateKey, type PrivateKey, type PrivateKeyKind } from "../src/crypto/private-key.ts";
import { parsePrivateKeyFile, readPrivateKey } from "../src/crypto/read-private-key.ts";
import { readPublicKey, readPublicKeyFile } from "../src/crypto/read-public-key.ts";
import { verifySignature } from "../src/crypto/verify.ts";
import { sealPrivateKeyPem, serializePrivateKeyPem, serializePublicKeyPem } from "../src/crypto/write-keys.ts";
import { base64Decode } from "../src/encoding/base64.ts";
import { utf8Decode, utf8Encode } from "../src/encoding/text.ts";
import { isSigstoreError } from "../src/errors.ts";
import { findProgram, ProgramFolder } from "./program.ts";

const PASSWORD = "correct horse";
const password = (): Uint8Array => utf8Encode(PASSWORD);
const wrong = (): Uint8Array => utf8Encode("wrong horse");

const openssl = findProgram("openssl", "OPENSSL");
const sshKeygen = findProgram("ssh-keygen", "SSH_KEYGEN");
const minisign = findProgram("minisign", "MINISIGN");
const absent = (name: string, program: string | undefined): string | false =>
  program === undefined ? `${name} is not on this machine's PATH` : false;

/** The key is the one whose public key the other program wrote, and its signatures are its own. */
async function sameKey(found: PrivateKey, publicKeyFile: Uint8Array): Promise<void> {
  const [publicKey] = readPublicKey(publicKeyFile);
  assert.deepEqual(found.publicKey.spki, publicKey?.spki);
}

async function opens(file: Uint8Array, publicKeyFile: Uint8Array, isEncrypted: boolean): Promise<void> {
  assert.equal(parsePrivateKeyFile(file).isEncrypted, isEncrypted);
  await sameKey(await readPrivateKey(file, { password }), publicKeyFile);
  if (!isEncrypted) return;
  await refuses(file, "password-required", undefined);
  await refuses(file, "password-wrong", wrong);
}

async function refuses(
  file: Uint8Array,
  code: Parameters<typeof isSigstoreError>[1],
  ask: (() => Uint8Array) | undefined,
): Promise<void> {
  await assert.rejects(readPrivateKey(file, { password: ask }), (error) => isSigstoreError(error, code));
}

describe("openssl", { skip: absent("openssl", openssl) }, () => {
  const folder = new ProgramFolder();
  after(() => folder.remove());
  const run = (...args: readonly string[]): string => folder.run(openssl ?? "", args);
  const made = new Map<string, Uint8Array>();

  /** `NAME.pem` (PKCS #8) and `NAME.pub` of each kind, made once. */
  function make(name: string, ...algorithm: readonly string[]): Uint8Array {
    if (!made.has(name)) {
      run("genpkey", ...algorithm, "-out", `${name}.pem`);
      run("pkey", "-in", `${name}.pem`, "-pubout", "-out", `${name}.pub`);
      made.set(name, folder.read(`${name}.pub`));
    }
    return made.get(name) ?? new Uint8Array(0);
  }

  const KINDS: readonly (readonly [string, readonly string[]])[] = [
    ["p256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]],
    ["p384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]],
    ["p521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]],
    ["ed25519", ["-algorithm", "ED25519"]],
    ["rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]],
  ];

  for (const [name, algorithm] of KINDS) {
    it(`${name}: PKCS #8 and SPKI, PEM and DER`, async () => {
      const publicKey = make(name, ...algorithm);
      await opens(folder.read(`${name}.pem`), publicKey, false);
      run("pkcs8", "-topk8", "-nocrypt", "-in", `${name}.pem`, "-outform", "DER", "-out", "key.der");
      await opens(folder.read("key.der"), publicKey, false);
      run("pkey", "-in", `${name}.pem`, "-pubout", "-outform", "DER", "-out", "pub.der");
      assert.deepEqual(readPublicKey(folder.read("pub.der"))[0]?.spki, readPublicKey(publicKey)[0]?.spki);
    });
  }

  const ENCRYPTIONS: readonly (readonly string[])[] = [
    ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"],
    ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA384"],
    ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256"],
    ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512", "-iter", "100000"],
    ["-v2", "des3"],
    ["-scrypt"],
    ["-v2", "aes-256-cbc", "-scrypt"],
  ];
  for (const options of ENCRYPTIONS) {
    it(`PKCS #8 encrypted: ${options.join(" ")}`, async () => {
      const publicKey = make("p256", ...(KINDS[0]?.[1] ?? []));
      for (const form of ["PEM", "DER"]) {
        const output = ["-passout", `pass:${PASSWORD}`, "-outform", form, "-out", "sealed"];
        run("pkcs8", "-topk8", "-in", "p256.pem", ...options, ...output);
        await opens(folder.read("sealed"), publicKey, true);
      }
    });
  }

  it("PKCS #8 by PBES1 is refused with the command that lifts it", async () => {
    make("p256", ...(KINDS[0]?.[1] ?? []));
    const options = ["-v1", "PBE-SHA1-3DES", "-passout", `pass:${PASSWORD}`];
    run("pkcs8", "-topk8", "-in", "p256.pem", ...options, "-out", "old");
    await assert.rejects(
      readPrivateKey(folder.read("old"), { password }),
      (error) => isSigstoreError(error, "key-encryption-invalid") && /openssl pkcs8/.test(error.hint ?? ""),
    );
  });

  for (const cipher of ["aes128", "aes192", "aes256", "des3"]) {
    it(`old encrypted PEM: ${cipher}`, async () => {
      const ec = make("p384", ...(KINDS[1]?.[1] ?? []));
      run("ec", "-in", "p384.pem", `-${cipher}`, "-passout", `pass:${PASSWORD}`, "-out", "ec.old");
      assert.match(utf8Decode(folder.read("ec.old")), /DEK-Info/);
      await opens(folder.read("ec.old"), ec, true);
      const rsa = make("rsa", ...(KINDS[4]?.[1] ?? []));
      run("rsa", "-in", "rsa.pem", "-traditional", `-${cipher}`, "-passout", `pass:${PASSWORD}`, "-out", "rsa.old");
      await opens(folder.read("rsa.old"), rsa, true);
    });
  }

  it("PKCS #1 and SEC 1, PEM and DER, public and private", async () => {
    const rsa = make("rsa", ...(KINDS[4]?.[1] ?? []));
    run("rsa", "-in", "rsa.pem", "-traditional", "-out", "rsa.pkcs1");
    await opens(folder.read("rsa.pkcs1"), rsa, false);
    run("rsa", "-in", "rsa.pem", "-traditional", "-outform", "DER", "-out", "rsa.der");
    await opens(folder.read("rsa.der"), rsa, false);
    for (const form of ["PEM", "DER"]) {
      run("rsa", "-in", "rsa.pem", "-RSAPublicKey_out", "-outform", form, "-out", "rsa.pub1");
      const found = readPublicKeyFile(folder.read("rsa.pub1"));
      assert.deepEqual([found.form, found.keys[0]?.publicKey.spki], ["pkcs1", readPublicKey(rsa)[0]?.spki]);
    }
    const ec = make("p521", ...(KINDS[2]?.[1] ?? []));
    for (const options of [[], ["-no_public"], ["-outform", "DER"]]) {
      run("ec", "-in", "p521.pem", ...options, "-out", "ec.sec1");
      await opens(folder.read("ec.sec1"), ec, false);
    }
  });

  it("SEC 1 with the curve in a block before it", async () => {
    run("ecparam", "-name", "prime256v1", "-genkey", "-out", "ecparam.pem");
    run("pkey", "-in", "ecparam.pem", "-pubout", "-out", "ecparam.pub");
    const text = utf8Decode(folder.read("ecparam.pem"));
    assert.match(text, /EC PARAMETERS[^]*EC PRIVATE KEY/);
    await opens(utf8Encode(text), folder.read("ecparam.pub"), false);
  });

  it("a curve of others, and one written out, are refused by name", async () => {
    run("ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", "k1.pem");
    await refuses(folder.read("k1.pem"), "key-unsupported", undefined);
    run("ecparam", "-name", "prime256v1", "-param_enc", "explicit", "-genkey", "-noout", "-out", "explicit.pem");
    await refuses(folder.read("explicit.pem"), "key-unsupported", undefined);
  });

  it("a certificate's key, and words for a certificate request and a PKCS #12 store", async () => {
    const publicKey = make("p256", ...(KINDS[0]?.[1] ?? []));
    run("req", "-x509", "-key", "p256.pem", "-subj", "/CN=test", "-days", "1", "-out", "cert.pem");
    const found = readPublicKeyFile(folder.read("cert.pem"));
    assert.deepEqual([found.form, found.keys[0]?.publicKey.spki], ["certificate", readPublicKey(publicKey)[0]?.spki]);
    run("req", "-new", "-key", "p256.pem", "-subj", "/CN=test", "-out", "request.pem");
    run("req", "-in", "request.pem", "-outform", "DER", "-out", "request.der");
    for (const file of ["request.pem", "request.der"]) {
      const words = (error: unknown): boolean =>
        isSigstoreError(error, "key-unsupported") && /certificate request/.test(error.message);
      assert.throws(() => readPublicKey(folder.read(file)), words);
      assert.throws(() => parsePrivateKeyFile(folder.read(file)), words);
    }
    run("pkcs12", "-export", "-inkey", "p256.pem", "-in", "cert.pem", "-passout", "pass:x", "-out", "store.p12");
    assert.throws(
      () => parsePrivateKeyFile(folder.read("store.p12")),
      (error) => isSigstoreError(error, "key-unsupported") && /openssl pkcs12/.test(error.hint ?? ""),
    );
  });

  for (const kind of ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-2048"] as const) {
    it(`${kind}: reads what we write, in the clear and under a password`, async () => {
      const key = generatePrivateKey(kind);
      const expected = serializePublicKeyPem(key.publicKey);
      folder.write("ours.pem", serializePrivateKeyPem(key));
      assert.equal(run("pkey", "-in", "ours.pem", "-pubout"), expected);
      for (const derivation of ["pbkdf2", "scrypt"] as const) {
        folder.write("sealed.pem", await sealPrivateKeyPem(key, password(), derivation));
        assert.equal(run("pkey", "-in", "sealed.pem", "-passin", `pass:${PASSWORD}`, "-pubout"), expected);
      }
    });
  }
});

describe("ssh-keygen", { skip: absent("ssh-keygen", sshKeygen) }, () => {
  const folder = new ProgramFolder();
  after(() => folder.remove());
  const run = (...args: readonly string[]): string => folder.run(sshKeygen ?? "", args);

  /** `NAME` and `NAME.pub`. */
  function make(name: string, type: readonly string[], passphrase: string, ...options: readonly string[]): void {
    run("-q", "-t", ...type, "-N", passphrase, "-C", "joe@example.org", ...options, "-f", name);
  }

  const TYPES: readonly (readonly [string, readonly string[]])[] = [
    ["ed25519", ["ed25519"]],
    ["ecdsa256", ["ecdsa", "-b", "256"]],
    ["ecdsa384", ["ecdsa", "-b", "384"]],
    ["ecdsa521", ["ecdsa", "-b", "521"]],
    ["rsa", ["rsa", "-b", "2048"]],
  ];
  for (const [name, type] of TYPES) {
    it(`${name}: plain and encrypted, private and public`, async () => {
      make(name, type, "");
      const publicKey = folder.read(`${name}.pub`);
      await opens(folder.read(name), publicKey, false);
      run("-q", "-p", "-P", "", "-N", PASSWORD, "-a", "4", "-f", name);
      await opens(folder.read(name), publicKey, true);
      const { form, keys } = readPublicKeyFile(publicKey);
      assert.deepEqual([form, keys.map((key) => key.name)], ["openssh", ["joe@example.org"]]);
      assert.deepEqual(parsePrivateKeyFile(folder.read(name)).publicKey?.spki, keys[0]?.publicKey.spki);
      if (name === "ed25519") return;
      folder.write("as-spki", run("-e", "-m", "PKCS8", "-f", `${name}.pub`));
      assert.deepEqual(readPublicKey(folder.read("as-spki"))[0]?.spki, keys[0]?.publicKey.spki);
    });
  }

  const modes = [128, 192, 256].flatMap((bits) => [`aes${bits}-ctr`, `aes${bits}-cbc`]);
  const authenticated = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"];
  for (const cipher of [...modes, ...authenticated]) {
    it(`encrypted by ${cipher}`, async () => {
      const name = `cipher-${cipher}`;
      make(name, ["ed25519"], PASSWORD, "-Z", cipher, "-a", "3");
      await opens(folder.read(name), folder.read(`${name}.pub`), true);
    });
  }

  for (const form of ["PEM", "PKCS8"]) {
    it(`written as ${form}, plain and encrypted`, async () => {
      for (const [name, type] of TYPES.slice(1)) {
        for (const passphrase of ["", PASSWORD]) {
          const file = `${form}-${name}-${passphrase.length}`;
          make(file, type, passphrase, "-m", form);
          await opens(folder.read(file), folder.read(`${file}.pub`), passphrase !== "");
        }
      }
    });
  }

  for (const kind of [
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "rsa-2048",
  ] as const satisfies readonly PrivateKeyKind[]) {
    it(`${kind}: reads what we write`, async () => {
      const key = generatePrivateKey(kind);
      folder.write(`ours-${kind}`, await sealPrivateKeyPem(key, password()));
      const line = run("-y", "-P", PASSWORD, "-f", `ours-${kind}`);
      assert.deepEqual(readPublicKey(utf8Encode(line))[0]?.spki, key.publicKey.spki);
    });
  }

  it("a certificate is refused by name, and its key is told", () => {
    make("authority", ["ed25519"], "");
    make("user", ["ed25519"], "");
    run("-q", "-s", "authority", "-I", "joe", "user.pub");
    assert.throws(
      () => readPublicKey(folder.read("user-cert.pub")),
      (error) => isSigstoreError(error, "key-unsupported") && /certificate/.test(error.message),
    );
  });
});

describe("minisign", { skip: absent("minisign", minisign) }, () => {
  it("its public key verifies its signatures", () => {
    const folder = new ProgramFolder();
    try {
      const message = utf8Encode("signed by minisign\n");
      folder.write("message", message);
      folder.run(minisign ?? "", ["-G", "-W", "-p", "key.pub", "-s", "key.sec"]);
      folder.run(minisign ?? "", ["-S", "-l", "-s", "key.sec", "-m", "message", "-x", "signature"]);
      const { form, keys } = readPublicKeyFile(folder.read("key.pub"));
      const [key] = keys;
      assert.ok(key !== undefined);
      assert.equal(form, "minisign");
      assert.match(utf8Decode(folder.read("key.pub")), new RegExp(`minisign public key ${key.name}\n`));
      const signature = base64Decode(utf8Decode(folder.read("signature")).split("\n")[1] ?? "");
      assert.equal(
        verifySignature(key.publicKey, algorithmByName("PKIX_ED25519"), message, signature.subarray(10)),
        true,
      );
      assert.throws(
        () => parsePrivateKeyFile(folder.read("key.sec")),
        (error) => isSigstoreError(error, "key-invalid") && /minisign/.test(error.message),
      );
    } finally {
      folder.remove();
    }
  });
});
