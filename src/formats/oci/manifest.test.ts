/** Manifests, indexes and what is in them: what is read, how it is written, and what could be read as two things. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { parseOciDigest, referrersTag } from "./digest.ts";
import { parseOciDocument, parseReferrersAnswer, serializeOciDocument } from "./manifest.ts";
import type { ImageManifest } from "./manifest.ts";
import { OCI_MEDIA_TYPE } from "./media-types.ts";
import { formatPlatform, matchesPlatform, parsePlatform } from "./platform.ts";

const DIGEST = parseOciDigest(`sha256:${"ab".repeat(32)}`);
const LAYER = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: DIGEST, size: 3 };
const MANIFEST = {
  schemaVersion: 2,
  mediaType: OCI_MEDIA_TYPE.manifest,
  config: { mediaType: OCI_MEDIA_TYPE.config, digest: DIGEST, size: 2 },
  layers: [LAYER],
};
const INDEX = {
  schemaVersion: 2,
  mediaType: OCI_MEDIA_TYPE.index,
  manifests: [{ ...LAYER, mediaType: MANIFEST.mediaType }],
};

function parse(value: unknown, expected?: string): ReturnType<typeof parseOciDocument> {
  return parseOciDocument(utf8Encode(JSON.stringify(value)), expected);
}

describe("manifests and indexes", () => {
  it("reads OCI's and Docker's", () => {
    assert.equal(parse(MANIFEST).kind, "manifest");
    assert.equal(parse({ ...MANIFEST, mediaType: OCI_MEDIA_TYPE.dockerManifest }).kind, "manifest");
    assert.equal(parse(INDEX).kind, "index");
    assert.equal(parse({ ...INDEX, mediaType: OCI_MEDIA_TYPE.dockerIndex }).kind, "index");
  });

  it("takes the type of elsewhere, or the shape, where the document does not say it", () => {
    const { mediaType: _, ...silent } = MANIFEST;
    assert.equal(parse(silent).mediaType, OCI_MEDIA_TYPE.manifest);
    assert.equal(parse(silent, OCI_MEDIA_TYPE.dockerManifest).mediaType, OCI_MEDIA_TYPE.dockerManifest);
    assert.throws(() => parse(silent, OCI_MEDIA_TYPE.index), { code: "oci-invalid" });
  });

  it("passes over fields that it does not know, in all places", () => {
    assert.equal(
      parse({ ...MANIFEST, later: [1], layers: [{ ...LAYER, urls: ["http://x"], data: "e30=" }] }).kind,
      "manifest",
    );
  });

  const refused: readonly (readonly [string, unknown, string?])[] = [
    ["layers in an index", { ...INDEX, layers: [] }],
    ["a config in an index", { ...INDEX, config: MANIFEST.config }],
    ["manifests in a manifest", { ...MANIFEST, manifests: [] }],
    ["another type than was said", MANIFEST, OCI_MEDIA_TYPE.dockerManifest],
    ["schema 1", { schemaVersion: 1, name: "x", fsLayers: [] }],
    ["no schema", {}],
    ["no config", { ...MANIFEST, config: undefined }],
    ["layers that are null", { ...MANIFEST, layers: null }],
    ["a negative size", { ...MANIFEST, layers: [{ ...LAYER, size: -1 }] }],
    ["half a size", { ...MANIFEST, layers: [{ ...LAYER, size: 1.5 }] }],
    ["a size as text", { ...MANIFEST, layers: [{ ...LAYER, size: "3" }] }],
    ["capital hex digits", { ...MANIFEST, layers: [{ ...LAYER, digest: DIGEST.toUpperCase() }] }],
    ["a digest that is a path", { ...MANIFEST, layers: [{ ...LAYER, digest: "sha256:../../../etc" }] }],
    ["a type with a line break", { ...MANIFEST, layers: [{ ...LAYER, mediaType: "a/b\r\nx: y" }] }],
    ["annotations that are numbers", { ...MANIFEST, annotations: { a: 1 } }],
    ["an unknown type", { ...MANIFEST, mediaType: "application/json" }],
    ["a list", []],
  ];
  for (const [what, value, expected] of refused)
    it(`refuses ${what}`, () => {
      assert.throws(() => parse(value, expected), { code: "oci-invalid" });
    });

  it("refuses a field that is there twice", () => {
    const text = `{"schemaVersion":2,"mediaType":"${OCI_MEDIA_TYPE.index}","manifests":[],"manifests":[]}`;
    assert.throws(() => parseOciDocument(utf8Encode(text)), { code: "json-invalid" });
  });

  it("writes the manifest of a bundle byte for byte as cosign does", () => {
    const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const manifest: ImageManifest = {
      kind: "manifest",
      mediaType: OCI_MEDIA_TYPE.manifest,
      config: { mediaType: OCI_MEDIA_TYPE.empty, size: 2, digest: DIGEST, artifactType: bundle },
      layers: [{ mediaType: bundle, size: 5, digest: DIGEST }],
      annotations: new Map([
        ["org.opencontainers.image.created", "2026-07-24T00:00:00Z"],
        ["dev.sigstore.bundle.content", "dsse-envelope"],
      ]),
      subject: { mediaType: OCI_MEDIA_TYPE.manifest, size: 9, digest: DIGEST },
      artifactType: bundle,
    };
    const bytes = serializeOciDocument(manifest);
    assert.equal(
      utf8Decode(bytes),
      `{"schemaVersion":2,"mediaType":"${OCI_MEDIA_TYPE.manifest}","config":{"mediaType":"${OCI_MEDIA_TYPE.empty}","size":2,` +
        `"digest":"${DIGEST}","artifactType":"${bundle}"},"layers":[{"mediaType":"${bundle}","size":5,"digest":"${DIGEST}"}],` +
        `"annotations":{"dev.sigstore.bundle.content":"dsse-envelope","org.opencontainers.image.created":"2026-07-24T00:00:00Z"},` +
        `"subject":{"mediaType":"${OCI_MEDIA_TYPE.manifest}","size":9,"digest":"${DIGEST}"},"artifactType":"${bundle}"}`,
    );
    assert.deepEqual(parseOciDocument(bytes), manifest);
  });
});

describe("lists of referrers", () => {
  it("takes null for none, and an index for what it holds", () => {
    assert.deepEqual(parseReferrersAnswer(utf8Encode('{"schemaVersion":2,"manifests":null}')), []);
    assert.equal(parseReferrersAnswer(utf8Encode(JSON.stringify(INDEX))).length, 1);
    assert.throws(() => parseReferrersAnswer(utf8Encode(JSON.stringify(MANIFEST))), { code: "oci-invalid" });
  });

  it("names the fallback tag", () => {
    assert.equal(referrersTag(DIGEST), `sha256-${"ab".repeat(32)}`);
    assert.equal(referrersTag(parseOciDigest(`sha512:${"cd".repeat(64)}`)), `sha512-${"cd".repeat(32)}`);
  });
});

describe("platforms", () => {
  it("reads what people write", () => {
    assert.deepEqual(parsePlatform("linux/arm/v7"), { os: "linux", architecture: "arm", variant: "v7" });
    assert.equal(formatPlatform(parsePlatform("linux/amd64")), "linux/amd64");
    for (const text of ["linux", "linux/", "Linux/amd64", "linux/a/b/c"])
      assert.throws(() => parsePlatform(text), { code: "usage" });
  });

  it("takes arm64 for v8, and any variant where none is asked for", () => {
    const arm64 = { os: "linux", architecture: "arm64" };
    assert.equal(matchesPlatform(arm64, parsePlatform("linux/arm64/v8")), true);
    assert.equal(matchesPlatform({ ...arm64, variant: "v8" }, arm64), true);
    assert.equal(matchesPlatform(arm64, parsePlatform("linux/arm64/v9")), false);
    assert.equal(matchesPlatform(arm64, parsePlatform("linux/arm")), false);
  });
});
