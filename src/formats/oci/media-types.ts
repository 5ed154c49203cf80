/**
 * Media types of images and of what is kept beside them (OCI image specification 1.1, media-types.md; Docker image manifest
 * version 2, schema 2).
 *
 * Leaves out Docker's schema 1, which carries no digest of its configuration and which registries no longer take.
 */

/** Media types of manifests, indexes and configurations. */
export const OCI_MEDIA_TYPE = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  empty: "application/vnd.oci.empty.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
} as const;

/** Media types of what lists layers. */
export type ManifestMediaType = typeof OCI_MEDIA_TYPE.manifest | typeof OCI_MEDIA_TYPE.dockerManifest;
/** Media types of what lists manifests. */
export type IndexMediaType = typeof OCI_MEDIA_TYPE.index | typeof OCI_MEDIA_TYPE.dockerIndex;

/** All that a registry is asked for under `/manifests/`: some answer 404 when the type at hand is not among them. */
export const ACCEPTED_MANIFESTS = [
  OCI_MEDIA_TYPE.index,
  OCI_MEDIA_TYPE.manifest,
  OCI_MEDIA_TYPE.dockerIndex,
  OCI_MEDIA_TYPE.dockerManifest,
].join(", ");

/** True for a list of layers. */
export function isManifestMediaType(mediaType: string): mediaType is ManifestMediaType {
  return mediaType === OCI_MEDIA_TYPE.manifest || mediaType === OCI_MEDIA_TYPE.dockerManifest;
}

/** True for a list of manifests. */
export function isIndexMediaType(mediaType: string): mediaType is IndexMediaType {
  return mediaType === OCI_MEDIA_TYPE.index || mediaType === OCI_MEDIA_TYPE.dockerIndex;
}

/** The type in a Content-Type header, without parameters, in lower case (RFC 9110 §8.3.1); "" for none. */
export function bareMediaType(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
