/**
 * What registries and other programs' files say: manifests, indexes, lists of referrers, names of images, credentials.
 */
import { utf8Encode } from "../../../src/encoding/text.ts";
import { findStoredCredential, parseCredentialsFile } from "../../../src/formats/oci/credentials-file.ts";
import { formatImageReference, parseImageReference } from "../../../src/formats/oci/image-reference.ts";
import { parseOciDocument, parseReferrersAnswer, serializeOciDocument } from "../../../src/formats/oci/manifest.ts";
import { OCI_MEDIA_TYPE } from "../../../src/formats/oci/media-types.ts";
import type { FuzzTarget } from "../target.ts";
import { bytesTarget, textTarget } from "./parser-target.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const PLATFORM = { architecture: "arm", os: "linux", variant: "v7", "os.version": "1" };
const LAYER = { mediaType: OCI_MEDIA_TYPE.config, digest: DIGEST, size: 3, annotations: { b: "2", a: "1" } };
const SUBJECT = { mediaType: OCI_MEDIA_TYPE.manifest, digest: DIGEST, size: 4, platform: PLATFORM };
const COMMON = { schemaVersion: 2, subject: SUBJECT, annotations: { c: "d" }, artifactType: "application/x" };
const INDEX = { ...COMMON, mediaType: OCI_MEDIA_TYPE.index, manifests: [SUBJECT, { ...LAYER, artifactType: "a/b" }] };
const MANIFEST = { ...COMMON, mediaType: OCI_MEDIA_TYPE.manifest, config: LAYER, layers: [LAYER, LAYER] };
const DOCUMENTS = [
  MANIFEST,
  INDEX,
  { schemaVersion: 2, manifests: null },
  { ...INDEX, mediaType: OCI_MEDIA_TYPE.dockerIndex },
];
const CREDENTIALS = [
  { auths: { "ghcr.io": { auth: "cm9ib3Q6cGFzcw==" }, "ghcr.io/a": { identitytoken: "t" } }, credsStore: "store" },
  { credHelpers: { "ghcr.io": "helper" }, auths: { "ghcr.io": { username: "u", password: "p", registrytoken: "r" } } },
  { data: { ".dockerconfigjson": "eyJhdXRocyI6e319" } },
];
const NAMES = [
  "alpine",
  "docker.io/library/alpine:3",
  `localhost:5000/a/b:tag@${DIGEST}`,
  "[::1]:5000/a_b/c--d",
  `ghcr.io/a@sha512:${"cd".repeat(64)}`,
];

/** All targets of registries. */
export function ociTargets(): readonly FuzzTarget[] {
  return [
    bytesTarget("json", {
      name: "formats/oci-document",
      corpus: encoded(DOCUMENTS),
      read: (bytes) => parseOciDocument(bytes),
      again: (document) => [document, parseOciDocument(serializeOciDocument(document))],
    }),
    bytesTarget("json", { name: "formats/oci-referrers", corpus: encoded(DOCUMENTS), read: parseReferrersAnswer }),
    bytesTarget("json", {
      name: "formats/registry-credentials",
      corpus: encoded(CREDENTIALS),
      read: (bytes) => findStoredCredential(parseCredentialsFile(bytes, "auth.json"), "ghcr.io", "a/b"),
    }),
    textTarget({
      name: "formats/image-reference",
      corpus: NAMES,
      read: parseImageReference,
      again: (reference) => [reference, parseImageReference(formatImageReference(reference))],
    }),
  ];
}

function encoded(values: readonly unknown[]): readonly Uint8Array[] {
  return values.map((value) => utf8Encode(JSON.stringify(value)));
}
