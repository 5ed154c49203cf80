/**
 * Writes docs/examples/, the files that the guides speak of: `node tools/run.mjs tools/make-examples.ts`.
 *
 * Made by the virtual Sigstore with the fixtures of test/scripts; run again only when they should change, since ECDSA
 * signatures differ from run to run.
 */
import { copyFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fixtures, SCRIPT_NOW_MS } from "../test/scripts/fixtures.ts";
import { makeLog } from "../test/scripts/log-fixture.ts";
import { parseScript } from "../test/scripts/script.ts";

const SCRIPT = `# what the guides verify
@ text hello.txt 'hello, world'
@ sign hello.txt rekor=1
@ text app.tar.gz 'an archive, let us say'
@ attest app.tar.gz as=workflow
@ text firmware.bin 'signed with a key'
@ sign firmware.bin key=signer.pub
@ text unsigned.txt 'nobody signed this'
`;

const EXAMPLES = join(import.meta.dirname, "..", "docs", "examples");
const fixtures = new Fixtures(EXAMPLES);
for (const step of parseScript(SCRIPT).steps) if (step.kind === "fixture") await fixtures.make(step);

// Of a log what anybody may read, and its key.
const folder = mkdtempSync(join(tmpdir(), "example-log-"));
await makeLog(join(folder, "log"), "rekor", 3, SCRIPT_NOW_MS);
cpSync(join(folder, "log", "public"), join(EXAMPLES, "log"), { recursive: true });
copyFileSync(join(folder, "log.pub"), join(EXAMPLES, "log.pub"));
rmSync(folder, { recursive: true });
