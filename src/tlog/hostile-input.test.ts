/** Whatever is read here is returned or refused with a code, and what was returned is written the same again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { equalBytes } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
import { parseCosignature, serializeCosignature } from "./cosignature.ts";
import { parseEntryBundle, serializeEntryBundle } from "./entry-bundle.ts";
import { isKeyName } from "./signed-note.ts";
import { entryBundlePath, parseTilePath, tilePath } from "./tile.ts";
import { parseTreeHeadSignature, serializeTreeHeadSignature } from "./tree-head.ts";
import { parseSignerKey, parseVerifierKey } from "./verifier-key.ts";

const ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

/** Texts made of the pieces that the forms are made of, and of others. */
function textOf(...pieces: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 6 })), {
      maxLength: 10,
    })
    .map((parts) => parts.join(""));
}

function holds<T>(input: fc.Arbitrary<T>, read: (value: T) => void): void {
  const tolerant = (value: T): void => {
    try {
      read(value);
    } catch (error) {
      assert.ok(error instanceof SigstoreError, String(error));
    }
  };
  fc.assert(fc.property(input, tolerant), { numRuns: 2000 });
}

test("checkpoints", () => {
  holds(textOf("\n", "origin\n", "1\n", "0\n", `${ROOT}\n`, "18446744073709551616\n", "ext\n"), (text) => {
    const checkpoint = parseCheckpoint(text);
    assert.equal(serializeCheckpoint(checkpoint), text);
  });
});

test("verifier keys and signer keys", () => {
  const text = textOf(
    "PRIVATE+KEY+",
    "example.com/foo",
    "+",
    "530d903a",
    "+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "Aj",
    "A",
    "=",
  );
  holds(text, (key) => assert.ok(isKeyName(parseVerifierKey(key).name)));
  holds(text, (key) => assert.ok(isKeyName(parseSignerKey(key).name)));
});

test("tile paths", () => {
  holds(textOf("tile/", "entries/", "0/", "63/", "x001/", "067", "000", ".p/", "1", "256"), (path) => {
    const resource = parseTilePath(path);
    assert.equal(resource.kind === "tile" ? tilePath(resource) : entryBundlePath(resource), path);
  });
});

test("entry bundles, cosignatures and tree head signatures", () => {
  const bytes = fc
    .array(fc.oneof(fc.constantFrom(0, 1, 3, 4), fc.nat(255)), { maxLength: 80 })
    .map((values) => Uint8Array.from(values));
  holds(fc.tuple(bytes, fc.integer({ min: 1, max: 8 })), ([bundle, width]) => {
    assert.ok(equalBytes(serializeEntryBundle(parseEntryBundle(bundle, width)), bundle));
  });
  holds(bytes, (signature) => assert.ok(equalBytes(serializeCosignature(parseCosignature(signature)), signature)));
  holds(bytes, (signature) =>
    assert.ok(equalBytes(serializeTreeHeadSignature(parseTreeHeadSignature(signature)), signature)),
  );
});
