/** What the public conformance cases hold of certificates, timestamps and CT log keys, each once. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { vectorsPath } from "./vectors-path.ts";

/** DER of everything found, keyed by nothing: each value stands once. */
export interface ConformanceMaterial {
  readonly certificates: readonly Uint8Array[];
  readonly timestamps: readonly Uint8Array[];
  /** SubjectPublicKeyInfo or PKCS#1 DER of CT logs. */
  readonly ctLogKeys: readonly Uint8Array[];
}

/** Reads every bundle and trusted root of the conformance cases; nothing when the vectors are absent. */
export function readConformanceMaterial(): ConformanceMaterial {
  const folder = vectorsPath("sigstore-conformance", "bundle-verify");
  const certificates = new Set<string>();
  const timestamps = new Set<string>();
  const ctLogKeys = new Set<string>();
  const collect = (value: unknown, path: string): void => {
    if (typeof value === "string") {
      if (/certificates?\.rawBytes$/i.test(path)) certificates.add(value);
      if (path.endsWith(".signedTimestamp")) timestamps.add(value);
      if (path.endsWith(".ctlogs.publicKey.rawBytes")) ctLogKeys.add(value);
    }
    if (Array.isArray(value)) for (const item of value) collect(item, path);
    else if (typeof value === "object" && value !== null)
      for (const [key, item] of Object.entries(value)) collect(item, `${path}.${key}`);
  };
  for (const file of folder === undefined ? [] : readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".json") && !file.includes("malformed"))
      collect(JSON.parse(readFileSync(join(folder ?? "", file), "utf8")), "");
  }
  const bytes = (texts: ReadonlySet<string>): Uint8Array[] =>
    [...texts].map((text) => Uint8Array.from(Buffer.from(text, "base64")));
  return { certificates: bytes(certificates), timestamps: bytes(timestamps), ctLogKeys: bytes(ctLogKeys) };
}
