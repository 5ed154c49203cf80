import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { tlogEntry } from "../../../test/arbitrary-formats.ts";
import { parseTlogEntry, serializeTlogEntry } from "./tlog-entry.ts";

describe("a lone tlog entry", () => {
  it("is read back from what was written", () => {
    fc.assert(
      fc.property(tlogEntry, (entry) => {
        assert.deepEqual(parseTlogEntry(JSON.stringify(serializeTlogEntry(entry))), entry);
      }),
    );
  });

  it("is read as Rekor v2 answers, with null for the promise", () => {
    const entry = parseTlogEntry(
      '{"logIndex":"5","logId":{"keyId":"AQID"},"kindVersion":{"kind":"hashedrekord","version":"0.0.2"},"integratedTime":"0",' +
        '"inclusionPromise":null,"inclusionProof":{"logIndex":"5","rootHash":"AQID","treeSize":"6","hashes":[],' +
        '"checkpoint":{"envelope":"o\\n"}},"canonicalizedBody":"AQID"}',
    );
    assert.equal(entry.inclusionPromise, undefined);
    assert.equal(entry.inclusionProof?.checkpoint, "o\n");
  });

  it("is refused with the path of the field, and told from a bundle", () => {
    assert.throws(() => parseTlogEntry('{"logId":{"keyId":"AQID"},"canonicalizedBody":"AQID"}'), {
      code: "bundle-invalid",
      message: "kindVersion: expected an object, got nothing",
    });
    const longId = Buffer.alloc(65).toString("base64");
    const kind = '"kindVersion":{"kind":"k","version":"v"}';
    assert.throws(() => parseTlogEntry(`{"logId":{"keyId":"${longId}"},${kind},"canonicalizedBody":"AQID"}`), {
      code: "bundle-invalid",
      message: "logId.keyId: expected at most 64 bytes, got 65",
    });
    assert.throws(() => parseTlogEntry('{"verificationMaterial":{}}'), {
      code: "bundle-invalid",
      message: "expected a lone tlog entry, as Rekor v2 answers, got a Sigstore bundle",
    });
  });
});
