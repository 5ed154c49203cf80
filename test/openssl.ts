/** The openssl of this machine, which tests compare with; they skip loudly without it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For the `skip` option of a test: false when openssl runs, else why the test is skipped. */
export const opensslSkipReason: string | false =
  spawnSync("openssl", ["version"]).status === 0 ? false : "openssl is not on this machine's PATH";

/** Standard output of openssl, given files by name in its working folder; as latin1 when it is binary; throws with its complaint when it fails. */
export function openssl(
  args: readonly string[],
  files: Readonly<Record<string, Uint8Array | string>>,
  encoding: "utf8" | "latin1" = "utf8",
): string {
  const folder = mkdtempSync(join(tmpdir(), "sigstore-openssl-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const { status, stdout, stderr } = spawnSync("openssl", args, { cwd: folder, encoding });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")} failed: ${stderr}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
