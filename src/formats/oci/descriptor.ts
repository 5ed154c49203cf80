/**
 * Descriptors: what is pointed at, how long it is and what its digest is (OCI image specification 1.1, descriptor.md).
 *
 * Leaves out `urls`, which point outside the registry and which we never follow, and `data`, whose content is fetched like all other.
 */
import type { JsonObject } from "../../encoding/json.ts";
import { LIMITS } from "../../limits.ts";
import { isOciDigest } from "./digest.ts";
import type { OciDigest } from "./digest.ts";
import type { OciFields } from "./oci-fields.ts";
import { parsePlatformFields, serializePlatform } from "./platform.ts";
import type { Platform } from "./platform.ts";

/** Where content is, by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: OciDigest;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: ReadonlyMap<string, string>;
  /** Of an image in an index. */
  readonly platform?: Platform;
}

const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}(?:;[\x20-\x7e]{0,200})?$/;

/** The descriptor in `fields`. @throws SigstoreError `oci-invalid` */
export function parseDescriptor(fields: OciFields): Descriptor {
  const mediaType = fields.text("mediaType");
  // Cosign's old bundles carry a parameter: `application/vnd.dev.sigstore.bundle+json;version=0.2`.
  if (!MEDIA_TYPE.test(mediaType)) fields.refuse("mediaType", "a media type");
  const digest = fields.text("digest");
  if (!isOciDigest(digest)) return fields.refuse("digest", "a digest such as sha256: and 64 lower-case hex digits");
  const artifactType = fields.findText("artifactType");
  const annotations = fields.findTextMap("annotations");
  const platform = fields.find("platform");
  return {
    mediaType,
    digest,
    size: fields.size("size"),
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations }),
    ...(platform !== undefined && { platform: parsePlatformFields(platform) }),
  };
}

/** The descriptors in a field that must be there. */
export function parseDescriptors(fields: OciFields, name: string): readonly Descriptor[] {
  return fields.objects(name, LIMITS.ociDescriptors).map((one) => parseDescriptor(one));
}

/** The descriptor as JSON, its fields in the order of cosign's. */
export function serializeDescriptor(descriptor: Descriptor): JsonObject {
  const { mediaType, size, digest, annotations, platform, artifactType } = descriptor;
  return {
    mediaType,
    size,
    digest,
    ...(annotations !== undefined && annotations.size > 0 && { annotations: serializeAnnotations(annotations) }),
    ...(platform !== undefined && { platform: serializePlatform(platform) }),
    ...(artifactType !== undefined && { artifactType }),
  };
}

/** Annotations sorted by name, as Go writes them: the same annotations always have the same digest. */
export function serializeAnnotations(annotations: ReadonlyMap<string, string>): JsonObject {
  const sorted = [...annotations].sort(([left], [right]) => (left < right ? -1 : 1));
  // Without a prototype, so that `__proto__` is a name like any other.
  return Object.assign(Object.create(null) as JsonObject, Object.fromEntries(sorted));
}
