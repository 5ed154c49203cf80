/** Timestamp responses and tokens: written and read again, and malformed ones refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { der } from "../../encoding/der.ts";
import { type ErrorCode, isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { serializeSignedData } from "../cms.ts";
import { serializeName } from "../x509/name.ts";
import { OID } from "../x509/oids.ts";
import { parseTimestampResponse, parseTimestampToken, serializeTimestampResponse } from "./response.ts";
import { serializeTstInfo } from "./tst-info.ts";

const TST_INFO = serializeTstInfo({
  policy: "1.2.3",
  messageImprint: { hashAlgorithm: OID.sha256, digest: new Uint8Array(32) },
  serialNumber: 1n,
  genTimeMs: 0,
});

function token(contentType: string, content: Uint8Array | undefined): Uint8Array {
  const signerId = {
    kind: "issuerAndSerialNumber",
    issuer: serializeName([]),
    serialNumber: Uint8Array.of(1),
  } as const;
  const signer = {
    signerId,
    digestAlgorithm: der.sequence(der.oid(OID.sha256)),
    signatureAlgorithm: der.sequence(der.oid("1.2.3")),
    signature: new Uint8Array(1),
  };
  return serializeSignedData({
    contentType,
    certificates: [],
    signerInfos: [signer],
    ...(content === undefined ? {} : { content }),
  });
}

const TOKEN = token(OID.tstInfo, TST_INFO);

function refuses(bytes: Uint8Array, message: RegExp, code: ErrorCode = "timestamp-invalid"): void {
  assert.throws(
    () => parseTimestampResponse(bytes),
    (error) => {
      assert.ok(isSigstoreError(error, code), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

test("granted, with the token", () => {
  for (const status of [0, 1]) {
    const response = parseTimestampResponse(serializeTimestampResponse({ status, token: TOKEN }));
    assert.equal(response.status, status);
    assert.equal(response.statusText, undefined);
    assert.deepEqual(response.token?.tstInfo.raw, TST_INFO);
    assert.deepEqual(response.token?.signedData.raw, TOKEN);
  }
  assert.equal(parseTimestampToken(TOKEN).tstInfo.policy, "1.2.3");
});

test("refused by the authority, in its words", () => {
  assert.deepEqual(parseTimestampResponse(serializeTimestampResponse({ status: 2, statusText: "no time" })), {
    status: 2,
    statusText: "no time",
  });
  const failed = der.sequence(
    der.sequence(
      der.integer(2),
      der.sequence(der.utf8String("a"), der.utf8String("b")),
      der.bitString(Uint8Array.of(0x80), 7),
    ),
  );
  assert.deepEqual(parseTimestampResponse(failed), { status: 2, statusText: "a; b" });
});

test("refused: granted without a token, a token without being granted", () => {
  refuses(serializeTimestampResponse({ status: 0 }), /a token in a granted response/);
  refuses(serializeTimestampResponse({ status: 2, token: TOKEN }), /no token with status 2/);
});

test("refused: tokens around something else", () => {
  refuses(
    serializeTimestampResponse({ status: 0, token: token(OID.data, TST_INFO) }),
    /content of type 1\.2\.840\.113549\.1\.7\.1/,
  );
  refuses(serializeTimestampResponse({ status: 0, token: token(OID.tstInfo, undefined) }), /no content/);
  refuses(serializeTimestampResponse({ status: 0, token: token(OID.tstInfo, der.null()) }), /a TSTInfo/);
  refuses(serializeTimestampResponse({ status: 0, token: der.sequence(der.oid(OID.data)) }), /SignedData/);
});

test("refused: malformed status, something behind, too many bytes", () => {
  refuses(der.sequence(der.sequence(der.integer(-1))), /INTEGER/);
  refuses(der.sequence(der.sequence(der.integer(2), der.sequence())), /an element/);
  refuses(der.sequence(der.sequence(der.integer(2), der.null())), /bitString/);
  refuses(der.sequence(der.sequence(der.integer(0)), TOKEN, der.null()), /end of a DER value/);
  refuses(Uint8Array.of(...serializeTimestampResponse({ status: 0, token: TOKEN }), 0), /end of a DER value/);
  refuses(new Uint8Array(LIMITS.timestampBytes + 1), /at most/, "input-too-large");
  refuses(new Uint8Array(), /timestamp response/);
});

test("hostile bytes: a response or a SigstoreError", () => {
  const valid = serializeTimestampResponse({ status: 0, token: TOKEN });
  fc.assert(
    fc.property(
      fc.nat(valid.length - 1),
      fc.nat(255),
      fc.integer({ min: 0, max: valid.length }),
      (index, octet, length) => {
        const mutated = valid.slice(0, length);
        if (index < length) mutated[index] = octet;
        try {
          parseTimestampResponse(mutated);
        } catch (error) {
          assert.ok(isSigstoreError(error), String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
});
