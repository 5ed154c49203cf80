import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { bundle as arbitraryBundle } from "../../../test/arbitrary-formats.ts";
import { mutateJson } from "../../../test/mutate-json.ts";
import { isSigstoreError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { BUNDLE_MEDIA_TYPES, BUNDLE_MEDIA_TYPE_V03, parseBundle, serializeBundle } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";

const B64 = "AQID";
const DIGEST = Buffer.alloc(32, 7).toString("base64");

/** A document of the newest form; tests change single members of it. */
function document(): Record<string, unknown> & { verificationMaterial: Record<string, unknown> } {
  return {
    mediaType: BUNDLE_MEDIA_TYPE_V03,
    verificationMaterial: {
      certificate: { rawBytes: B64 },
      tlogEntries: [tlogEntry()],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: B64 }] },
    },
    messageSignature: { messageDigest: { algorithm: "SHA2_256", digest: DIGEST }, signature: B64 },
  };
}

function tlogEntry(): Record<string, unknown> {
  return {
    logIndex: "735",
    logId: { keyId: B64 },
    kindVersion: { kind: "hashedrekord", version: "0.0.2" },
    integratedTime: "1766077479",
    inclusionPromise: { signedEntryTimestamp: B64 },
    inclusionProof: {
      logIndex: "7",
      rootHash: B64,
      treeSize: "8",
      hashes: [B64],
      checkpoint: { envelope: "origin\n8\nAQID\n\n\u2014 origin AQID\n" },
    },
    canonicalizedBody: B64,
  };
}

/** The document with `changes` in its verification material. */
function withMaterial(changes: Record<string, unknown>): unknown {
  const base = document();
  return { ...base, verificationMaterial: { ...base.verificationMaterial, ...changes } };
}

function withEntry(changes: Record<string, unknown>): unknown {
  return withMaterial({ tlogEntries: [{ ...tlogEntry(), ...changes }] });
}

function withoutMember(owner: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(owner).filter(([name]) => !names.includes(name)));
}

function parse(value: unknown): Bundle {
  return parseBundle(JSON.stringify(value));
}

function refuses(value: unknown, message: string | RegExp, code: ErrorCode = "bundle-invalid"): void {
  assert.throws(() => parse(value), { name: "SigstoreError", code, message });
}

describe("parseBundle and serializeBundle", () => {
  it("read back what was written", () => {
    fc.assert(
      fc.property(arbitraryBundle, (value) => {
        const text = serializeBundle(value);
        assert.deepEqual(parseBundle(text), value);
        assert.equal(serializeBundle(parseBundle(text)), text);
      }),
    );
  });

  it("write the conventions of v0.3, zeros and empty lists included", () => {
    const text = serializeBundle({
      mediaType: BUNDLE_MEDIA_TYPE_V03,
      version: "0.3",
      material: {
        key: { kind: "publicKey", hint: "" },
        tlogEntries: [
          {
            logIndex: 0n,
            logId: Uint8Array.of(1, 2, 3),
            kindVersion: { kind: "hashedrekord", version: "0.0.2" },
            integratedTimeSeconds: 0n,
            inclusionPromise: undefined,
            inclusionProof: {
              logIndex: 0n,
              rootHash: Uint8Array.of(1, 2, 3),
              treeSize: 1n,
              hashes: [],
              checkpoint: undefined,
            },
            canonicalizedBody: Uint8Array.of(1, 2, 3),
          },
        ],
        timestamps: [],
      },
      content: { kind: "messageSignature", messageDigest: undefined, signature: Uint8Array.of(1, 2, 3) },
    });
    assert.equal(
      text,
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":""},' +
        '"tlogEntries":[{"logIndex":"0","logId":{"keyId":"AQID"},"kindVersion":{"kind":"hashedrekord","version":"0.0.2"},' +
        '"integratedTime":"0","inclusionProof":{"logIndex":"0","rootHash":"AQID","treeSize":"1","hashes":[]},' +
        '"canonicalizedBody":"AQID"}],"timestampVerificationData":{"rfc3161Timestamps":[]}},' +
        '"messageSignature":{"signature":"AQID"}}',
    );
  });

  it("do not write several certificates under the name of one", () => {
    const sample = parse(document());
    const certificates = [Uint8Array.of(1), Uint8Array.of(2)];
    const key = { kind: "certificate", certificates, form: "certificate" } as const;
    assert.throws(() => serializeBundle({ ...sample, material: { ...sample.material, key } }), TypeError);
  });
});

