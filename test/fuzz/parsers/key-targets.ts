/**
 * Key files as hostile bytes: every form and notation, the containers of encrypted keys, and what lies inside them once decrypted.
 *
 * Deriving keys of passwords is left out: it costs by design what the file asks for, within limits.ts.
 */
import { importPublicKey } from "../../../src/crypto/keys.ts";
import { isEcdsaKeyType } from "../../../src/crypto/nist-curves.ts";
import { pemEncryptionOf } from "../../../src/crypto/pem-encryption.ts";
import {
  parseEcPrivateKey,
  parsePkcs8,
  parseRsaPrivateKey,
  serializeEcPrivateKey,
  serializePkcs8,
} from "../../../src/crypto/pkcs8.ts";
import type { PrivateKeyInfo } from "../../../src/crypto/pkcs8.ts";
import { privateKeyInfoOf, privateNumbersOf } from "../../../src/crypto/private-key-info.ts";
import { PrivateKey, privateKeyFromSeed } from "../../../src/crypto/private-key.ts";
import { parsePrivateKeyFile } from "../../../src/crypto/read-private-key.ts";
import { readPublicKeyFile } from "../../../src/crypto/read-public-key.ts";
import {
  serializePrivateJwk,
  serializePrivateKeyPem,
  serializePublicJwk,
  serializePublicKeyPem,
} from "../../../src/crypto/write-keys.ts";
import type { JsonObject } from "../../../src/encoding/json.ts";
import { parseJson } from "../../../src/encoding/json.ts";
import { parsePem, parsePemWithHeaders, serializePem } from "../../../src/encoding/pem.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import { parseCosignKey, serializeCosignKey } from "../../../src/formats/cosign-key.ts";
import { parseEncryptedPrivateKey, serializeEncryptedPrivateKey } from "../../../src/formats/encrypted-private-key.ts";
import { jwkOf, parsePrivateJwk, parsePublicJwk } from "../../../src/formats/jwk.ts";
import { parseKeyFile } from "../../../src/formats/key-file.ts";
import { parseMinisignPublicKey } from "../../../src/formats/minisign-key.ts";
import { parseOpenSshPrivateKey, parseOpenSshPrivatePart } from "../../../src/formats/openssh/private-key.ts";
import { parseOpenSshPublicKey, parseOpenSshPublicLine } from "../../../src/formats/openssh/public-key.ts";
import { isObject } from "../../../src/formats/proto-json.ts";
import { ENCRYPTED_SAMPLES, keySample, keySampleText, PLAIN_SAMPLES } from "../../key-samples.ts";
import type { FuzzTarget } from "../target.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, textTarget } from "./parser-target.ts";

const SEED = utf8Encode("fuzz keys");
const KEYS = (
  ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"] as const
).map((keyType) => privateKeyFromSeed(keyType, SEED));
const RSA_DER = bodyOf("rsa-pkcs1.pem");
const PBES2_KEYS = ["pbes2-sha1-aes128.pem", "pbes2-sha512-aes192.pem", "pbes2-scrypt.pem"].map(bodyOf);
const OPENSSH_KEYS = ["openssh.pem", "ed25519-openssh.pem", "rsa-openssh.pem", "openssh-aes256-gcm.pem"].map(bodyOf);
const LINES = keySampleText("lines.pub").trimEnd().split("\n");

/** All targets of key files. */
export function keyTargets(corpus: Corpus): readonly FuzzTarget[] {
  const files = [
    ...KEYS.flatMap((key) => [serializePrivateKeyPem(key), serializePrivateJwk(key)]).map(utf8Encode),
    ...[...PLAIN_SAMPLES, ...ENCRYPTED_SAMPLES, "rsa-pkcs1.pem", "rsa-openssh.pem"].map(keySample),
  ];
  const publicFiles = [
    ...KEYS.flatMap(({ publicKey }) => [serializePublicKeyPem(publicKey), serializePublicJwk(publicKey)]).map(
      utf8Encode,
    ),
    ...["rsa.pub", "lines.pub", "minisign.pub", "certificate.pem"].map(keySample),
    ...corpus.certificates.slice(0, 3).map((der) => utf8Encode(serializePem("CERTIFICATE", der))),
  ];
  return [...fileTargets(files, publicFiles), ...containerTargets(), ...insideTargets(), ...jwkTargets()];
}

function fileTargets(files: readonly Uint8Array[], publicFiles: readonly Uint8Array[]): readonly FuzzTarget[] {
  const all = [...files, ...publicFiles];
  return [
    bytesTarget("bytes", { name: "formats/key-file", corpus: [...all, RSA_DER], read: parseKeyFile }),
    bytesTarget("der", {
      name: "formats/key-file-der",
      corpus: [RSA_DER, ...KEYS.map((key) => serializePkcs8(infoOf(key)))],
      read: parseKeyFile,
    }),
    bytesTarget("bytes", {
      name: "crypto/private-key-file",
      corpus: files,
      read: (bytes) => parsePrivateKeyFile(bytes).isEncrypted,
    }),
    bytesTarget("bytes", {
      name: "crypto/public-key-file",
      corpus: publicFiles,
      read: readPublicKeyFile,
      again: ({ keys }) => [
        keys.map(({ publicKey }) => publicKey.spki),
        keys.map(
          ({ publicKey }) => readPublicKeyFile(utf8Encode(serializePublicJwk(publicKey))).keys[0]?.publicKey.spki,
        ),
      ],
    }),
    textTarget({
      name: "encoding/pem-headers",
      corpus: ["old-aes256.pem", "rsa-pkcs1.pem"].map(keySampleText),
      read: (text) => parsePemWithHeaders(text).map((block) => pemEncryptionOf(block)),
    }),
  ];
}

