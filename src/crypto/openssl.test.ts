/**
 * Signatures of the openssl command, and ours for it: every scheme that it knows, over message and digest; P-384 and P-521 with SHA-256,
 * of which there are no public vectors.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { platform } from "#platform";
import { serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { parsePublicKeyPem } from "../formats/spki.ts";
import { algorithmByName, type SignatureAlgorithm, type SignatureAlgorithmName } from "./algorithms.ts";
import { digest } from "./digest.ts";
import { importPublicKey, type PublicKey } from "./keys.ts";
import { importPrivateKeyPem } from "./private-key.ts";
import { createSigner } from "./signer.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

const absent =
  spawnSync("openssl", ["version"]).status === 0 ? false : "the openssl command is absent: expected it on PATH";
const message = utf8Encode("signed by one, verified by the other\n");

interface Interop {
  readonly name: SignatureAlgorithmName;
  /** Arguments of `openssl genpkey`. */
  readonly key: readonly string[];
  /** Arguments of `openssl dgst` besides the hash, or undefined where `openssl pkeyutl -rawin` signs. */
  readonly signing: readonly string[] | undefined;
}

const ec = (curve: string): readonly string[] => ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`];
const rsa = (bits: number): readonly string[] => ["-algorithm", "RSA", "-pkeyopt", `rsa_keygen_bits:${bits}`];
const pss = (salt: string): readonly string[] => [
  "-sigopt",
  "rsa_padding_mode:pss",
  "-sigopt",
  `rsa_pss_saltlen:${salt}`,
];

const CASES: readonly Interop[] = [
  { name: "PKIX_ECDSA_P256_SHA_256", key: ec("P-256"), signing: [] },
  { name: "PKIX_ECDSA_P384_SHA_384", key: ec("P-384"), signing: [] },
  { name: "PKIX_ECDSA_P384_SHA_256", key: ec("P-384"), signing: [] },
  { name: "PKIX_ECDSA_P521_SHA_512", key: ec("P-521"), signing: [] },
  { name: "PKIX_ECDSA_P521_SHA_256", key: ec("P-521"), signing: [] },
  { name: "PKIX_RSA_PKCS1V15_2048_SHA256", key: rsa(2048), signing: [] },
  { name: "PKIX_RSA_PSS_2048_SHA256", key: rsa(2048), signing: pss("digest") },
  { name: "PKIX_RSA_PSS_3072_SHA256", key: rsa(3072), signing: pss("max") },
  { name: "PKIX_ED25519", key: ["-algorithm", "ED25519"], signing: undefined },
];

describe("openssl", { skip: absent }, () => {
  const folder = absent === false ? mkdtempSync(join(tmpdir(), "sigstore-openssl-")) : "";
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });
  const file = (name: string): string => join(folder, name);

  for (const { name, key, signing } of CASES) {
    const algorithm = algorithmByName(name);

    it(`${name}${signing?.includes("rsa_pss_saltlen:max") === true ? " with the longest salt" : ""}: its signature verifies here`, () => {
      openssl("genpkey", ...key, "-out", file("key.pem"));
      openssl("pkey", "-in", file("key.pem"), "-pubout", "-out", file("public.pem"));
      writeFileSync(file("message"), message);
      openssl(...signArguments(algorithm, signing));
      bothWays(
        importPublicKey(parsePublicKeyPem(readFileSync(file("public.pem"), "utf8"))),
        algorithm,
        readFileSync(file("signature")),
      );
    });

    const withoutKey =
      platform.name === "browser" && algorithm.keyType === "rsa" ? "browsers have no RSA private keys" : false;
    it(`${name}: it verifies ours`, { skip: withoutKey }, async () => {
      openssl("genpkey", ...key, "-out", file("key.pem"));
      const signer = createSigner(importPrivateKeyPem(readFileSync(file("key.pem"), "utf8")), algorithm);
      writeFileSync(file("public.pem"), serializePem("PUBLIC KEY", signer.publicKey.spki));
      writeFileSync(file("message"), message);
      const signatures = [await signer.sign(message)];
      if (signer.signDigest !== undefined && algorithm.hash !== undefined)
        signatures.push(await signer.signDigest(digest(algorithm.hash, message)));
      for (const signature of signatures) {
        writeFileSync(file("signature"), signature);
        openssl(...verifyArguments(algorithm, signing));
      }
    });
  }

  function signArguments({ hash }: SignatureAlgorithm, signing: Interop["signing"]): readonly string[] {
    if (signing === undefined)
      return [
        "pkeyutl",
        "-sign",
        "-rawin",
        "-inkey",
        file("key.pem"),
        "-in",
        file("message"),
        "-out",
        file("signature"),
      ];
    return ["dgst", `-${hash}`, ...signing, "-sign", file("key.pem"), "-out", file("signature"), file("message")];
  }

  function verifyArguments({ hash }: SignatureAlgorithm, signing: Interop["signing"]): readonly string[] {
    if (signing === undefined)
      return [
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        file("public.pem"),
        "-in",
        file("message"),
        "-sigfile",
        file("signature"),
      ];
    const padding = signing.length === 0 ? [] : ["-sigopt", "rsa_padding_mode:pss"];
    return [
      "dgst",
      `-${hash}`,
      ...padding,
      "-verify",
      file("public.pem"),
      "-signature",
      file("signature"),
      file("message"),
    ];
  }
});

function openssl(...commandLine: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync("openssl", commandLine, { encoding: "utf8" });
  assert.equal(status, 0, `openssl ${commandLine.join(" ")}\n${stdout}${stderr}`);
}

function bothWays(key: PublicKey, algorithm: SignatureAlgorithm, signature: Uint8Array): void {
  assert.equal(verifySignature(key, algorithm, message, signature), true);
  assert.equal(verifySignature(key, algorithm, message.subarray(1), signature), false);
  if (algorithm.hash === undefined) return;
  assert.equal(verifyDigestSignature(key, algorithm, digest(algorithm.hash, message), signature), true);
  assert.equal(verifyDigestSignature(key, algorithm, digest(algorithm.hash, message.subarray(1)), signature), false);
}
