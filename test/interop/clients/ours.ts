/**
 * Our own client: signs with the library (`src/sign` over `src/clients`), verifies with the command.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FulcioClient } from "../../../src/clients/fulcio.ts";
import { HttpClient } from "../../../src/clients/http/http-client.ts";
import { RekorV1Client } from "../../../src/clients/rekor-v1.ts";
import { RekorV2Client } from "../../../src/clients/rekor-v2.ts";
import { TimestampAuthorityClient } from "../../../src/clients/timestamp-authority.ts";
import { isSigstoreError } from "../../../src/errors.ts";
import { parseIdentityToken } from "../../../src/formats/identity-token.ts";
import { parseSigningConfig } from "../../../src/formats/signing-config.ts";
import { parseTrustedRoot } from "../../../src/formats/trusted-root.ts";
import { KeylessSession } from "../../../src/sign/keyless-session.ts";
import { selectServices } from "../../../src/sign/select-services.ts";
import { signMessage, signStatement } from "../../../src/sign/sign.ts";
import { loadTrustMaterial } from "../../../src/verify/trust.ts";
import { runProgram } from "../programs.ts";
import { type Client, clientEnvironment, type SignRequest } from "./client.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Ours. */
export const ours: Client = {
  name: "ours",
  peer: undefined,
  sign: async (request) => {
    const http = new HttpClient();
    try {
      writeFileSync(request.bundle, await signWithLibrary(request, http));
      return { status: 0, output: "", said: "" };
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      return { status: 1, output: "", said: `${error.code}: ${error.message}; ${error.hint ?? ""}` };
    } finally {
      http.close();
    }
  },
  verify: ({ stack, bundle, file, email }) => {
    const folder = dirname(bundle);
    const identity = ["--identity", email, "--issuer", stack.issuer];
    const args = ["verify", "--trusted-root", stack.trustedRoot, "--bundle", bundle, ...identity, file];
    const program = join(ROOT, "bin", "sigstore");
    return runProgram(program, args, { cwd: folder, environment: clientEnvironment(folder) });
  },
};

async function signWithLibrary(
  { stack, log, kind, tokenFile, material }: SignRequest,
  http: HttpClient,
): Promise<string> {
  const config = parseSigningConfig(readFileSync(log.signingConfig));
  const { certificateAuthority, tlogs, timestampAuthorities } = selectServices(config, {
    nowMs: Date.now(),
    random: Math.random,
  });
  const token = parseIdentityToken(readFileSync(tokenFile, "utf8"));
  const trust = loadTrustMaterial(parseTrustedRoot(readFileSync(stack.trustedRoot)));
  const session = new KeylessSession({
    identityProvider: { label: "interop", fetchIdentityToken: async () => Promise.resolve(token) },
    certificateAuthority: new FulcioClient(certificateAuthority.url, http),
    trust,
    now: Date.now,
  });
  const context = {
    logs: tlogs.map(({ url, majorApiVersion }) =>
      majorApiVersion === 1 ? new RekorV1Client(url, http) : new RekorV2Client(url, http),
    ),
    timestampAuthorities: timestampAuthorities.map(({ url }) => new TimestampAuthorityClient(url, http)),
    trust,
    now: Date.now,
  };
  const key = await session.key();
  const { json } =
    kind === "file"
      ? await signMessage({ kind: "bytes", bytes: readFileSync(material.file) }, key, context)
      : await signStatement(readFileSync(material.statement), key, context);
  return json;
}
