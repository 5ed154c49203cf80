/** Every bundle, trusted root and entry body of the public conformance suite is read, and written back to the same value. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { base64Encode } from "../encoding/base64.ts";
import { canonicalizeJson } from "../encoding/canonical-json.ts";
import { parseJson } from "../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { parseBundle, serializeBundle } from "./bundle/bundle.ts";
import type { Bundle } from "./bundle/bundle.ts";
import { parseStatement } from "./in-toto.ts";
import {
  parseEntryBody,
  serializeDsse001,
  serializeDsse002,
  serializeHashedRekord001,
  serializeHashedRekord002,
  serializeIntoto002,
} from "./rekor/entry-body.ts";
import type { EntryBody } from "./rekor/entry-body.ts";
import { parseTrustedRoot, serializeTrustedRoot } from "./trusted-root.ts";

/** The files that are malformed on purpose, with the refusal that tells why. */
const MALFORMED_BUNDLES: Readonly<Record<string, readonly [ErrorCode, RegExp]>> = {
  "bundle-malformed-json_fail": ["json-invalid", /^a Sigstore bundle: expected a closing quote .*, got the end/],
  "bundle-invalid-base64-signature_fail": ["bundle-invalid", /^messageSignature\.signature: expected canonical base64/],
  "bundle-negative-log-index_fail": [
    "bundle-invalid",
    /^verificationMaterial\.tlogEntries\[0\]\.logIndex: expected a non-negative integer, got "-1"$/,
  ],
  "bundle-unknown-version_fail": ["bundle-version-unsupported", /^mediaType: expected one of .*, got ".*99\.9"$/],
};
const MALFORMED_ROOTS: Readonly<Record<string, readonly [ErrorCode, RegExp]>> = {
  "trust-root-tlog-missing-validity-start_fail": [
    "trusted-root-invalid",
    /^tlogs\[\d+\]\.publicKey\.validFor\.start: expected a time, got nothing$/,
  ],
};

/** Bundles that are sound as such, around an entry body that is not. */
const MALFORMED_BODIES: Readonly<Record<string, RegExp>> = {
  "bundle-empty-certificate-chain_fail": /^spec: expected an object, got nothing$/,
  // The other signature was put in by hand, in base64 once; Rekor v1 has it twice.
  "intoto-log-entry-mismatch_fail":
    /^spec\.content\.envelope\.signatures\[0\]\.sig: expected base64 within base64: expected text in UTF-8/,
};

const folder = vectorsPath("sigstore-conformance", "bundle-verify");
const skip = folder === undefined ? skipReason || "the conformance cases are absent from the vectors" : false;

function cases(file: string): { name: string; bytes: Uint8Array }[] {
  if (folder === undefined) return [];
  return readdirSync(folder)
    .map((name) => ({ name, path: join(folder, name, file) }))
    .filter(({ path }) => existsSync(path))
    .map(({ name, path }) => ({ name, bytes: new Uint8Array(readFileSync(path)) }));
}

function soundBundles(): { name: string; bundle: Bundle }[] {
  return cases("bundle.sigstore.json")
    .filter(({ name }) => !Object.hasOwn(MALFORMED_BUNDLES, name))
    .map(({ name, bytes }) => ({ name, bundle: parseBundle(bytes) }));
}

function entryBodies(): { name: string; body: Uint8Array }[] {
  return soundBundles().flatMap(({ name, bundle }) =>
    bundle.material.tlogEntries.map((entry) => ({ name, body: entry.canonicalizedBody })),
  );
}

function refuses(read: () => unknown, [code, message]: readonly [ErrorCode, RegExp]): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof SigstoreError);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