function containerTargets(): readonly FuzzTarget[] {
  return [
    bytesTarget("der", {
      name: "formats/encrypted-private-key",
      corpus: PBES2_KEYS,
      read: parseEncryptedPrivateKey,
      again: (key) => [key, parseEncryptedPrivateKey(serializeEncryptedPrivateKey(key))],
    }),
    bytesTarget("json", {
      name: "formats/cosign-key",
      corpus: [bodyOf("cosign.key")],
      read: parseCosignKey,
      again: (key) => [key, parseCosignKey(onlyBlock(serializeCosignKey(key)))],
    }),
    bytesTarget("bytes", {
      name: "formats/openssh-private-key",
      corpus: OPENSSH_KEYS,
      read: parseOpenSshPrivateKey,
    }),
    bytesTarget("bytes", {
      name: "formats/openssh-private-part",
      corpus: OPENSSH_KEYS.slice(0, 3).map((bytes) => parseOpenSshPrivateKey(bytes).privatePart),
      read: (bytes) => {
        const part = parseOpenSshPrivatePart(bytes, 8);
        return part === undefined ? undefined : privateKeyInfoOf(part.numbers);
      },
      again: (info) => (info === undefined ? undefined : [info, privateKeyInfoOf(privateNumbersOf(info))]),
    }),
  ];
}

function insideTargets(): readonly FuzzTarget[] {
  const again = (info: PrivateKeyInfo): readonly [unknown, unknown] => [info, parsePkcs8(serializePkcs8(info))];
  return [
    bytesTarget("der", {
      name: "crypto/pkcs8",
      corpus: KEYS.map((key) => serializePkcs8(infoOf(key))),
      read: (bytes) => parsePkcs8(bytes),
      again,
    }),
    bytesTarget("der", { name: "crypto/pkcs1", corpus: [RSA_DER], read: parseRsaPrivateKey, again }),
    bytesTarget("der", {
      name: "crypto/sec1",
      corpus: KEYS.slice(0, 3).map(sec1Of),
      read: (bytes) => parseEcPrivateKey(bytes),
      again,
    }),
    bytesTarget("bytes", {
      name: "formats/openssh-public-key",
      corpus: LINES.map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64")),
      read: (bytes) => importPublicKey(parseOpenSshPublicKey(bytes)),
    }),
    textTarget({ name: "formats/openssh-public-line", corpus: LINES, read: parseOpenSshPublicLine }),
    textTarget({ name: "formats/minisign-key", corpus: [keySampleText("minisign.pub")], read: parseMinisignPublicKey }),
  ];
}

function jwkTargets(): readonly FuzzTarget[] {
  const privateKeys = KEYS.map(serializePrivateJwk).map(utf8Encode);
  const publicKeys = KEYS.map(({ publicKey }) => utf8Encode(serializePublicJwk(publicKey)));
  return [
    bytesTarget("json", {
      name: "formats/jwk-public",
      corpus: publicKeys,
      read: (bytes) => parsePublicJwk(objectOf(bytes)),
      again: (spki) => [spki, parsePublicJwk(jwkOf(spki))],
    }),
    bytesTarget("json", {
      name: "formats/jwk-private",
      corpus: [...privateKeys, rsaJwk()],
      read: (bytes) => privateKeyInfoOf(parsePrivateJwk(objectOf(bytes))),
      again: (info) => [info, privateKeyInfoOf(privateNumbersOf(info))],
    }),
  ];
}

function objectOf(bytes: Uint8Array): JsonObject {
  const value = parseJson(bytes);
  return isObject(value) ? value : {};
}

function rsaJwk(): Uint8Array {
  return utf8Encode(serializePrivateJwk(new PrivateKey(parseRsaPrivateKey(RSA_DER))));
}

function infoOf(key: PrivateKey): PrivateKeyInfo {
  return PrivateKey.parts(key).info;
}

function sec1Of(key: PrivateKey): Uint8Array {
  const info = infoOf(key);
  if (!isEcdsaKeyType(info.keyType)) throw new TypeError(`expected a key of ECDSA, got one of ${info.keyType}`);
  return serializeEcPrivateKey(info.keyType, info.secret, info.publicBytes);
}

function bodyOf(name: string): Uint8Array {
  return onlyBlock(keySampleText(name));
}

function onlyBlock(pem: string): Uint8Array {
  const [block] = parsePem(pem);
  if (block === undefined) throw new TypeError("expected a PEM block, got none");
  return block.bytes;
}
