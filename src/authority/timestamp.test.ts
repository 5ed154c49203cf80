/** Timestamps: what they say, and that openssl believes them, asked by a request of its own. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openssl, opensslSkipReason } from "../../test/openssl.ts";
import type { SignatureAlgorithmName } from "../crypto/algorithms.ts";
import { digest } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import {
  parseSigningCertificateV2,
  parseTimestampRequest,
  parseTimestampResponse,
  type TimestampRequest,
  type TimestampToken,
} from "../formats/rfc3161.ts";
import { serializeDirectoryName } from "../formats/x509/general-name.ts";
import { OID } from "../formats/x509/oids.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import type { VirtualTimestampAuthority } from "../testing/virtual-timestamp-authority.ts";
import { DIGEST_OID } from "./algorithm-identifier.ts";
import { signTimestamp, type TimestampIssuance, timestampingAuthority } from "./timestamp.ts";

const MESSAGE = utf8Encode("a signature");
const SERIAL_NUMBER = new Uint8Array(20).fill(0x5a);

async function authorityBy(
  algorithm: SignatureAlgorithmName,
): Promise<{ readonly tsa: VirtualTimestampAuthority; readonly issuance: TimestampIssuance }> {
  const sigstore = await createVirtualSigstore({ seed: "timestamps", timestampAuthorityAlgorithm: algorithm });
  const [tsa] = sigstore.current.timestampAuthorities;
  assert.ok(tsa !== undefined);
  return { tsa, issuance: { serialNumber: SERIAL_NUMBER, genTimeMs: sigstore.nowMs, accuracyMs: 1000 } };
}

function requestFor(hash: "sha256" | "sha384" | "sha512", more: Partial<TimestampRequest> = {}): TimestampRequest {
  return {
    messageImprint: { hashAlgorithm: DIGEST_OID[hash], digest: digest(hash, MESSAGE) },
    certificatesWanted: false,
    extensions: [],
    ...more,
  };
}

function tokenOf(response: Uint8Array): TimestampToken {
  const { status, token } = parseTimestampResponse(response);
  assert.equal(status, 0);
  assert.ok(token !== undefined);
  return token;
}

const { tsa, issuance } = await authorityBy("PKIX_ECDSA_P256_SHA_256");

describe("a timestamp", () => {
  test("says what the original's say, and echoes imprint and nonce", async () => {
    const request = requestFor("sha384", { nonce: 0x1234_5678_9abc_def0n });
    const { tstInfo, signedData } = tokenOf(await signTimestamp(tsa.authority, request, issuance));
    assert.deepEqual(tstInfo.messageImprint, request.messageImprint);
    assert.equal(tstInfo.nonce, request.nonce);
    assert.equal(tstInfo.policy, "1.3.6.1.4.1.57264.2");
    assert.deepEqual([tstInfo.genTimeMs, tstInfo.accuracyMs, tstInfo.ordering], [issuance.genTimeMs, 1000, false]);
    assert.equal(tstInfo.serialNumber, BigInt(`0x${hexEncode(SERIAL_NUMBER)}`));
    assert.deepEqual(tstInfo.tsaName, serializeDirectoryName(tsa.authority.certificate.subject.raw));
    assert.deepEqual([signedData.version, signedData.contentType, signedData.certificates.length], [3, OID.tstInfo, 0]);
  });

  test("says another policy where one is asked for or set", async () => {
    const asked = tokenOf(
      await signTimestamp(tsa.authority, requestFor("sha256", { policy: "1.2.3.4" }), {
        ...issuance,
        defaultPolicy: "1.2.3.5",
      }),
    );
    const set = tokenOf(
      await signTimestamp(tsa.authority, requestFor("sha256"), { ...issuance, defaultPolicy: "1.2.3.5" }),
    );
    assert.deepEqual([asked.tstInfo.policy, set.tstInfo.policy], ["1.2.3.4", "1.2.3.5"]);
  });

  test("has the four signed attributes, and names its certificate by the request's hash", async () => {
    for (const hash of ["sha256", "sha384", "sha512"] as const) {
      const { signedData } = tokenOf(await signTimestamp(tsa.authority, requestFor(hash), issuance));
      const values = signedData.signerInfos[0]?.signedAttributes?.values ?? new Map<string, Uint8Array>();
      assert.deepEqual(
        [...values.keys()].sort(),
        [OID.contentType, OID.messageDigest, OID.signingCertificateV2, OID.signingTime].sort(),
      );
      const [certificateId] = parseSigningCertificateV2(values.get(OID.signingCertificateV2) ?? new Uint8Array(0));
      const { raw, issuer, serialNumber } = tsa.authority.certificate;
      assert.deepEqual(certificateId, {
        hashAlgorithm: DIGEST_OID[hash],
        hash: digest(hash, raw),
        issuerSerial: { issuer: issuer.raw, serialNumber },
      });
    }
  });

  test("carries certificates only where asked: its own, or the chain", async () => {
    const request = requestFor("sha256", { certificatesWanted: true });
    const alone = tokenOf(await signTimestamp(tsa.authority, request, issuance));
    const whole = tokenOf(await signTimestamp(tsa.authority, request, { ...issuance, certificates: "chain" }));
    assert.deepEqual(alone.signedData.certificates, [tsa.authority.certificate.raw]);
    assert.equal(whole.signedData.certificates.length, 2);
  });

  test("may be of a moment within a second; the signing time is the whole second", async () => {
    const { tstInfo } = tokenOf(
      await signTimestamp(tsa.authority, requestFor("sha256"), { ...issuance, genTimeMs: issuance.genTimeMs + 250 }),
    );
    assert.equal(tstInfo.genTimeMs, issuance.genTimeMs + 250);
  });
});

describe("openssl ts", { skip: opensslSkipReason }, () => {
  for (const algorithm of [
    "PKIX_ECDSA_P256_SHA_256",
    "PKIX_ECDSA_P384_SHA_384",
    "PKIX_ECDSA_P384_SHA_256",
    "PKIX_ECDSA_P521_SHA_512",
    "PKIX_RSA_PKCS1V15_2048_SHA256",
  ] as const) {
    test(`its request answered by ${algorithm} verifies`, async () => {
      const made = await authorityBy(algorithm);
      for (const hash of ["sha256", "sha384", "sha512"]) {
        for (const options of [["-cert"], [], ["-cert", "-tspolicy", "1.2.3.4"], ["-no_nonce"]]) {
          const query = Buffer.from(
            openssl(["ts", "-query", "-data", "message", `-${hash}`, ...options], { message: MESSAGE }, "latin1"),
            "latin1",
          );
          const response = await signTimestamp(made.tsa.authority, parseTimestampRequest(query), {
            ...made.issuance,
            certificates: "chain",
          });
          const [leaf, root] = made.tsa.instance.certificates.map((der) => serializePem("CERTIFICATE", der));
          const files = { query, response, leaf: leaf ?? "", root: root ?? "" };
          const args = [
            "ts",
            "-verify",
            "-queryfile",
            "query",
            "-in",
            "response",
            "-CAfile",
            "root",
            "-untrusted",
            "leaf",
          ];
          assert.match(openssl([...args, "-attime", `${made.issuance.genTimeMs / 1000}`], files), /Verification: OK/);
        }
      }
    });
  }
});

test("an Ed25519 authority signs with SHA-512 as RFC 8419 wants it", async () => {
  const made = await authorityBy("PKIX_ED25519");
  const { signedData } = tokenOf(await signTimestamp(made.tsa.authority, requestFor("sha256"), made.issuance));
  assert.equal(signedData.signerInfos[0]?.digestAlgorithm, OID.sha512);
});

test("an authority takes no other key than that of its certificate, and needs one", () => {
  assert.throws(() => timestampingAuthority([], tsa.authority.signer), TypeError);
  assert.throws(() => timestampingAuthority(tsa.instance.certificates.slice(1), tsa.authority.signer), TypeError);
});
