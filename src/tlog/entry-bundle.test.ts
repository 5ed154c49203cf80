import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { MAX_BUNDLED_ENTRY_BYTES, parseEntryBundle, serializeEntryBundle } from "./entry-bundle.ts";

const isTileInvalid = (error: unknown): boolean => isSigstoreError(error, "tile-invalid");

test("a bundle is read back as it was written", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 }), (entries) => {
      assert.deepEqual(parseEntryBundle(serializeEntryBundle(entries), entries.length), entries);
    }),
  );
});

test("entries of 0 and of 65,535 bytes", () => {
  const entries = [new Uint8Array(0), new Uint8Array(MAX_BUNDLED_ENTRY_BYTES).fill(1)];
  const bytes = serializeEntryBundle(entries);
  assert.equal(bytes.length, 2 + 2 + MAX_BUNDLED_ENTRY_BYTES);
  assert.deepEqual(parseEntryBundle(bytes, 2), entries);
  assert.throws(() => serializeEntryBundle([new Uint8Array(MAX_BUNDLED_ENTRY_BYTES + 1)]), TypeError);
});

test("a bundle holds exactly as many whole entries as its width says", () => {
  const bytes = serializeEntryBundle([Uint8Array.of(1), Uint8Array.of(2, 3)]);
  assert.deepEqual([...bytes], [0, 1, 1, 0, 2, 2, 3]);
  for (const width of [1, 3]) assert.throws(() => parseEntryBundle(bytes, width), isTileInvalid);
  for (let length = 0; length < bytes.length; length += 1)
    assert.throws(() => parseEntryBundle(bytes.subarray(0, length), 2), isTileInvalid);
});

test("a bundle has 1 to 256 entries", () => {
  for (const length of [0, 257])
    assert.throws(() => serializeEntryBundle(Array.from({ length }, () => new Uint8Array(1))), TypeError);
});
