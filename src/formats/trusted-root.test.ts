import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asTrustedRootV01, trustedRootV02 } from "../../test/arbitrary-formats.ts";
import { mutateJson } from "../../test/mutate-json.ts";
import { isSigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { KEY_DETAILS_NUMBERS } from "./key-details.ts";
import { parseTrustedRoot, serializeTrustedRoot, TRUSTED_ROOT_MEDIA_TYPES } from "./trusted-root.ts";

const VALID_FOR = { start: "2024-01-01T00:00:00Z", end: "2025-01-01T00:00:00Z" };
const LOG = {
  baseUrl: "https://rekor.example",
  hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: "AQID", keyDetails: "PKIX_ED25519", validFor: VALID_FOR },
  logId: { keyId: "BAUG" },
};
const AUTHORITY = {
  subject: { organization: "example", commonName: "ca" },
  uri: "https://fulcio.example",
  certChain: { certificates: [{ rawBytes: "AQID" }] },
  validFor: VALID_FOR,
};
const ROOT = {
  mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.1"],
  tlogs: [LOG],
  certificateAuthorities: [AUTHORITY],
  ctlogs: [LOG],
  timestampAuthorities: [AUTHORITY],
};

function refuses(root: unknown, message: string | RegExp, code: ErrorCode = "trusted-root-invalid"): void {
  assert.throws(() => parseTrustedRoot(JSON.stringify(root)), { name: "SigstoreError", code, message });
}

function withLog(changes: Record<string, unknown>): unknown {
  return { ...ROOT, tlogs: [LOG, { ...LOG, ...changes }] };
}

function withKey(changes: Record<string, unknown>): unknown {
  return withLog({ publicKey: { ...LOG.publicKey, ...changes } });
}

function withAuthority(changes: Record<string, unknown>): unknown {
  return { ...ROOT, timestampAuthorities: [{ ...AUTHORITY, ...changes }] };
}

