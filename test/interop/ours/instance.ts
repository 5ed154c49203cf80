/**
 * Our own services: `sigstore up --dev` in a folder of its own, as anybody starts it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchInstanceToken } from "../../instance-login.ts";
import { ServingProgram } from "../programs.ts";
import type { Stack } from "../stack.ts";
import type { TokenIssuer } from "../stock/token-issuer.ts";

/** The command, from the sources; without the launcher, who would stand between us and its signals. */
export const SIGSTORE: readonly string[] = [
  process.execPath,
  join(import.meta.dirname, "..", "..", "..", "bin", "sigstore.ts"),
];

/** Our instance, and what else may be asked of it. */
export interface OurStack extends Stack {
  readonly url: string;
  readonly folder: string;
}

/** How an instance is started, beside folder and port. */
export interface OurStackOptions {
  /** Tokens are this issuer's, beside those of the instance's own login. */
  readonly issuer?: TokenIssuer;
  readonly usesTls?: boolean;
}

/** Starts an instance on `port` with its data in `folder`; a folder that was used before is taken up again. */
export async function startOurStack(
  folder: string,
  port: number,
  { issuer, usesTls = false }: OurStackOptions = {},
): Promise<OurStack> {
  const url = `${usesTls ? "https" : "http"}://localhost:${port}`;
  const command = [...SIGSTORE, "up", "--dev", "--data", folder, "--port", String(port)];
  if (usesTls) command.push("--tls");
  if (issuer !== undefined) command.push("--fulcio-config", writeFulcioConfig(`${folder}.fulcio.json`, issuer));
  const program = await ServingProgram.start("our instance", command, `${folder}.log`, isUp);
  const trust = (name: string): string => join(folder, "trust", name);
  return {
    name: "ours",
    url,
    folder,
    issuer: issuer?.url ?? `${url}/auth`,
    trustedRoot: trust("trusted_root.json"),
    logs: [{ name: "rekor2", signingConfig: trust("signing_config.json"), trustConfig: trust("trust_config.json") }],
    ...(usesTls && { tlsAuthority: trust("tls-ca.pem") }),
    token: async (email) => issuer?.token(email) ?? (await fetchInstanceToken(url, email, Date.now)).reveal(),
    stop: () => program.stop(),
  };
}

async function isUp(said: string): Promise<boolean> {
  return Promise.resolve(said.includes("sigstore is up at"));
}

function writeFulcioConfig(path: string, { url }: TokenIssuer): string {
  writeFileSync(
    path,
    JSON.stringify({ OIDCIssuers: { [url]: { IssuerURL: url, ClientID: "sigstore", Type: "email" } } }),
  );
  return path;
}
