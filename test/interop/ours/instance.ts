/**
 * Our own services: `sigstore up --dev` in a folder of its own, as anybody starts it.
 */
import { join } from "node:path";
import { fetchInstanceToken } from "../../instance-login.ts";
import { answersAt, httpGet, ServingProgram } from "../programs.ts";
import type { Stack } from "../stack.ts";

/** The command, from the sources. */
export const SIGSTORE = join(import.meta.dirname, "..", "..", "..", "bin", "sigstore");

/** Our instance, and what else may be asked of it. */
export interface OurStack extends Stack {
  readonly url: string;
  readonly folder: string;
}

/** Starts an instance on `port` with its data in `folder`; a folder that was used before is taken up again. */
export async function startOurStack(folder: string, port: number, more: readonly string[] = []): Promise<OurStack> {
  const url = `${more.includes("--tls") ? "https" : "http"}://localhost:${port}`;
  const command = [SIGSTORE, "up", "--dev", "--data", folder, "--port", String(port), ...more];
  const program = await ServingProgram.start("our instance", command, `${folder}.log`, answersAt(`${url}/healthz`));
  const trust = (name: string): string => join(folder, "trust", name);
  return {
    name: "ours",
    url,
    folder,
    issuer: `${url}/auth`,
    trustedRoot: trust("trusted_root.json"),
    logs: [{ name: "rekor2", signingConfig: trust("signing_config.json"), trustConfig: trust("trust_config.json") }],
    token: async (email) => (await fetchInstanceToken(url, email, Date.now)).reveal(),
    stop: () => program.stop(),
  };
}

/** The size of the instance's Rekor log, from its checkpoint. */
export async function logSize(url: string): Promise<number> {
  const answer = await httpGet(`${url}/api/v2/checkpoint`);
  return Number(answer?.body.split("\n")[1]);
}
