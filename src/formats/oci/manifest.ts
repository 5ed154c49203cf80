/**
 * Manifests and indexes (OCI image specification 1.1, manifest.md and image-index.md; Docker's schema 2 and its lists).
 *
 * What a document is has to be said the same by its Content-Type, its `mediaType` and its shape: a document that could be
 * read as both kinds would be signed as one and run as the other (CVE-2021-41190). Leaves out Docker's schema 1.
 */
import { serializeJson } from "../../encoding/json-writer.ts";
import { parseJson } from "../../encoding/json.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { isObject } from "../proto-json.ts";
import { parseDescriptor, parseDescriptors, serializeAnnotations, serializeDescriptor } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import { isIndexMediaType, isManifestMediaType, OCI_MEDIA_TYPE } from "./media-types.ts";
import type { IndexMediaType, ManifestMediaType } from "./media-types.ts";
import { OciFields } from "./oci-fields.ts";

/** One image, or an artifact in the form of one. */
export interface ImageManifest {
  readonly kind: "manifest";
  readonly mediaType: ManifestMediaType;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** What this belongs to: then it is a referrer. */
  readonly subject?: Descriptor;
  readonly annotations?: ReadonlyMap<string, string>;
}

/** Several manifests: an image for several platforms, or a list of referrers. */
export interface ImageIndex {
  readonly kind: "index";
  readonly mediaType: IndexMediaType;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: ReadonlyMap<string, string>;
}

/** What lies under `/manifests/`. */
export type OciDocument = ImageManifest | ImageIndex;

/**
 * The document in `bytes`; `expectedMediaType` is what else was said of it (Content-Type, a descriptor), where it was said.
 *
 * @throws SigstoreError `oci-invalid`, `json-invalid`, `input-too-large`
 */
export function parseOciDocument(bytes: Uint8Array, expectedMediaType?: string): OciDocument {
  const fields = fieldsOf(bytes);
  const mediaType = mediaTypeOf(fields, expectedMediaType);
  const common = commonOf(fields);
  if (isIndexMediaType(mediaType)) {
    refuseOther(fields, mediaType, ["config", "layers"]);
    return { kind: "index", mediaType, ...common, manifests: parseDescriptors(fields, "manifests") };
  }
  refuseOther(fields, mediaType, ["manifests"]);
  const config = parseDescriptor(fields.object("config"));
  return { kind: "manifest", mediaType, ...common, config, layers: parseDescriptors(fields, "layers") };
}

/**
 * The entries of a list of referrers, as the referrers API answers it: an index, whose `manifests` some registries leave null.
 *
 * @throws SigstoreError as `parseOciDocument`
 */
export function parseReferrersAnswer(bytes: Uint8Array): readonly Descriptor[] {
  const fields = fieldsOf(bytes);
  const said = fields.findText("mediaType");
  if (said !== undefined && said !== OCI_MEDIA_TYPE.index) fields.refuse("mediaType", OCI_MEDIA_TYPE.index);
  refuseOther(fields, OCI_MEDIA_TYPE.index, ["config", "layers"]);
  return fields.has("manifests") ? parseDescriptors(fields, "manifests") : [];
}

/** The document as bytes: compact, fields in cosign's order, annotations sorted, so that the same always has the same digest. */
export function serializeOciDocument(document: OciDocument): Uint8Array {
  const { mediaType, annotations, subject, artifactType } = document;
  const content =
    document.kind === "index"
      ? { manifests: document.manifests.map((one) => serializeDescriptor(one)) }
      : {
          config: serializeDescriptor(document.config),
          layers: document.layers.map((one) => serializeDescriptor(one)),
        };
  const json = serializeJson({
    schemaVersion: 2,
    mediaType,
    ...content,
    ...(annotations !== undefined && annotations.size > 0 && { annotations: serializeAnnotations(annotations) }),
    ...(subject !== undefined && { subject: serializeDescriptor(subject) }),
    ...(artifactType !== undefined && { artifactType }),
  });
  return utf8Encode(json);
}

function fieldsOf(bytes: Uint8Array): OciFields {
  const value = parseJson(bytes, { maxBytes: LIMITS.manifestBytes });
  if (!isObject(value)) throw new SigstoreError("oci-invalid", "expected a manifest, got other JSON");
  const fields = new OciFields(value, "");
  // Schema 1 has other fields throughout.
  if (fields.size("schemaVersion") !== 2) fields.refuse("schemaVersion", "2");
  return fields;
}

function mediaTypeOf(fields: OciFields, expected: string | undefined): ManifestMediaType | IndexMediaType {
  // image-index.md: "This property SHOULD be used"; older writers leave it out, and then the Content-Type says it.
  const said = fields.findText("mediaType");
  if (said !== undefined && expected !== undefined && said !== expected)
    throw new SigstoreError("oci-invalid", `expected a document of type ${expected}, got one that says it is ${said}`);
  const mediaType = said ?? expected ?? guessOf(fields);
  if (isManifestMediaType(mediaType) || isIndexMediaType(mediaType)) return mediaType;
  throw new SigstoreError("oci-invalid", `expected a manifest or index of an image, got the media type ${mediaType}`);
}

function guessOf(fields: OciFields): string {
  return fields.has("manifests") ? OCI_MEDIA_TYPE.index : OCI_MEDIA_TYPE.manifest;
}

/** image-index.md: "Care must be taken to verify that" no fields of the other kind are there. */
function refuseOther(fields: OciFields, mediaType: string, names: readonly string[]): void {
  for (const name of names) if (fields.has(name)) fields.refuse(name, `no such field in ${mediaType}`);
}

function commonOf(fields: OciFields): Pick<ImageManifest, "artifactType" | "subject" | "annotations"> {
  const artifactType = fields.findText("artifactType");
  const subject = fields.find("subject");
  const annotations = fields.findTextMap("annotations");
  return {
    ...(artifactType !== undefined && { artifactType }),
    ...(subject !== undefined && { subject: parseDescriptor(subject) }),
    ...(annotations !== undefined && { annotations }),
  };
}
