import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { openCheckpoint, parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
import { EMPTY_ROOT } from "./merkle.ts";
import { MAX_UINT64 } from "./uint64.ts";

const ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
const isCheckpointInvalid = (error: unknown): boolean => isSigstoreError(error, "checkpoint-invalid");

test("C2SP tlog-checkpoint: its example", () => {
  const text = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;
  const checkpoint = parseCheckpoint(text);
  assert.deepEqual(
    [checkpoint.origin, checkpoint.treeSize, checkpoint.rootHash.length, checkpoint.extensions],
    ["example.com/behind-the-sofa", 20852163n, 32, []],
  );
  assert.equal(serializeCheckpoint(checkpoint), text);
});

test("Rekor's checkpoints: a tree ID after the origin, extension lines", () => {
  const text = `rekor.sigstore.dev - 2605736670972794746\n23\n${ROOT}\nTimestamp: 1689177396617352539\nLog frozen — Tue Mar 19 17:26:26 UTC 2024\n`;
  const checkpoint = parseCheckpoint(text);
  assert.equal(checkpoint.origin, "rekor.sigstore.dev - 2605736670972794746");
  assert.deepEqual(checkpoint.extensions, [
    "Timestamp: 1689177396617352539",
    "Log frozen — Tue Mar 19 17:26:26 UTC 2024",
  ]);
  assert.equal(serializeCheckpoint(checkpoint), text);
});

test("sizes from 0 to 2^64 − 1", () => {
  for (const treeSize of [0n, 1n, MAX_UINT64])
    assert.equal(parseCheckpoint(`o\n${treeSize}\n${ROOT}\n`).treeSize, treeSize);
});

test("what is not exactly a checkpoint is refused", () => {
  const texts: Readonly<Record<string, string>> = {
    nothing: "",
    "two lines": "o\n1\n",
    "no final newline": `o\n1\n${ROOT}`,
    "empty origin": `\n1\n${ROOT}\n`,
    "empty extension": `o\n1\n${ROOT}\n\n`,
    "empty extension between": `o\n1\n${ROOT}\n\nx\n`,
    "leading zero": `o\n01\n${ROOT}\n`,
    "two zeros": `o\n00\n${ROOT}\n`,
    sign: `o\n+1\n${ROOT}\n`,
    negative: `o\n-1\n${ROOT}\n`,
    space: `o\n1 \n${ROOT}\n`,
    hexadecimal: `o\n0x1\n${ROOT}\n`,
    exponent: `o\n1e3\n${ROOT}\n`,
    "other digits": `o\n١\n${ROOT}\n`,
    "2^64": `o\n18446744073709551616\n${ROOT}\n`,
    "very long": `o\n${"9".repeat(5000)}\n${ROOT}\n`,
    "root of 31 bytes": `o\n1\n${"A".repeat(40)}AA==\n`,
    "root of 33 bytes": `o\n1\n${"A".repeat(44)}\n`,
    "root in hex": `o\n1\n${"0".repeat(64)}\n`,
    "root with bits that stand for nothing": `o\n1\n${ROOT.replace("2I=", "2J=")}\n`,
    "root with a space": `o\n1\n ${ROOT}\n`,
  };
  for (const [what, text] of Object.entries(texts))
    assert.throws(() => parseCheckpoint(text), isCheckpointInvalid, what);
});

test("a checkpoint is read back as it was written", () => {
  const line = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/\p{Cc}/u.test(text));
  const fields = {
    origin: line,
    treeSize: fc.bigInt(0n, MAX_UINT64),
    rootHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    extensions: fc.array(line),
  };
  const checkpoint = fc.record(fields, { noNullPrototype: true });
  fc.assert(fc.property(checkpoint, (value) => assert.deepEqual(parseCheckpoint(serializeCheckpoint(value)), value)));
});

test("what cannot be read is not written", () => {
  const checkpoint = { origin: "o", treeSize: 0n, rootHash: EMPTY_ROOT, extensions: [] };
  const isRefused = (error: unknown): boolean => isCheckpointInvalid(error) || isSigstoreError(error, "note-invalid");
  for (const change of [
    { origin: "" },
    { origin: "a\nb" },
    { origin: "a\tb" },
    { treeSize: -1n },
    { treeSize: MAX_UINT64 + 1n },
    { rootHash: new Uint8Array(31) },
    { extensions: [""] },
    { extensions: ["a\nb"] },
  ]) {
    assert.throws(
      () => serializeCheckpoint({ ...checkpoint, ...change }),
      isRefused,
      JSON.stringify(Object.keys(change)),
    );
  }
});

test("a checkpoint whose signature is not verified is not opened", () => {
  const source = `o\n1\n${ROOT}\n\n— o AAAAAQI=\n`;
  const key = (answer: boolean) => ({ name: "o", keyId: Uint8Array.of(0, 0, 0, 1), verify: () => answer });
  assert.equal(openCheckpoint(source, [key(true)]).checkpoint.treeSize, 1n);
  assert.throws(
    () => openCheckpoint(source, [key(false)]),
    (error) => isSigstoreError(error, "tlog-checkpoint-signature-invalid"),
  );
  assert.throws(() => openCheckpoint(`text\n\n— o AAAAAQI=\n`, [key(true)]), isCheckpointInvalid);
});
