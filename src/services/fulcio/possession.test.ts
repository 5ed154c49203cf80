/** Proofs that a client holds its key, and certification requests: good ones, and bad ones of every kind (pkg/challenges, grpc_server_test.go). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  clientSigner,
  csrBody,
  errorOf,
  handlerOf,
  keyBody,
  keys,
  leafOf,
  publicKeyPem,
  requestInfo,
  requestPem,
  send,
  signerOf,
  tokenOf,
} from "../../../test/fulcio-bench.ts";
import { openssl, opensslSkipReason } from "../../../test/openssl.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { der } from "../../encoding/der.ts";
import { parsePem, serializePem } from "../../encoding/pem.ts";
import { utf8Encode } from "../../encoding/text.ts";

const handler = handlerOf();
const token = await tokenOf({ email: "foo@example.com", email_verified: true });
const TEXT = {
  signature: "The signature supplied in the request could not be verified",
  publicKey: "The public key supplied in the request could not be parsed",
  insecureKey: "The public key supplied in the request is insecure",
  request: "The certificate signing request could not be parsed",
};

async function refused(body: unknown, message: string, reason: string, problem: RegExp = /./): Promise<void> {
  const error = errorOf(await send(handler, body, token));
  assert.deepEqual([error.status, error.code, error.message, error.reason], [400, 3, message, reason], error.problem);
  assert.match(error.problem, problem);
}

const SIGNERS = [
  "PKIX_ECDSA_P256_SHA_256",
  "PKIX_ECDSA_P384_SHA_384",
  "PKIX_ECDSA_P521_SHA_512",
  "PKIX_RSA_PKCS1V15_2048_SHA256",
  "PKIX_RSA_PKCS1V15_3072_SHA256",
  "PKIX_ED25519",
] as const;

describe("a key is certified", () => {
  for (const name of SIGNERS) {
    const signer = signerOf(name);
    test(`${name}, by signature and by request`, async () => {
      for (const body of [await keyBody("foo@example.com", signer), csrBody(await requestPem(signer))])
        assert.deepEqual(leafOf(await send(handler, body, token)).spki, signer.publicKey.spki);
    });
  }

  test("whichever of sub and email was signed", async () => {
    leafOf(await send(handler, await keyBody("subject-1"), token));
    leafOf(await send(handler, await keyBody("foo@example.com"), token));
  });

  test("as PKCS #1 in PEM too, and with text before the block", async () => {
    const signer = signerOf("PKIX_RSA_PKCS1V15_2048_SHA256");
    const { publicKeyRequest } = (await keyBody("subject-1", signer)) as { publicKeyRequest: Record<string, unknown> };
    for (const content of [
      serializePem("RSA PUBLIC KEY", signer.publicKey.keyBytes),
      `my key\n${publicKeyPem(signer)}`,
    ])
      leafOf(await send(handler, { publicKeyRequest: { ...publicKeyRequest, publicKey: { content } } }, token));
  });

  test("whose request openssl made", { skip: opensslSkipReason }, async () => {
    const key = openssl(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], {});
    const pem = openssl(["req", "-new", "-key", "key.pem", "-subj", "/CN=ignored/O=also"], { "key.pem": key });
    const spki = parsePem(openssl(["pkey", "-in", "key.pem", "-pubout"], { "key.pem": key }))[0]?.bytes;
    const leaf = leafOf(await send(handler, csrBody(pem), token));
    assert.deepEqual(leaf.spki, spki);
    assert.deepEqual(leaf.subject.raw, der.sequence());
  });
});

describe("a proof of possession is refused:", () => {
  test("over something else, with another key, broken, or none", async () => {
    const { publicKeyRequest } = (await keyBody("foo@example.com")) as { publicKeyRequest: Record<string, unknown> };
    const proof = async (bytes: Uint8Array): Promise<void> =>
      refused(
        { publicKeyRequest: { ...publicKeyRequest, proofOfPossession: base64Encode(bytes) } },
        TEXT.signature,
        "PROOF_INVALID",
        /"foo@example\.com" or "subject-1"/,
      );
    await refused(await keyBody("bar@example.com"), TEXT.signature, "PROOF_INVALID");
    await proof(await keys.signer("another", "PKIX_ECDSA_P256_SHA_256").sign(utf8Encode("foo@example.com")));
    await proof(new Uint8Array(0));
    await proof(new Uint8Array(100));
    await proof(Uint8Array.of(...(await clientSigner.sign(utf8Encode("foo@example.com"))), 0));
  });
});

describe("a public key is refused:", () => {
  const bodyOf = (content: string): unknown => ({
    publicKeyRequest: { publicKey: { content }, proofOfPossession: "AAAA" },
  });

  test("none, no PEM, another block, two blocks", async () => {
    for (const body of [
      {},
      { publicKeyRequest: {} },
      bodyOf(""),
      bodyOf("hello"),
      bodyOf(serializePem("CERTIFICATE", clientSigner.publicKey.spki)),
      bodyOf(publicKeyPem() + publicKeyPem()),
    ])
      await refused(body, TEXT.publicKey, "PUBLIC_KEY_INVALID");
  });

  test("malformed, or off its curve", async () => {
    const spki = clientSigner.publicKey.spki.slice();
    spki[spki.length - 1] = (spki.at(-1) ?? 0) ^ 1;
    await refused(bodyOf(serializePem("PUBLIC KEY", spki)), TEXT.publicKey, "PUBLIC_KEY_INVALID", /curve/);
    await refused(bodyOf(serializePem("PUBLIC KEY", spki.subarray(0, 40))), TEXT.publicKey, "PUBLIC_KEY_INVALID");
  });

  test("of another curve or an RSA key of another size or exponent", async () => {
    const p224 = der.sequence(
      der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.33")),
      der.bitString(new Uint8Array(57).fill(4)),
    );
    await refused(bodyOf(serializePem("PUBLIC KEY", p224)), TEXT.insecureKey, "PUBLIC_KEY_INSECURE", /P-256/);
    const rsa = (bytes: number, exponent: number): string => {
      const modulus = new Uint8Array(bytes).fill(0xff);
      return serializePem("RSA PUBLIC KEY", der.sequence(der.integer(modulus), der.integer(exponent)));
    };
    await refused(bodyOf(rsa(128, 65_537)), TEXT.insecureKey, "PUBLIC_KEY_INSECURE", /1024/);
    await refused(bodyOf(rsa(320, 65_537)), TEXT.insecureKey, "PUBLIC_KEY_INSECURE", /2560/);
    await refused(bodyOf(rsa(256, 3)), TEXT.insecureKey, "PUBLIC_KEY_INSECURE", /65537/);
  });
});

describe("a certification request is refused:", () => {
  test("no PEM, another block, no request inside, another version, two of them", async () => {
    const pem = await requestPem();
    const bytes = parsePem(pem)[0]?.bytes ?? new Uint8Array();
    const bad = [
      "hello",
      serializePem("CERTIFICATE", bytes),
      serializePem("CERTIFICATE REQUEST", bytes.subarray(0, -1)),
      serializePem("CERTIFICATE REQUEST", Uint8Array.of(...bytes, 0)),
      await requestPem(clientSigner, { info: requestInfo(clientSigner, 1) }),
      pem + pem,
    ];
    for (const one of bad) await refused(csrBody(one), TEXT.request, "CERTIFICATE_REQUEST_INVALID");
    await refused({ certificateSigningRequest: "" }, TEXT.request, "CERTIFICATE_REQUEST_INVALID");
  });

  test("every request cut off anywhere", async () => {
    const bytes = parsePem(await requestPem())[0]?.bytes ?? new Uint8Array();
    for (let length = 0; length < bytes.length; length++)
      assert.equal(
        (await send(handler, csrBody(serializePem("CERTIFICATE REQUEST", bytes.subarray(0, length))), token)).status,
        400,
      );
  });

  test("signed with another key, or changed afterwards", async () => {
    const other = keys.signer("another", "PKIX_ECDSA_P256_SHA_256");
    await refused(
      csrBody(await requestPem(clientSigner, { signedBy: other })),
      TEXT.signature,
      "CERTIFICATE_REQUEST_SIGNATURE_INVALID",
    );
    const bytes = parsePem(await requestPem())[0]?.bytes.slice() ?? new Uint8Array();
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await refused(
      csrBody(serializePem("CERTIFICATE REQUEST", bytes)),
      TEXT.signature,
      "CERTIFICATE_REQUEST_SIGNATURE_INVALID",
    );
  });

  test("P-384 with SHA-256: that pair is not permitted, in the original's words", async () => {
    const signer = signerOf("PKIX_ECDSA_P384_SHA_256");
    await refused(
      csrBody(await requestPem(signer)),
      "signing algorithm not permitted: *ecdsa.PublicKey, SHA-256",
      "ALGORITHM_NOT_PERMITTED",
      /ecdsa-p384 with sha256/,
    );
  });

  test("RSASSA-PSS is not recognized", { skip: opensslSkipReason }, async () => {
    const key = openssl(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], {});
    const pem = openssl(
      [
        "req",
        "-new",
        "-sha256",
        "-key",
        "key.pem",
        "-subj",
        "/CN=x",
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:32",
      ],
      { "key.pem": key },
    );
    await refused(csrBody(pem), "unrecognized signature algorithm: SHA256-RSAPSS", "ALGORITHM_NOT_PERMITTED");
  });

  test("SHA-1 is refused as a signature", { skip: opensslSkipReason }, async () => {
    const key = openssl(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], {});
    const pem = openssl(["req", "-new", "-sha1", "-key", "key.pem", "-subj", "/CN=x"], { "key.pem": key });
    await refused(csrBody(pem), TEXT.signature, "CERTIFICATE_REQUEST_SIGNATURE_INVALID");
  });
});

test("only the algorithms that are set are permitted", async () => {
  const narrow = handlerOf({ clientAlgorithms: ["ed25519"] });
  const error = errorOf(await send(narrow, await keyBody("subject-1"), token));
  assert.equal(error.message, "signing algorithm not permitted: *ecdsa.PublicKey, SHA-256");
  leafOf(await send(narrow, await keyBody("subject-1", signerOf("PKIX_ED25519")), token));
  const others = handlerOf({ clientAlgorithms: ["ecdsa-sha2-256-nistp256"] });
  const answer = errorOf(await send(others, await keyBody("subject-1", signerOf("PKIX_ED25519")), token));
  assert.equal(answer.message, "signing algorithm not permitted: ed25519.PublicKey, unknown hash value 0");
});
