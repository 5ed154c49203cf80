import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sha256 } from "../crypto/digest.ts";
import { isSigstoreError } from "../errors.ts";
import { findArtifactOfBundle, findBundlesBeside, findOtherSignaturesBeside, isPresent } from "./beside.ts";
import { digestDescriptor } from "./digest.ts";
import { readFile, readRegularFile, requireReadable, sizeText, withDescriptor } from "./read.ts";

const folder = mkdtempSync(join(tmpdir(), "sigstore-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function path(name: string, content?: string | Uint8Array): string {
  const whole = join(folder, name);
  if (content !== undefined) writeFileSync(whole, content);
  return whole;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isSigstoreError(error)) return error.code;
    throw error;
  }
  return "none";
}

test("reads files of every size up to the bound, and not one octet more", () => {
  for (const size of [0, 1, 999, 1000]) {
    const content = new Uint8Array(size).fill(7);
    assert.deepEqual(readFile(path(`size-${size}`, content), 1000, "a file"), content);
  }
  assert.equal(
    codeOf(() => readFile(path("size-1001", new Uint8Array(1001)), 1000, "a file")),
    "file-too-large",
  );
});

test("reads what does not know its size, and stops at the bound", () => {
  assert.equal(
    codeOf(() => readFile("/dev/zero", 200_000, "a file")),
    "file-too-large",
  );
  assert.equal(readFile("/dev/null", 10, "a file").length, 0);
});

test("a pipe that nobody writes to is refused and not waited for where a file was only found", () => {
  execFileSync("mkfifo", [path("pipe")]);
  for (const name of [path("pipe"), "/dev/zero"]) {
    assert.throws(() => readRegularFile(name, 10, "a bundle"), {
      code: "file-unreadable",
      message: `expected a bundle at ${name}, got a pipe, socket or device`,
    });
  }
  assert.equal(readRegularFile(path("found", "x"), 10, "a bundle").length, 1);
  assert.doesNotThrow(() => requireReadable(path("pipe"), "an artifact"));
});

test("a device that does not end is given up", () => {
  const descriptor = openSync("/dev/zero", "r");
  try {
    assert.equal(
      codeOf(() => digestDescriptor(descriptor, ["sha256"])),
      "file-too-large",
    );
  } finally {
    closeSync(descriptor);
  }
});

test("an open folder is told as such", () => {
  const descriptor = openSync(folder, "r");
  try {
    assert.throws(() => withDescriptor(descriptor, "standard input", "an artifact", () => undefined), {
      code: "file-unreadable",
      message: "expected an artifact at standard input, got a directory",
    });
  } finally {
    closeSync(descriptor);
  }
});

test("sizes in words", () => {
  assert.deepEqual([0, 1000, 1024 * 1024, 1024 * 1024 + 1, 64 * 1024 * 1024].map(sizeText), [
    "0 bytes",
    "1000 bytes",
    "1 MiB",
    "1048577 bytes",
    "64 MiB",
  ]);
});

test("says in words what the file system says in numbers", () => {
  mkdirSync(path("folder"));
  symlinkSync("loop", path("loop"));
  path("plain", "x");
  assert.equal(
    codeOf(() => readFile(path("missing"), 10, "a file")),
    "file-not-found",
  );
  assert.equal(
    codeOf(() => readFile(path("plain/below"), 10, "a file")),
    "file-not-found",
  );
  assert.equal(
    codeOf(() => readFile(path("folder"), 10, "a file")),
    "file-unreadable",
  );
  assert.equal(
    codeOf(() => readFile(path("loop"), 10, "a file")),
    "file-unreadable",
  );
  assert.equal(
    codeOf(() => readFile(path("n".repeat(300)), 10, "a file")),
    "file-unreadable",
  );
});

test("digests in one pass, whatever the size", () => {
  for (const size of [0, 1, 131_072, 131_073, 400_001]) {
    const content = Uint8Array.from({ length: size }, (_, index) => index & 255);
    const descriptor = openSync(path("digested", content), "r");
    const seen: number[] = [];
    try {
      const digests = digestDescriptor(descriptor, ["sha256", "sha512"], (bytesRead) => seen.push(bytesRead));
      assert.deepEqual(digests.sha256, sha256(content));
      assert.equal(digests.sha512?.length, 64);
      assert.equal(digests.sha384, undefined);
    } finally {
      closeSync(descriptor);
    }
    assert.equal(seen.at(-1), size === 0 ? undefined : size);
  }
});

test("digests a pipe", () => {
  const script = `import { digestDescriptor } from ${JSON.stringify(new URL("digest.ts", import.meta.url).href)};
    console.log(Buffer.from(digestDescriptor(0, ["sha256"]).sha256).toString("hex"));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    input: "hello\n",
    encoding: "utf8",
  });
  assert.equal(output.trim(), "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
});

test("finds what lies beside a file", () => {
  const artifact = path("app.bin", "x");
  assert.deepEqual(findBundlesBeside(artifact), []);
  path("app.bin.sigstore", "{}");
  path("app.bin.asc", "x");
  assert.deepEqual(findBundlesBeside(artifact), [`${artifact}.sigstore`]);
  path("app.bin.sigstore.json", "{}");
  assert.deepEqual(findBundlesBeside(artifact), [`${artifact}.sigstore.json`, `${artifact}.sigstore`]);
  assert.deepEqual(findOtherSignaturesBeside(artifact), [`${artifact}.asc`]);
  assert.equal(findArtifactOfBundle(`${artifact}.sigstore.json`), artifact);
  assert.equal(findArtifactOfBundle(artifact), undefined);
  assert.equal(isPresent(path("n".repeat(300))), false);
});
