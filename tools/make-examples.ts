/**
 * Writes docs/examples/, the files that the guides speak of: `node tools/run.mjs tools/make-examples.ts`.
 *
 * Made by the virtual Sigstore with the fixtures of test/scripts; run again only when they should change, since ECDSA
 * signatures differ from run to run.
 */
import { join } from "node:path";
import { Fixtures } from "../test/scripts/fixtures.ts";
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

const fixtures = new Fixtures(join(import.meta.dirname, "..", "docs", "examples"));
for (const step of parseScript(SCRIPT).steps) if (step.kind === "fixture") await fixtures.make(step);
