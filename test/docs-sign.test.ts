/** The commands of docs/sign.md, in their order, against an instance and with a browser that logs in by itself. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startInstance } from "../src/services/instance/start.ts";
import { readMarkdownBlocks } from "../tools/document-blocks.ts";
import { ROOT } from "../tools/files.ts";
import { CommandFolder } from "./command-world.ts";
import { fetchInstanceToken, PERSON_AT_BROWSER } from "./instance-login.ts";

const ADDRESS = "https://sigstore.example.com";

test("docs/sign.md: every command works as it is written", async () => {
  const folder = new CommandFolder(Date.now);
  const instance = await startInstance({ folder: folder.at("instance"), port: 0, dev: true, log: () => undefined });
  const back = process.cwd();
  try {
    cpSync(join(ROOT, "docs", "examples"), folder.path, { recursive: true });
    process.chdir(folder.path);
    for (const name of ["hello.txt", "app.tar.gz", "firmware.bin"]) rmSync(`${name}.sigstore.json`);
    const token = (await fetchInstanceToken(instance.url, PERSON_AT_BROWSER, Date.now)).reveal();
    folder.write("token", token);
    folder.write("app.spdx.json", '{"spdxVersion":"SPDX-2.3"}');
    const path = join("docs", "sign.md");
    const { blocks } = readMarkdownBlocks({ path, text: readFileSync(join(ROOT, path), "utf8") });
    const lines = blocks
      .filter(({ words }) => words.includes("interop"))
      .flatMap(({ code }) => code.trim().split("\n"));
    assert.ok(lines.length >= 10, `${lines.length} commands`);
    for (const line of lines) {
      const words = line.replaceAll(ADDRESS, instance.url).replace("FINGERPRINT", instance.fingerprintHex).split(" ");
      const [first = ""] = words;
      const given = first.startsWith("SIGSTORE_ID_TOKEN=") ? { SIGSTORE_ID_TOKEN: token } : {};
      const command = words.slice(words.indexOf("sigstore") + 1);
      const browser = `${process.execPath} ${join(ROOT, "test", "instance-login.ts")}`;
      const { exitCode, output, talk } = await folder.run(command, { environment: { BROWSER: browser, ...given } });
      assert.equal(exitCode, 0, `${line}\n${output}${talk}`);
    }
  } finally {
    process.chdir(back);
    await instance.stop();
    folder.remove();
  }
});