describe("parseBundle accepts", () => {
  it("every media type, and tells its version", () => {
    assert.equal(BUNDLE_MEDIA_TYPES.size, 4);
    for (const [mediaType, version] of BUNDLE_MEDIA_TYPES) {
      assert.equal(parse({ ...document(), mediaType }).version, version);
    }
  });

  it("what proto3 JSON leaves out because it is the default", () => {
    const proof = { rootHash: B64, treeSize: "1" };
    const entry = {
      ...withoutMember(tlogEntry(), "logIndex", "integratedTime", "inclusionPromise"),
      inclusionProof: proof,
    };
    const [read] = parse(withMaterial({ tlogEntries: [entry] })).material.tlogEntries;
    assert.equal(read?.logIndex, 0n);
    assert.equal(read.integratedTimeSeconds, 0n);
    assert.equal(read.inclusionPromise, undefined);
    assert.deepEqual(read.inclusionProof?.hashes, []);
    assert.equal(read.inclusionProof?.logIndex, 0n);
    assert.equal(read.inclusionProof?.checkpoint, undefined);
  });

  it("a bundle without timestamps, entries, digest hint, and with null for absent", () => {
    const material = { certificate: { rawBytes: B64 }, publicKey: null };
    const read = parse({
      mediaType: BUNDLE_MEDIA_TYPE_V03,
      verificationMaterial: material,
      messageSignature: { signature: B64 },
      dsseEnvelope: null,
    });
    assert.deepEqual(read.material.tlogEntries, []);
    assert.deepEqual(read.material.timestamps, []);
    assert.deepEqual(read.content, {
      kind: "messageSignature",
      messageDigest: undefined,
      signature: Uint8Array.of(1, 2, 3),
    });
    assert.deepEqual(parse(withMaterial({ timestampVerificationData: {} })).material.timestamps, []);
    const empty = { ...document(), messageSignature: { messageDigest: {}, signature: B64 } };
    assert.deepEqual(parse(empty).content, read.content);
  });

  it("a certificate chain in any version, and an empty one: the verifier judges them", () => {
    const material = withoutMember(document().verificationMaterial, "certificate");
    for (const certificates of [[], [{ rawBytes: B64 }, { rawBytes: B64 }]]) {
      const read = parse({
        ...document(),
        verificationMaterial: { ...material, x509CertificateChain: { certificates } },
      });
      assert.equal(read.material.key.kind, "certificate");
      assert.equal(read.material.key.form, "x509CertificateChain");
      assert.equal(read.material.key.certificates.length, certificates.length);
    }
  });

  it("snake_case names, integers as numbers, enum numbers", () => {
    const read = parse({
      media_type: BUNDLE_MEDIA_TYPE_V03,
      verification_material: {
        x509_certificate_chain: { certificates: [{ raw_bytes: B64 }] },
        tlog_entries: [{ ...withoutMember(tlogEntry(), "logIndex"), log_index: Number.MAX_SAFE_INTEGER }],
        timestamp_verification_data: { rfc3161_timestamps: [{ signed_timestamp: B64 }] },
      },
      message_signature: { message_digest: { algorithm: 1, digest: DIGEST }, signature: B64 },
    });
    assert.equal(read.material.tlogEntries[0]?.logIndex, 9007199254740991n);
    assert.equal(read.content.kind === "messageSignature" && read.content.messageDigest?.algorithm, "sha256");
  });

  it("the largest int64, exactly", () => {
    const largest = (1n << 63n) - 1n;
    const [entry] = parse(withEntry({ logIndex: String(largest) })).material.tlogEntries;
    assert.equal(entry?.logIndex, largest);
    const text = JSON.stringify(withEntry({ logIndex: "?" })).replace('"?"', String(largest));
    assert.equal(parseBundle(text).material.tlogEntries[0]?.logIndex, largest);
  });

  it("base64 in lines, as Go's decoder does", () => {
    const read = parse(
      withMaterial({ timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: "AQ\r\nID\n" }] } }),
    );
    assert.deepEqual(read.material.timestamps, [Uint8Array.of(1, 2, 3)]);
  });

  it("an inclusion promise without bytes as a promise, which cannot hold", () => {
    assert.deepEqual(
      parse(withEntry({ inclusionPromise: {} })).material.tlogEntries[0]?.inclusionPromise,
      new Uint8Array(0),
    );
  });
});

