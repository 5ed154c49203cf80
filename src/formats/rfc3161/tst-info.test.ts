/** TSTInfo: written and read again, and malformed ones refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { der, TAG } from "../../encoding/der.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { OID } from "../x509/oids.ts";
import { parseTstInfo, serializeTstInfo, type TstInfoFields } from "./tst-info.ts";

const FIELDS: TstInfoFields = {
  policy: OID.sigstoreTimestampPolicy,
  messageImprint: { hashAlgorithm: OID.sha256, digest: new Uint8Array(32) },
  serialNumber: 5n,
  genTimeMs: Date.UTC(2024, 2, 19, 17, 26, 26),
};
const IMPRINT = der.sequence(der.sequence(der.oid(OID.sha256)), der.octetString(new Uint8Array(32)));

/** A TSTInfo of ready elements. */
function raw(parts: {
  version?: Uint8Array;
  imprint?: Uint8Array;
  serial?: Uint8Array;
  time?: Uint8Array;
  tail?: readonly Uint8Array[];
}): Uint8Array {
  const { version = der.integer(1), imprint = IMPRINT, serial = der.integer(5), tail = [] } = parts;
  return der.sequence(version, der.oid("1.2.3"), imprint, serial, parts.time ?? der.generalizedTime(0), ...tail);
}

function time(text: string): Uint8Array {
  return der.raw(TAG.generalizedTime, utf8Encode(text));
}

function refuses(bytes: Uint8Array): void {
  assert.throws(
    () => parseTstInfo(bytes),
    (error) => isSigstoreError(error, "timestamp-invalid"),
  );
}

describe("written and read again", () => {
  test("the least that it says", () => {
    const bytes = serializeTstInfo(FIELDS);
    assert.deepEqual(parseTstInfo(bytes), { ...FIELDS, raw: bytes, ordering: false, extensions: [] });
  });
  test("all that it may say", () => {
    const extensions = [{ oid: "1.2.3", critical: false, value: Uint8Array.of(1) }];
    const tsaName = der.explicit(4, der.sequence());
    const fields: TstInfoFields = { ...FIELDS, accuracyMs: 1_500, ordering: true, nonce: -7n, tsaName, extensions };
    const bytes = serializeTstInfo(fields);
    assert.deepEqual(parseTstInfo(bytes), { ...fields, raw: bytes });
  });
  test("octets of serial number and nonce are unsigned", () => {
    const parsed = parseTstInfo(
      serializeTstInfo({ ...FIELDS, serialNumber: Uint8Array.of(0xff), nonce: Uint8Array.of(0, 0x80) }),
    );
    assert.equal(parsed.serialNumber, 255n);
    assert.equal(parsed.nonce, 128n);
  });
  test("any of it", () => {
    const fields = fc.record(
      {
        policy: fc.constantFrom("1.2.3", OID.sigstoreTimestampPolicy),
        messageImprint: fc.record(
          {
            hashAlgorithm: fc.constantFrom(OID.sha256, OID.sha512),
            digest: fc.uint8Array({ minLength: 1, maxLength: 64 }),
          },
          { noNullPrototype: true },
        ),
        serialNumber: fc.bigInt({ min: -(1n << 159n), max: 1n << 160n }),
        genTimeMs: fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }),
        accuracyMs: fc.nat(),
        nonce: fc.bigInt({ min: -(1n << 63n), max: 1n << 64n }),
        ordering: fc.boolean(),
      },
      { requiredKeys: ["policy", "messageImprint", "serialNumber", "genTimeMs", "ordering"], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fields, (expected) => {
        const { raw: bytes, extensions, ...parsed } = parseTstInfo(serializeTstInfo(expected));
        assert.deepEqual(parsed, expected);
        assert.deepEqual(extensions, []);
        assert.ok(bytes.length > 0);
      }),
    );
  });
});

test("genTime with a fraction, cut to milliseconds", () => {
  assert.equal(parseTstInfo(raw({ time: time("19700101000001.0005Z") })).genTimeMs, 1000);
  assert.equal(parseTstInfo(raw({ time: time("19700101000001.123456789Z") })).genTimeMs, 1123);
  for (const text of [
    "19700101000001.0Z",
    "19700101000001.Z",
    "19700101000001.1234567891Z",
    "197001010000Z",
    "19700101000001",
    "19700230000000Z",
  ])
    refuses(raw({ time: time(text) }));
  refuses(raw({ time: der.time(0) }));
});

test("accuracy in seconds, milliseconds and microseconds", () => {
  const accuracy = (...parts: Uint8Array[]): number | undefined =>
    parseTstInfo(raw({ tail: [der.sequence(...parts)] })).accuracyMs;
  const thousandth = (number: number, ...octets: number[]): Uint8Array =>
    der.implicit(number, Uint8Array.from(octets), false);
  assert.equal(accuracy(der.integer(1)), 1000);
  assert.equal(accuracy(), 0);
  assert.equal(accuracy(der.integer(2), thousandth(0, 3, 0xe7), thousandth(1, 1)), 2999.001);
  for (const parts of [
    [thousandth(0, 0)],
    [thousandth(0, 3, 0xe8)],
    [thousandth(1, 1), thousandth(0, 1)],
    [der.integer(-1)],
    [der.null()],
  ]) {
    refuses(raw({ tail: [der.sequence(...parts)] }));
  }
  assert.throws(() => serializeTstInfo({ ...FIELDS, accuracyMs: 0.5 }), TypeError);
});

test("imprints: parameters absent or NULL, a digest", () => {
  const imprint = (algorithm: Uint8Array, digest: Uint8Array): Uint8Array =>
    raw({ imprint: der.sequence(algorithm, digest) });
  const digest = der.octetString(new Uint8Array(32));
  assert.equal(
    parseTstInfo(imprint(der.sequence(der.oid(OID.sha256), der.null()), digest)).messageImprint.hashAlgorithm,
    OID.sha256,
  );
  refuses(imprint(der.sequence(der.oid(OID.sha256), der.sequence()), digest));
  refuses(imprint(der.sequence(der.oid(OID.sha256)), der.octetString(new Uint8Array())));
  refuses(raw({ imprint: der.sequence(der.sequence(der.oid(OID.sha256)), digest, der.null()) }));
});

test("refused: other versions, FALSE written out, other order, numbers too large, something behind", () => {
  refuses(raw({ version: der.integer(2) }));
  refuses(raw({ tail: [der.boolean(false)] }));
  refuses(raw({ tail: [der.integer(1), der.boolean(true)] }));
  refuses(raw({ serial: der.integer(1n << 600n) }));
  refuses(raw({ tail: [der.integer(1n << 600n)] }));
  refuses(raw({ tail: [der.explicit(0, Uint8Array.of(...der.null(), ...der.null()))] }));
  refuses(raw({ tail: [der.implicit(1, new Uint8Array(), true)] }));
  refuses(raw({ tail: [der.null()] }));
  refuses(Uint8Array.of(...raw({}), 0));
  refuses(new Uint8Array());
});
