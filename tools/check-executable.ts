/**
 * Part of `npm run check:package`: the executable is made of the built package, in a folder that is thrown away, and does what
 * the command does: each of its files starts, an instance serves in the background and with a thread of its own, a file is
 * signed there and verified. What lies in the folder where it is started, and NODE_OPTIONS, change nothing.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchInstanceToken } from "../test/instance-login.ts";
import { buildExecutable } from "./build-executable.ts";
import { ALONE } from "./build.ts";

const PERSON = "build@example.com";

/** Files that would end each run if one were read. */
const DECOYS = ["verify.cjs", "sign.cjs", "command.cjs", "curve-signing.cjs", "admission-worker.cjs"];

/** What is wrong with the executable that the files of `dist` make. */
export async function checkExecutable(dist: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  const folder = mkdtempSync(join(tmpdir(), "sigstore-executable-"));
  try {
    for (const name of DECOYS) writeFileSync(join(folder, name), "process.exit(99);\n");
    return await useExecutable(await buildExecutable(dist, folder, ALONE), folder);
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer)) throw error;
    return [error.message];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class UnexpectedAnswer extends Error {}

async function useExecutable(executable: string, folder: string): Promise<string[]> {
  const run = (words: readonly string[], expected: RegExp): string => {
    const { status, stdout, stderr } = spawnSync(executable, words, {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
      // With SIGSTORE_DEBUG it says where V8 does not take what was compiled ahead.
      env: { HOME: folder, NODE_OPTIONS: "--require ./verify.cjs", SIGSTORE_DEBUG: "1" },
    });
    if (status !== 0 || !expected.test(stdout) || stderr.includes("is not of this Node"))
      throw new UnexpectedAnswer(`the executable's ${words.join(" ")} exits with ${status}: ${stdout}${stderr}`);
    return stdout;
  };
  run(["version"], /^sigstore \d/);
  run(["help", "verify"], /^usage: sigstore verify/);
  run(["completion", "bash"], /^_sigstore/);
  for (const name of ALONE) run([name, "--help"], new RegExp(`^usage: sigstore ${name}`, "u"));
  const data = join(folder, "instance");
  const up = ["up", "--detach", "--dev", "--json", "--port", "0", "--verification-threads", "1", "--data", data];
  const { url } = JSON.parse(run(up, /"RunningInstance"/)) as { readonly url: string };
  try {
    const token = await fetchInstanceToken(url, PERSON, Date.now);
    writeFileSync(join(folder, "token"), token.reveal(), { mode: 0o600 });
    writeFileSync(join(folder, "file"), "signed by the executable\n");
    const trust = join(data, "trust");
    const signer = ["--identity-token-file", "token"];
    run(["sign", "--yes", "--trust-config", join(trust, "trust_config.json"), ...signer, "file"], /^signed: file/);
    const who = ["--identity", PERSON, "--issuer", `${url}/auth`];
    run(["verify", "--trusted-root", join(trust, "trusted_root.json"), ...who, "file"], /^verified: file/);
    run(["inspect", "file.sigstore.json"], /^not verified/);
  } finally {
    run(["down", "--data", data], /^ended/);
  }
  return [];
}
