/**
 * Part of the build: what V8 makes of `sigstore verify`, so that starting it need not make it again.
 *
 * The command verifies a bundle of the virtual Sigstore; then V8 writes down the functions that ran, compiled. The file lies
 * beside the command and is as good as the command itself: whoever can write there can change either. It is named by
 * system, processor and version of Node, and only that Node reads it (bin/released.cjs); every other one compiles as ever,
 * and so does this one where V8 finds that the file is not of its making. The same sources give the same bytes.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PERSON } from "../src/testing/identities.ts";
import { createVirtualSigstore } from "../src/testing/virtual-sigstore.ts";

/** A program that runs the command in FILE and writes what was compiled to OUT; bin/released.cjs wraps the command in the same words. */
export const PROGRAM = `
const { readFileSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");
const [file, out, ...words] = process.argv.slice(1);
const text = readFileSync(file, "latin1");
const script = new Script(\`(function (exports, require, module, __filename, __dirname) {\${text}\\n})\`);
process.argv = [process.execPath, file, ...words];
process.on("exit", (code) => { if (code === 0) writeFileSync(out, script.createCachedData()); });
script.runInThisContext()({}, require, {}, file, ".");
`;

/** Compiles dist/verify.cjs, in `folder`, ahead; answers with the name of the file. */
export async function compileVerify(folder: string): Promise<string> {
  const command = join(folder, "verify.cjs");
  // A script has no modules to import at run time; the command has none (tools/build.ts makes all imports static).
  if (/\bimport\(/.test(readFileSync(command, "latin1"))) throw new Error("verify.cjs must not import while it runs");
  const name = `verify.${process.platform}-${process.arch}.${process.version}.code`;
  const material = mkdtempSync(join(tmpdir(), "sigstore-build-"));
  try {
    const words = await writeMaterial(material);
    // In a world without threads and chance V8 compiles the same functions each time.
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--predictable", "-e", PROGRAM, "--", command, join(folder, name), ...words],
      { encoding: "utf8", env: {} },
    );
    if (status !== 0) throw new Error(`the command does not verify what it should:\n${stderr}`);
  } finally {
    rmSync(material, { recursive: true });
  }
  return name;
}

/** A signed file, and the command line that verifies it. */
async function writeMaterial(folder: string): Promise<readonly string[]> {
  const sigstore = await createVirtualSigstore({ seed: "build" });
  const artifact = new TextEncoder().encode("signed for the build\n");
  const { json } = await sigstore.signMessage(artifact, { rekor: 1, identity: PERSON });
  const path = join(folder, "signed.txt");
  const trustedRoot = join(folder, "trusted_root.json");
  writeFileSync(path, artifact);
  writeFileSync(`${path}.sigstore.json`, json);
  writeFileSync(trustedRoot, sigstore.trustedRootJson);
  const { issuer, subject } = PERSON;
  return ["verify", "--trusted-root", trustedRoot, "--identity", subject, "--issuer", issuer, path];
}
