import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { parseKeyFile, serializeKeyFile } from "./key-file.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at * 7);

describe("what seals the keys is", () => {
  test("a key, when it is 32 bytes that are no text, or 64 hex digits", () => {
    assert.deepEqual(parseKeyFile(KEY), { kind: "key", key: KEY });
    const hex = Buffer.from(KEY).toString("hex");
    for (const text of [hex, `${hex}\n`, `${hex.toUpperCase()}\r\n`])
      assert.deepEqual(parseKeyFile(utf8Encode(text)), { kind: "key", key: KEY });
  });

  test("a passphrase, when it is other text in one line; the line end is no part of it", () => {
    for (const text of ["correct horse", "32 letters that are text, yes 32", "späße müssen sein", "  spaces  "]) {
      const expected = { kind: "passphrase", passphrase: utf8Encode(text) };
      assert.deepEqual(parseKeyFile(utf8Encode(text)), expected);
      assert.deepEqual(parseKeyFile(utf8Encode(`${text}\n`)), expected);
    }
  });

  test("nothing that is short, empty, in several lines, or neither key nor text", () => {
    for (const bytes of ["", "\n", "seven77", "two\nlines of it"].map(utf8Encode))
      assert.throws(
        () => parseKeyFile(bytes),
        (error) => isSigstoreError(error, "usage"),
      );
    assert.throws(
      () => parseKeyFile(Uint8Array.of(0xff, ...KEY)),
      (error) => isSigstoreError(error, "usage"),
    );
  });
});

test("a process in the background reads what it was handed", () => {
  for (const bytes of [KEY, utf8Encode("correct horse")]) {
    const read = parseKeyFile(bytes);
    assert.deepEqual(parseKeyFile(serializeKeyFile(read)), read);
  }
});
