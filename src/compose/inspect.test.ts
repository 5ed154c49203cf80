import assert from "node:assert/strict";
import { test } from "node:test";
import { serializePem } from "../encoding/pem.ts";
import { isSigstoreError } from "../errors.ts";
import { createVirtualSigstore } from "../testing/virtual-sigstore.ts";
import { inspectBytes } from "./inspect.ts";
import { recognize } from "./inspection/recognize.ts";

const encoder = new TextEncoder();

test("an inspection never says verified", async () => {
  const sigstore = await createVirtualSigstore({ seed: "inspect" });
  const { json } = await sigstore.signMessage(encoder.encode("hello"));
  const inspection = inspectBytes(encoder.encode(json), "hello.sigstore.json");
  assert.equal(inspection.verified, false);
  assert.equal(inspection.kind, "Inspection");
  assert.equal(inspection.format, "bundle");
});

test("bytes cut off anywhere give an inspection or an error, never anything else", async () => {
  const sigstore = await createVirtualSigstore({ seed: "inspect" });
  const { json, certificate, bundle } = await sigstore.signMessage(encoder.encode("hello"));
  for (const whole of [
    encoder.encode(json),
    certificate,
    bundle.material.timestamps[0],
    encoder.encode(sigstore.trustedRootJson),
  ]) {
    assert.ok(whole !== undefined);
    for (let length = 0; length < whole.length; length += 37) {
      try {
        inspectBytes(whole.subarray(0, length));
      } catch (error) {
        assert.ok(isSigstoreError(error), String(error));
      }
    }
  }
});

test("a chain in PEM is shown whole, text before it does not matter", async () => {
  const sigstore = await createVirtualSigstore({ seed: "inspect" });
  const { chain } = sigstore.current.certificateAuthority;
  const pem = `subject=something\n${chain.map((der) => serializePem("CERTIFICATE", der)).join("")}`;
  const { format, content } = inspectBytes(encoder.encode(pem));
  assert.equal(format, "certificate");
  assert.equal((content["certificates"] as readonly unknown[]).length, chain.length);
});

test("secrets are recognized and not quoted", () => {
  const sealed = [
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
  ];
  for (const text of sealed) {
    assert.throws(
      () => inspectBytes(encoder.encode(text)),
      (error) =>
        isSigstoreError(error, "input-unrecognized") &&
        /private key/.test(error.message) &&
        !error.message.includes("AAAA"),
    );
  }
});

test("nothing of ours is named for what it is", () => {
  const named: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ["hello", /plain text/],
    ["<html>", /HTML/],
    ['{"a":1}', /other JSON/],
    [Uint8Array.of(0x1f, 0x8b, 8, 0), /archive/],
    [Uint8Array.of(0, 1, 2, 255), /binary/],
    ["", /empty/],
  ];
  for (const [content, expected] of named) {
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    assert.match(recognize(bytes).what, expected);
    assert.equal(recognize(bytes).format, undefined);
  }
});