describe("trusted roots", () => {
  it("are read back from what was written, in both versions", () => {
    fc.assert(
      fc.property(trustedRootV02, (root) => {
        assert.deepEqual(parseTrustedRoot(serializeTrustedRoot(root, "0.2")), root);
        assert.deepEqual(parseTrustedRoot(serializeTrustedRoot(root, "0.1")), asTrustedRootV01(root));
      }),
    );
  });

  it("are written as stock clients write them", () => {
    const text = JSON.stringify(ROOT);
    assert.equal(serializeTrustedRoot(parseTrustedRoot(text), "0.1"), text);
  });

  it("may lack lists, names and ends", () => {
    const empty = parseTrustedRoot(JSON.stringify({ mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.2"] }));
    assert.deepEqual(
      [empty.tlogs, empty.ctlogs, empty.certificateAuthorities, empty.timestampAuthorities],
      [[], [], [], []],
    );
    const bare = { certChain: AUTHORITY.certChain, validFor: { start: VALID_FOR.start, end: null } };
    const [authority] = parseTrustedRoot(
      JSON.stringify({ ...ROOT, timestampAuthorities: [bare] }),
    ).timestampAuthorities;
    assert.equal(authority?.uri, "");
    assert.equal(authority.commonName, "");
    assert.equal(authority.validFor.endMs, undefined);
  });

  it("may have ranges of a single moment", () => {
    const moment = { start: VALID_FOR.start, end: VALID_FOR.start };
    assert.doesNotThrow(() => parseTrustedRoot(JSON.stringify(withAuthority({ validFor: moment }))));
  });

  it("of other versions are refused", () => {
    for (const mediaType of [
      "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
      "application/vnd.dev.sigstore.trustedroot.v0.1+json",
      "application/vnd.dev.sigstore.trustedroot.v0.3+json",
    ]) {
      refuses({ ...ROOT, mediaType }, /^mediaType: expected .* or .*, got "/, "trusted-root-version-unsupported");
    }
    const { mediaType: _, ...others } = ROOT;
    refuses(others, "mediaType: expected a string, got nothing");
  });

  it("without a start are refused whole, by the name of the entry", () => {
    const missing = "expected a time, got nothing";
    refuses(withKey({ validFor: { end: VALID_FOR.end } }), `tlogs[1].publicKey.validFor.start: ${missing}`);
    refuses(withKey({ validFor: {} }), `tlogs[1].publicKey.validFor.start: ${missing}`);
    refuses(withKey({ validFor: null }), "tlogs[1].publicKey.validFor: expected an object, got nothing");
    refuses(withAuthority({ validFor: {} }), `timestampAuthorities[0].validFor.start: ${missing}`);
    refuses(
      { ...ROOT, ctlogs: [{ ...LOG, publicKey: { ...LOG.publicKey, validFor: {} } }] },
      /^ctlogs\[0\]\.publicKey\.validFor\.start: /,
    );
    refuses(
      { ...ROOT, certificateAuthorities: [{ ...AUTHORITY, validFor: null }] },
      /^certificateAuthorities\[0\]\.validFor: /,
    );
  });

  it("with ranges that end before they start, or with times that are none, are refused", () => {
    refuses(
      withKey({ validFor: { start: VALID_FOR.end, end: VALID_FOR.start } }),
      "tlogs[1].publicKey.validFor.end: expected a time not before 2025-01-01T00:00:00Z, got 2024-01-01T00:00:00Z",
    );
    refuses(
      withKey({ validFor: { start: "2024" } }),
      /^tlogs\[1\]\.publicKey\.validFor\.start: expected an RFC 3339 time .*, got "2024"$/,
    );
    refuses(withKey({ validFor: { start: 5 } }), "tlogs[1].publicKey.validFor.start: expected an RFC 3339 time, got 5");
  });

  it("with logs that lack hash algorithm, key, key's algorithm or id are refused", () => {
    refuses(withLog({ hashAlgorithm: "SHA2_512" }), 'tlogs[1].hashAlgorithm: expected SHA2_256, got "SHA2_512"');
    refuses(
      withLog({ hashAlgorithm: null }),
      'tlogs[1].hashAlgorithm: expected SHA2_256, got "HASH_ALGORITHM_UNSPECIFIED"',
    );
    refuses(withLog({ publicKey: null }), "tlogs[1].publicKey: expected an object, got nothing");
    refuses(withKey({ rawBytes: "" }), 'tlogs[1].publicKey.rawBytes: expected base64, got ""');
    refuses(withKey({ keyDetails: "RSA" }), /^tlogs\[1\]\.publicKey\.keyDetails: expected one of .*, got "RSA"$/);
    refuses(withKey({ keyDetails: null }), /^tlogs\[1\]\.publicKey\.keyDetails: expected a key's algorithm, got /);
    refuses(withLog({ logId: null }), "tlogs[1].logId: expected an object, got nothing");
    refuses(withLog({ logId: {} }), "tlogs[1].logId.keyId: expected base64, got nothing");
    const longId = { keyId: Buffer.alloc(65).toString("base64") };
    refuses(withLog({ logId: longId }), "tlogs[1].logId.keyId: expected at most 64 bytes, got 65");
    refuses(withLog({ checkpointKeyId: longId }), "tlogs[1].checkpointKeyId.keyId: expected at most 64 bytes, got 65");
    refuses(withLog({ checkpointKeyId: {} }), "tlogs[1].checkpointKeyId.keyId: expected base64, got nothing");
  });

  it("with authorities without certificates are refused", () => {
    const path = "timestampAuthorities[0].certChain";
    refuses(withAuthority({ certChain: null }), `${path}: expected an object, got nothing`);
    refuses(withAuthority({ certChain: {} }), `${path}.certificates: expected at least one certificate, got none`);
    refuses(
      withAuthority({ certChain: { certificates: [{}] } }),
      `${path}.certificates[0].rawBytes: expected base64, got nothing`,
    );
  });

  it("with unknown fields are refused", () => {
    refuses({ ...ROOT, x: 1 }, /^trusted root: .* got unknown field "x"$/);
    refuses(withKey({ x: 1 }), /^tlogs\[1\]\.publicKey: .* got unknown field "x"$/);
    refuses(
      withAuthority({ subject: { country: "DE" } }),
      /^timestampAuthorities\[0\]\.subject: .* got unknown field "country"$/,
    );
  });

  it("beyond the limits are refused", () => {
    const many = (count: number): unknown => ({ ...ROOT, tlogs: Array.from({ length: count }, () => LOG) });
    assert.doesNotThrow(() => parseTrustedRoot(JSON.stringify(many(LIMITS.trustedRootInstances))));
    refuses(many(LIMITS.trustedRootInstances + 1), "tlogs: expected at most 256 elements, got 257");
    const certificates = Array.from({ length: LIMITS.chainCertificates + 1 }, () => ({ rawBytes: "AQID" }));
    refuses(withAuthority({ certChain: { certificates } }), /certificates: expected at most 10 elements, got 11$/);
    const padded = JSON.stringify(ROOT) + " ".repeat(LIMITS.trustFileBytes);
    assert.throws(() => parseTrustedRoot(padded), { code: "input-too-large" });
  });

  it("give nothing but SigstoreErrors when changed in any one place", () => {
    for (const { change, text } of mutateJson({
      ...ROOT,
      tlogs: [{ ...LOG, operator: "o", checkpointKeyId: LOG.logId }],
    })) {
      try {
        parseTrustedRoot(text);
      } catch (error) {
        assert.ok(isSigstoreError(error), `${change}: ${String(error)}`);
      }
    }
  });
});

describe("key details", () => {
  it("have each name and number once", () => {
    assert.equal(new Set(KEY_DETAILS_NUMBERS.values()).size, KEY_DETAILS_NUMBERS.size);
  });

  it("may be given by number", () => {
    for (const [name, number] of [...KEY_DETAILS_NUMBERS].slice(1)) {
      const root = parseTrustedRoot(JSON.stringify(withKey({ keyDetails: number })));
      assert.equal(root.tlogs[1]?.keyDetails, name);
    }
  });
});
