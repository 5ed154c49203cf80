/**
 * The verifying half of the public suite's CLI_PROTOCOL.md, over the library: `verify-bundle [--staging] --bundle FILE
 * (--certificate-identity ID --certificate-oidc-issuer URL | --key FILE) [--trusted-root FILE] FILE_OR_DIGEST`.
 *
 * `sign-bundle` is sign-bundle.ts. Started by `test/conformance/client`, so that the public harness can drive it.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { hexDecode } from "../../src/encoding/hex.ts";
import * as sources from "../../src/index.ts";
import type { Artifact, ErrorCode, Trust, VerificationResult } from "../../src/index.ts";

/** The library as its users have it: the sources, or a bundle of them. */
export type Library = typeof sources;

/** What one call of the client came to: `code` is absent for a yes. */
export interface ClientAnswer {
  readonly verified: boolean;
  readonly code?: ErrorCode;
  readonly message: string;
}

/** Runs the client in process on `argv` (without program names). */
export function runClient(argv: readonly string[], library: Library = sources): ClientAnswer {
  try {
    const result = verifyCall(argv, library);
    return result.verdict === "verified"
      ? { verified: true, message: "verified" }
      : {
          verified: false,
          ...(result.failure === undefined ? {} : { code: result.failure.code }),
          message: result.failure?.message ?? result.verdict,
        };
  } catch (error) {
    if (!library.isSigstoreError(error)) throw error;
    return { verified: false, code: error.code, message: error.message };
  }
}

function verifyCall(argv: readonly string[], library: Library): VerificationResult {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      staging: { type: "boolean" },
      bundle: { type: "string" },
      "certificate-identity": { type: "string" },
      "certificate-oidc-issuer": { type: "string" },
      key: { type: "string" },
      "trusted-root": { type: "string" },
    },
  });
  const [command, target] = positionals;
  if (command !== "verify-bundle" || target === undefined || values.bundle === undefined) {
    throw new TypeError("expected: verify-bundle [--staging] --bundle FILE … FILE_OR_DIGEST");
  }
  const identity = values["certificate-identity"];
  const issuer = values["certificate-oidc-issuer"];
  const { exactIdentity, parsePublicKeyPem, verify } = library;
  return verify({
    bundle: readFileSync(values.bundle),
    artifact: artifactOf(target),
    trust: trustOf(library, values["trusted-root"], values.staging === true),
    ...(values.key === undefined ? {} : { key: { spki: parsePublicKeyPem(readFileSync(values.key, "utf8")) } }),
    ...(identity === undefined || issuer === undefined ? {} : { identities: [exactIdentity(issuer, identity)] }),
    nowMs: Date.now(),
  });
}

/** CLI_PROTOCOL.md: a digest starts with `sha256:`, has the right length, and is no path on disk. */
function artifactOf(target: string): Artifact {
  const isDigest = /^sha256:[0-9a-fA-F]{64}$/.test(target) && !existsSync(target);
  return isDigest
    ? { kind: "digests", digests: { sha256: hexDecode(target.slice("sha256:".length)) } }
    : { kind: "bytes", bytes: readFileSync(target) };
}

function trustOf({ findInstance, loadTrust }: Library, path: string | undefined, staging: boolean): Trust {
  return path === undefined
    ? loadTrust(findInstance(staging ? "staging" : "public"))
    : loadTrust({ trustedRoot: readFileSync(path), source: path });
}

async function runAnyCall(argv: readonly string[]): Promise<ClientAnswer> {
  if (!argv.includes("sign-bundle")) return runClient(argv);
  const { signBundle } = await import("./sign-bundle.ts");
  try {
    await signBundle(argv);
    return { verified: true, message: "signed" };
  } catch (error) {
    if (!sources.isSigstoreError(error)) throw error;
    return { verified: false, code: error.code, message: error.message };
  }
}

if (import.meta.main) {
  const answer = await runAnyCall(process.argv.slice(2));
  if (!answer.verified) console.error(`${answer.code ?? "refused"}: ${answer.message}`);
  process.exitCode = answer.verified ? 0 : 1;
}
