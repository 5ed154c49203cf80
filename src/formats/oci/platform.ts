/**
 * Platforms of images (OCI image specification 1.1, image-index.md), and how people write them: `linux/arm64/v8`.
 */
import type { JsonObject } from "../../encoding/json.ts";
import { SigstoreError } from "../../errors.ts";
import type { OciFields } from "./oci-fields.ts";

/** What an image runs on; names are Go's. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Of the processor, such as `v7`. */
  readonly variant?: string;
  /** Of Windows. */
  readonly osVersion?: string;
}

const WRITTEN = /^(?<os>[a-z0-9_]{1,40})\/(?<architecture>[a-z0-9_]{1,40})(?:\/(?<variant>[a-z0-9_.]{1,40}))?$/;

/** The platform that a person wrote. @throws SigstoreError `usage` */
export function parsePlatform(text: string): Platform {
  const { os, architecture, variant } = WRITTEN.exec(text)?.groups ?? {};
  if (os === undefined || architecture === undefined)
    throw new SigstoreError("usage", `expected a platform such as linux/amd64 or linux/arm/v7, got "${text}"`);
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** As people write it. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/** True when `found` is what `wanted` asks for: arm64 without a variant is v8, and no variant asked takes any. */
export function matchesPlatform(found: Platform, wanted: Platform): boolean {
  if (found.os !== wanted.os || found.architecture !== wanted.architecture) return false;
  return wanted.variant === undefined || variantOf(found) === wanted.variant;
}

function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant ?? (architecture === "arm64" ? "v8" : undefined);
}

/** The platform in a descriptor. @throws SigstoreError `oci-invalid` */
export function parsePlatformFields(fields: OciFields): Platform {
  const variant = fields.findText("variant");
  const osVersion = fields.findText("os.version");
  return {
    // Attestations that buildx hangs into an index say "unknown"; others say nothing.
    os: fields.findText("os") ?? "unknown",
    architecture: fields.findText("architecture") ?? "unknown",
    ...(variant !== undefined && { variant }),
    ...(osVersion !== undefined && { osVersion }),
  };
}

/** The platform as JSON. */
export function serializePlatform({ os, architecture, variant, osVersion }: Platform): JsonObject {
  return {
    architecture,
    os,
    ...(osVersion !== undefined && { "os.version": osVersion }),
    ...(variant !== undefined && { variant }),
  };
}
