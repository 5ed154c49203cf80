/**
 * Part of the build: what V8 makes of `sigstore sign`, as compile-ahead.ts does it for `verify`.
 *
 * The command signs a file in an instance that is started for it, by a real login. Which functions run does not depend on keys,
 * times or chance; where V8 wrote more or fewer of them down, the command is slower and no other.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startInstance } from "../src/services/instance/start.ts";
import { fetchInstanceToken } from "../test/instance-login.ts";
import { PROGRAM } from "./compile-ahead.ts";

/** Compiles dist/sign.cjs, in `folder`, ahead; answers with the name of the file. */
export async function compileSign(folder: string): Promise<string> {
  const name = `sign.${process.platform}-${process.arch}.${process.version}.code`;
  const material = mkdtempSync(join(tmpdir(), "sigstore-build-"));
  const data = join(material, "instance");
  const instance = await startInstance({ folder: data, port: 0, dev: true, log: () => undefined });
  try {
    const token = await fetchInstanceToken(instance.url, "build@example.com", Date.now);
    const at = (file: string): string => join(material, file);
    writeFileSync(at("token"), token.reveal());
    writeFileSync(at("file"), "signed for the build\n");
    const trust = ["--trust-config", join(data, "trust", "trust_config.json")];
    const words = ["sign", "--yes", ...trust, "--identity-token-file", at("token"), at("file")];
    const program = ["-e", PROGRAM, "--", join(folder, "sign.cjs"), join(folder, name), ...words];
    const child = spawn(process.execPath, ["--predictable", ...program], {
      env: {},
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [status] = (await once(child, "close")) as [number | null];
    if (status !== 0) throw new Error(`the command does not sign:\n${said}`);
  } finally {
    await instance.stop();
    rmSync(material, { recursive: true });
  }
  return name;
}