/** The body written anew. */
function rewrite(body: EntryBody): Uint8Array {
  switch (body.form) {
    case "hashedrekord-0.0.1":
      return serializeHashedRekord001(body);
    case "hashedrekord-0.0.2":
      return serializeHashedRekord002(body);
    case "dsse-0.0.1":
      return serializeDsse001(body);
    case "dsse-0.0.2":
      return serializeDsse002(body);
    case "intoto-0.0.2":
      return serializeIntoto002(body);
    case "intoto-0.0.1":
    case "unsupported":
      throw new Error(`expected a body that has a writer, got ${body.form}`);
  }
}

/** A JSON object without what proto3 JSON takes for absent: null, and members that are then empty. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, member]) => [key, withoutDefaults(member)] as const)
    .filter(([, member]) => !isDefault(member));
  return Object.fromEntries(kept);
}

function isDefault(value: unknown): boolean {
  if (value === null || value === "" || value === "0") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

describe("public conformance files", () => {
  it("are there in number", { skip }, () => {
    assert.equal(cases("bundle.sigstore.json").length, 70);
    assert.ok(cases("trusted_root.json").length >= 38);
  });

  for (const { name, bytes } of cases("bundle.sigstore.json")) {
    const refusal = MALFORMED_BUNDLES[name];
    if (refusal !== undefined) {
      it(`${name}: bundle is refused`, () => refuses(() => parseBundle(bytes), refusal));
      continue;
    }
    it(`${name}: bundle is read and written back`, () => {
      const bundle = parseBundle(bytes);
      const written = serializeBundle(bundle);
      assert.deepEqual(parseBundle(written), bundle);
      assert.deepEqual(
        withoutDefaults(JSON.parse(written)),
        normalized(withoutDefaults(JSON.parse(utf8Decode(bytes)))),
      );
    });
  }

  for (const { name, bytes } of cases("trusted_root.json")) {
    const refusal = MALFORMED_ROOTS[name];
    if (refusal !== undefined) {
      it(`${name}: trusted root is refused`, () => refuses(() => parseTrustedRoot(bytes), refusal));
      continue;
    }
    it(`${name}: trusted root is read and written back`, () => {
      const root = parseTrustedRoot(bytes);
      assert.deepEqual(parseTrustedRoot(serializeTrustedRoot(root, "0.1")), root);
      const written = withoutDefaults(JSON.parse(serializeTrustedRoot(root, "0.1")));
      assert.deepEqual(written, normalized(withoutDefaults(JSON.parse(utf8Decode(bytes)))));
    });
  }

  it("hold entry bodies that are read and written back byte for byte", { skip }, () => {
    const forms = new Set<string>();
    for (const { name, body: bytes } of entryBodies()) {
      const malformed = MALFORMED_BODIES[name];
      if (malformed !== undefined) {
        refuses(() => parseEntryBody(bytes), ["entry-body-invalid", malformed]);
        continue;
      }
      const body = parseEntryBody(bytes);
      forms.add(body.form);
      const canonical = utf8Encode(canonicalizeJson(parseJson(bytes)));
      assert.equal(base64Encode(rewrite(body)), base64Encode(canonical), name);
    }
    assert.deepEqual([...forms].sort(), ["dsse-0.0.1", "hashedrekord-0.0.1", "hashedrekord-0.0.2", "intoto-0.0.2"]);
  });

  it("hold statements that are read", { skip }, () => {
    let count = 0;
    for (const { bundle } of soundBundles()) {
      if (bundle.content.kind !== "dsseEnvelope") continue;
      assert.ok(parseStatement(bundle.content.envelope.payload).subjects.length > 0);
      count++;
    }
    assert.ok(count >= 10, `expected at least 10 statements, got ${count}`);
  });
});

/** Times without the zeros of their microseconds, and bytes without line breaks, as our writer has them. */
function normalized(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll('.000Z"', 'Z"').replaceAll('999000Z"', '999Z"');
  return JSON.parse(text.replaceAll(/"[A-Za-z0-9+/\\]+=*"/g, (quoted) => quoted.replaceAll("\\n", ""))) as unknown;
}
