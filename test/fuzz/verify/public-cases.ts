/**
 * The public conformance cases that must verify, read from the vectors beside the checkout; none where those are absent.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePublicKeyPem } from "../../../src/formats/spki.ts";
import { findInstance } from "../../../src/policy/instances/instances.ts";
import { vectorsPath } from "../../vectors-path.ts";
import type { FuzzCase } from "./fuzz-case.ts";

const IDENTITY =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER = "https://token.actions.githubusercontent.com";
/** All cases were signed before. */
const NOW_MS = Date.parse("2026-11-01T00:00:00Z");

/** All happy cases, by name. */
export function publicCases(): readonly FuzzCase[] {
  const folder = vectorsPath("sigstore-conformance", "bundle-verify");
  if (folder === undefined) return [];
  const names = readdirSync(folder).filter(
    (name) => !name.endsWith("_fail") && existsSync(join(folder, name, "bundle.sigstore.json")),
  );
  return names.toSorted().map((name) => readCase(folder, name));
}

function readCase(folder: string, name: string): FuzzCase {
  const path = (file: string): string => join(folder, name, file);
  const artifact = existsSync(path("artifact")) ? path("artifact") : join(folder, "a.txt");
  const root = path("trusted_root.json");
  return {
    name: `public-${name}`,
    bundle: readFileSync(path("bundle.sigstore.json"), "utf8"),
    trustedRoot: existsSync(root) ? readFileSync(root, "utf8") : findInstance("public").trustedRoot,
    artifact: new Uint8Array(readFileSync(artifact)),
    signer: signerOf(path),
    nowMs: NOW_MS,
    // They are all about the same artifact; as lenders of single values they serve all the same.
    donors: [],
  };
}

function signerOf(path: (file: string) => string): FuzzCase["signer"] {
  if (existsSync(path("key.pub")))
    return { kind: "key", spki: parsePublicKeyPem(readFileSync(path("key.pub"), "utf8")) };
  const read = (file: string, otherwise: string): string =>
    existsSync(path(file)) ? readFileSync(path(file), "utf8").trim() : otherwise;
  return { kind: "identity", issuer: read("issuer", ISSUER), subject: read("identity", IDENTITY) };
}
