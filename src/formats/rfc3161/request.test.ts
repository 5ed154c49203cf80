/** Timestamp requests: written and read again, and malformed ones refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { der } from "../../encoding/der.ts";
import { isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { OID } from "../x509/oids.ts";
import { parseTimestampRequest, serializeTimestampRequest } from "./request.ts";

const MESSAGE_IMPRINT = { hashAlgorithm: OID.sha256, digest: new Uint8Array(32) };
const IMPRINT = der.sequence(der.sequence(der.oid(OID.sha256)), der.octetString(new Uint8Array(32)));

function refuses(bytes: Uint8Array): void {
  assert.throws(
    () => parseTimestampRequest(bytes),
    (error) => isSigstoreError(error, "timestamp-invalid"),
  );
}

test("written and read again", () => {
  const extension = fc.record(
    { oid: fc.constant("1.2.3"), critical: fc.boolean(), value: fc.uint8Array({ maxLength: 9 }) },
    { noNullPrototype: true },
  );
  const request = fc.record(
    {
      messageImprint: fc.constant(MESSAGE_IMPRINT),
      policy: fc.constant("1.3.6.1.4.1.57264.2"),
      nonce: fc.bigInt({ min: -(1n << 63n), max: 1n << 64n }),
      certificatesWanted: fc.boolean(),
      extensions: fc.array(extension, { maxLength: 1 }),
    },
    { requiredKeys: ["messageImprint", "certificatesWanted", "extensions"], noNullPrototype: true },
  );
  fc.assert(
    fc.property(request, (expected) =>
      assert.deepEqual(parseTimestampRequest(serializeTimestampRequest(expected)), expected),
    ),
  );
});

test("octets of a nonce are unsigned", () => {
  const bytes = serializeTimestampRequest({
    messageImprint: MESSAGE_IMPRINT,
    nonce: Uint8Array.of(0xff, 0),
    certificatesWanted: false,
  });
  assert.equal(parseTimestampRequest(bytes).nonce, 0xff00n);
});

test("refused: other versions, FALSE written out, other order, large nonces, empty extensions, something behind", () => {
  refuses(der.sequence(der.integer(2), IMPRINT));
  refuses(der.sequence(der.integer(1), IMPRINT, der.boolean(false)));
  refuses(der.sequence(der.integer(1), IMPRINT, der.boolean(true), der.integer(1)));
  refuses(der.sequence(der.integer(1), IMPRINT, der.integer(1n << 600n)));
  refuses(der.sequence(der.integer(1), IMPRINT, der.implicit(0, new Uint8Array(), true)));
  refuses(der.sequence(der.integer(1), IMPRINT, der.null()));
  refuses(Uint8Array.of(...der.sequence(der.integer(1), IMPRINT), 0));
  refuses(der.sequence(der.integer(1)));
  refuses(new Uint8Array());
  assert.throws(
    () => parseTimestampRequest(new Uint8Array(LIMITS.timestampBytes + 1)),
    (error) => isSigstoreError(error, "input-too-large"),
  );
});
