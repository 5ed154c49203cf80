/** PEM: blocks with text around, and every broken block refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { isSerializedPem, parsePem, parsePemWithHeaders, serializePem } from "./pem.ts";
import { utf8Encode } from "./text.ts";

function refuses(text: string): void {
  assert.throws(
    () => parsePem(text),
    (error) => isSigstoreError(error, "pem-invalid"),
    text,
  );
}

test("one block, written in lines of 64 characters", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
  const text = serializePem("PUBLIC KEY", bytes);
  assert.deepEqual(
    text.split("\n").map((line) => line.length),
    [26, 64, 64, 8, 24, 0],
  );
  assert.deepEqual(parsePem(text), [{ label: "PUBLIC KEY", bytes }]);
});

test("several blocks, text around them, other line ends and lengths", () => {
  const text =
    "subject=CN\n-----BEGIN A-----\r\nAQ\r\nID\r\n-----END A-----\r\nbetween\n-----BEGIN B C-D-----\n \tAQ==\n-----END B C-D-----";
  assert.deepEqual(parsePem(text), [
    { label: "A", bytes: Uint8Array.of(1, 2, 3) },
    { label: "B C-D", bytes: Uint8Array.of(1) },
  ]);
  assert.deepEqual(parsePem("-----BEGIN A-----\n-----END A-----\n"), [{ label: "A", bytes: new Uint8Array() }]);
});

test("refused: no block, an open one, labels that differ, other text inside", () => {
  for (const text of [
    "",
    "text",
    "-----BEGIN A",
    "-----BEGIN A-----\nAQ==",
    "-----BEGIN A-----\nAQ==\n-----END B-----",
    "-----BEGIN A-----\nAQ==\n-----BEGIN A-----\nAQ==\n-----END A-----",
    "-----BEGIN A-----AQ==\n-----END A-----",
    "-----BEGIN A-----\nAQ=\n-----END A-----",
    "-----BEGIN A-----\nAR==\n-----END A-----",
    "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQ==\n-----END A-----",
    "-----BEGIN \n-----\nAQ==\n-----END \n-----",
    "-----BEGIN A  B-----\nAQ==\n-----END A  B-----",
    "x -----BEGIN A-----\nAQ==\n-----END A-----",
  ]) {
    refuses(text);
  }
});

test("misuse is a TypeError", () => {
  assert.throws(() => serializePem("A\nB", new Uint8Array()), TypeError);
});

test("written and read again", () => {
  const block = fc.record(
    { label: fc.stringMatching(/^[A-Z]{1,9}( [A-Z]{1,9})?$/), bytes: fc.uint8Array({ maxLength: 300 }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (blocks) => {
      assert.deepEqual(
        parsePem(blocks.map(({ label, bytes }) => serializePem(label, bytes)).join("some text\n")),
        blocks,
      );
    }),
  );
});

test("hostile text: blocks or a SigstoreError, in time that grows with the text alone", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("-----", "BEGIN ", "END ", "A", "\n", "=", " "), { maxLength: 40 }),
      (pieces) => {
        try {
          parsePem(pieces.join(""));
        } catch (error) {
          assert.ok(isSigstoreError(error));
        }
      },
    ),
  );
  const many = "\n-----BEGIN A-----".repeat(50_000);
  refuses(many);
  refuses("-".repeat(1_000_000));
});

describe("RFC 1421 headers, where they are asked for", () => {
  const block = (...lines: readonly string[]): string =>
    ["-----BEGIN KEY-----", ...lines, "-----END KEY-----", ""].join("\n");
  const encrypted = block("Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00", "", "AQID");

  test("are read in order, with either line end", () => {
    const headers = [
      { name: "Proc-Type", value: "4,ENCRYPTED" },
      { name: "DEK-Info", value: "AES-128-CBC,00" },
    ];
    for (const text of [encrypted, encrypted.replaceAll("\n", "\r\n")])
      assert.deepEqual(parsePemWithHeaders(text), [{ label: "KEY", headers, bytes: Uint8Array.of(1, 2, 3) }]);
  });

  test("none are none", () => {
    assert.deepEqual(parsePemWithHeaders(block("AQID")), [
      { label: "KEY", headers: [], bytes: Uint8Array.of(1, 2, 3) },
    ]);
  });

  test("are refused where nobody asked", () => refuses(encrypted));

  test("without an empty line behind, continued, or behind other text, are refused", () => {
    for (const text of [
      block("A: b", "AQID"),
      block("A: b", " continued", "", "AQID"),
      block("A: b"),
      encrypted.replace("KEY-----\n", "KEY-----x\n"),
      block("AQID", "A: b", ""),
    ]) {
      assert.throws(
        () => parsePemWithHeaders(text),
        (error) => isSigstoreError(error, "pem-invalid"),
        text,
      );
    }
  });
});

test("what is written is told from everything else", () => {
  for (const length of [0, 1, 47, 48, 49, 96, 700]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index & 0xff);
    const written = utf8Encode(serializePem("CERTIFICATE", bytes));
    assert.ok(isSerializedPem(written, "CERTIFICATE", bytes));
    assert.ok(!isSerializedPem(written, "CERTIFICATF", bytes));
    assert.ok(!isSerializedPem(written.subarray(1), "CERTIFICATE", bytes));
    assert.ok(!isSerializedPem(written, "CERTIFICATE", Uint8Array.of(...bytes, 0)));
    for (let at = 0; at < written.length; at++) {
      const changed = new Uint8Array(written);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.ok(!isSerializedPem(changed, "CERTIFICATE", bytes), `octet ${at} of ${length}`);
    }
  }
});