describe("parseBundle refuses", () => {
  it("media types of other versions, and says which it knows", () => {
    for (const mediaType of [
      "application/vnd.dev.sigstore.bundle+json;version=0.4",
      "application/vnd.dev.sigstore.bundle+json;version=99.9",
      "application/vnd.dev.sigstore.bundle.v0.4+json",
      "application/vnd.dev.sigstore.bundle+json",
      "application/vnd.dev.sigstore.bundle.v0.3+json ",
      "APPLICATION/VND.DEV.SIGSTORE.BUNDLE.V0.3+JSON",
    ]) {
      refuses(
        { ...document(), mediaType },
        /^mediaType: expected one of .*v0\.3\+json, got "/,
        "bundle-version-unsupported",
      );
    }
    refuses({ ...document(), mediaType: "" }, 'mediaType: expected a string, got ""');
    refuses(withoutMember(document(), "mediaType"), "mediaType: expected a string, got nothing");
    refuses({ ...document(), mediaType: 3 }, "mediaType: expected a string, got 3");
  });

  it("both contents at once, and none", () => {
    const dsseEnvelope = { payload: B64, payloadType: "t", signatures: [{ sig: B64 }] };
    refuses(
      { ...document(), dsseEnvelope },
      "bundle: expected only one of messageSignature, dsseEnvelope, got messageSignature and dsseEnvelope",
    );
    refuses(
      withoutMember(document(), "messageSignature"),
      "bundle: expected one of messageSignature, dsseEnvelope, got none",
    );
  });

  it("two kinds of key material at once, and none", () => {
    refuses(
      withMaterial({ publicKey: { hint: "" } }),
      "verificationMaterial: expected only one of certificate, x509CertificateChain, publicKey, got certificate and publicKey",
    );
    refuses(
      withMaterial({ x509CertificateChain: { certificates: [] } }),
      /^verificationMaterial: expected only one of .*, got certificate and x509CertificateChain$/,
    );
    refuses(
      withMaterial({ certificate: null }),
      "verificationMaterial: expected one of certificate, x509CertificateChain, publicKey, got none",
    );
    refuses(withoutMember(document(), "verificationMaterial"), "verificationMaterial: expected an object, got nothing");
  });

  it("unknown fields at every depth, with their path", () => {
    refuses({ ...document(), x: 1 }, /^bundle: expected the fields mediaType, .*, got unknown field "x"$/);
    refuses(withMaterial({ y: 1 }), /^verificationMaterial: .* got unknown field "y"$/);
    refuses(withEntry({ z: 1 }), /^verificationMaterial\.tlogEntries\[0\]: .* got unknown field "z"$/);
    refuses(withMaterial({ publicKeyIdentifier: {} }), /got unknown field "publicKeyIdentifier"$/);
    const proto = JSON.stringify(document()).replace('"certificate":{', '"certificate":{"__proto__":1,');
    assert.throws(() => parseBundle(proto), {
      code: "bundle-invalid",
      message: 'verificationMaterial.certificate: expected the fields rawBytes, got unknown field "__proto__"',
    });
  });

  it("a field under both of its names", () => {
    refuses(
      { ...document(), media_type: BUNDLE_MEDIA_TYPE_V03 },
      "mediaType: expected the field once, got it as mediaType and as media_type",
    );
    refuses(withEntry({ log_index: "735" }), /tlogEntries\[0\]\.logIndex: expected the field once/);
  });

  const integers: readonly (readonly [unknown, string])[] = [
    [-1, "expected a non-negative integer, got -1"],
    ["-1", 'expected a non-negative integer, got "-1"'],
    ["-9223372036854775809", 'expected a non-negative integer, got "-9223372036854775809"'],
    ["9223372036854775808", 'expected an integer below 2^63, got "9223372036854775808"'],
    ["99999999999999999999", 'expected an integer below 2^63, got "99999999999999999999"'],
    ["999999999999999999999", 'expected an integer, got "999999999999999999999"'],
    [1.5, "expected an integer, got 1.5"],
    ["1.5", 'expected an integer, got "1.5"'],
    ["1e3", 'expected an integer, got "1e3"'],
    ["007", 'expected an integer, got "007"'],
    ["+7", 'expected an integer, got "+7"'],
    [" 7", 'expected an integer, got " 7"'],
    ["0x7", 'expected an integer, got "0x7"'],
    ["", 'expected an integer, got ""'],
    [true, "expected an integer, got true"],
    [{}, "expected an integer, got an object"],
    [[7], "expected an integer, got an array"],
    [1e300, "expected an integer, got 1e+300"],
  ];
  for (const [value, message] of integers) {
    it(`the index ${JSON.stringify(value)}`, () => {
      const path = "verificationMaterial.tlogEntries[0].logIndex";
      refuses(withEntry({ logIndex: value }), `${path}: ${message}`);
    });
  }

  it("negative times, sizes and proof indexes", () => {
    refuses(withEntry({ integratedTime: "-1" }), /tlogEntries\[0\]\.integratedTime: expected a non-negative integer/);
    for (const name of ["logIndex", "treeSize"]) {
      const inclusionProof = { rootHash: B64, treeSize: "1", [name]: "-1" };
      refuses(
        withEntry({ inclusionProof }),
        new RegExp(`\\.inclusionProof\\.${name}: expected a non-negative integer`),
      );
    }
  });

  it("base64 that is not canonical", () => {
    const path = "messageSignature.signature: expected canonical base64, got";
    for (const [signature, got] of [
      ["AQI", "a text of 3 characters"],
      ["AQJ=", "a last character with bits that stand for nothing"],
      ["AQ-_", '"-" at position 2'],
      ["AQ ID", '" " at position 2'],
      ["!", '"!" at position 0'],
    ]) {
      refuses({ ...document(), messageSignature: { signature } }, `${path} ${got}`);
    }
    refuses(
      { ...document(), messageSignature: { signature: 7 } },
      "messageSignature.signature: expected a base64 string, got 7",
    );
    refuses(
      { ...document(), messageSignature: { signature: "" } },
      'messageSignature.signature: expected base64, got ""',
    );
    refuses({ ...document(), messageSignature: {} }, "messageSignature.signature: expected base64, got nothing");
  });

  it("digests of unknown algorithms and wrong lengths", () => {
    const withDigest = (messageDigest: unknown): unknown => ({
      ...document(),
      messageSignature: { messageDigest, signature: B64 },
    });
    const algorithm = "messageSignature.messageDigest.algorithm: expected one of";
    refuses(
      withDigest({ algorithm: "SHA3_256", digest: DIGEST }),
      `${algorithm} SHA2_256, SHA2_384, SHA2_512, got "SHA3_256"`,
    );
    refuses(
      withDigest({ digest: DIGEST }),
      `${algorithm} SHA2_256, SHA2_384, SHA2_512, got "HASH_ALGORITHM_UNSPECIFIED"`,
    );
    for (const wrong of ["sha256", "SHA256", 6, -1, true]) {
      refuses(
        withDigest({ algorithm: wrong, digest: DIGEST }),
        /algorithm: expected one of HASH_ALGORITHM_UNSPECIFIED, SHA2_256, /,
      );
    }
    refuses(
      withDigest({ algorithm: "SHA2_512", digest: DIGEST }),
      "messageSignature.messageDigest.digest: expected 64 bytes of SHA2_512, got 32",
    );
    refuses(
      withDigest({ algorithm: "SHA2_256" }),
      "messageSignature.messageDigest.digest: expected base64, got nothing",
    );
  });

  it("entries that lack what every entry has", () => {
    for (const name of ["logId", "kindVersion", "canonicalizedBody"]) {
      const tlogEntries = [withoutMember(tlogEntry(), name)];
      refuses(withMaterial({ tlogEntries }), new RegExp(`tlogEntries\\[0\\]\\.${name}: expected .*, got nothing$`));
    }
    refuses(withEntry({ kindVersion: { kind: "dsse" } }), /kindVersion\.version: expected a string, got nothing$/);
    refuses(
      withEntry({ inclusionProof: { treeSize: "1" } }),
      /inclusionProof\.rootHash: expected base64, got nothing$/,
    );
    refuses(withMaterial({ tlogEntries: [null] }), "verificationMaterial.tlogEntries[0]: expected an object, got null");
    refuses(withMaterial({ tlogEntries: {} }), "verificationMaterial.tlogEntries: expected an array, got an object");
  });

  it("empty certificates and timestamps", () => {
    refuses(
      withMaterial({ certificate: {} }),
      "verificationMaterial.certificate.rawBytes: expected base64, got nothing",
    );
    const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: B64 }, {}] };
    refuses(
      withMaterial({ timestampVerificationData }),
      /rfc3161Timestamps\[1\]\.signedTimestamp: expected base64, got nothing$/,
    );
  });

  it("more than the limits allow", () => {
    const many = (count: number): string[] => Array.from({ length: count }, () => B64);
    const proof = (count: number): unknown =>
      withEntry({ inclusionProof: { rootHash: B64, treeSize: "1", hashes: many(count) } });
    assert.doesNotThrow(() => parse(proof(LIMITS.proofHashes)));
    refuses(proof(LIMITS.proofHashes + 1), /inclusionProof\.hashes: expected at most 64 elements, got 65$/);
    const chain = (count: number): unknown => ({
      ...document(),
      verificationMaterial: { x509CertificateChain: { certificates: many(count).map((rawBytes) => ({ rawBytes })) } },
    });
    assert.doesNotThrow(() => parse(chain(LIMITS.chainCertificates)));
    refuses(chain(LIMITS.chainCertificates + 1), /certificates: expected at most 10 elements, got 11$/);
    const timestamp = (length: number): unknown => {
      const signedTimestamp = Buffer.alloc(length, 1).toString("base64");
      return withMaterial({ timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp }] } });
    };
    assert.doesNotThrow(() => parse(timestamp(LIMITS.timestampBytes)));
    refuses(timestamp(LIMITS.timestampBytes + 1), /signedTimestamp: expected at most 65536 bytes, got 65537$/);
  });

  it("duplicate members, wherever they are", () => {
    const text = JSON.stringify(document()).replace('"logIndex":"735"', '"logIndex":"735","logIndex":"736"');
    assert.throws(() => parseBundle(text), {
      code: "json-invalid",
      message: /^a Sigstore bundle: .*got "logIndex" again$/,
    });
  });

  it("what follows the bundle", () => {
    assert.throws(() => parseBundle(`${JSON.stringify(document())} x`), { code: "json-invalid" });
    assert.doesNotThrow(() => parseBundle(`${JSON.stringify(document())}\n`));
  });
});

describe("parseBundle given hostile input", () => {
  it("returns or throws a SigstoreError, whatever single place of a bundle is changed", () => {
    const envelope = { payload: B64, payloadType: "t", signatures: [{ sig: B64, keyid: "k" }] };
    const samples = [document(), { ...withoutMember(document(), "messageSignature"), dsseEnvelope: envelope }];
    let refused = 0;
    for (const sample of samples) {
      for (const { change, text } of mutateJson(sample)) {
        try {
          parseBundle(text);
        } catch (error) {
          assert.ok(isSigstoreError(error), `${change}: ${String(error)}`);
          refused++;
        }
      }
    }
    assert.ok(refused > 500, `${refused}`);
  });

  it("keeps everything: a mutant that is read is written back to the same document", () => {
    for (const { change, text } of mutateJson(document())) {
      let read: Bundle;
      try {
        read = parseBundle(text);
      } catch (error) {
        assert.ok(isSigstoreError(error));
        continue;
      }
      assert.deepEqual(parseBundle(serializeBundle(read)), read, change);
    }
  });
});
