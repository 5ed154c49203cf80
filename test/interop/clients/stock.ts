/**
 * The stock clients, each called as its own users call it: cosign 3, sigstore-python, and programs over the libraries of sigstore-js
 * and sigstore-go.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PEERS } from "../peers/catalogue.ts";
import type { PeerFolder } from "../peers/install.ts";
import { type ProgramOutcome, runProgram } from "../programs.ts";
import type { Stack } from "../stack.ts";
import { type Client, clientEnvironment, PREDICATE_TYPE } from "./client.ts";

/** All four. */
export function stockClients(peers: PeerFolder): readonly Client[] {
  return [cosign(peers), sigstorePython(peers), sigstoreJs(peers), sigstoreGo(peers)];
}

/** cosign 3: `sign-blob`, `attest-blob` and their verifiers. */
function cosign(peers: PeerFolder): Client {
  const run = (args: readonly string[], folder: string, stack: Stack): Promise<ProgramOutcome> =>
    runProgram(peers.program("cosign"), args, { cwd: folder, environment: clientEnvironment(folder, stack) });
  return {
    name: "cosign",
    peer: "cosign",
    sign: ({ stack, log, kind, tokenFile, bundle, material }) => {
      const attest = ["attest-blob", "--predicate", material.predicate, "--type", PREDICATE_TYPE];
      const trust = ["--signing-config", log.signingConfig, "--trusted-root", stack.trustedRoot];
      const args = [...(kind === "file" ? ["sign-blob"] : attest), "--yes", ...trust];
      return run([...args, "--identity-token", tokenFile, "--bundle", bundle, material.file], material.folder, stack);
    },
    verify: ({ stack, kind, bundle, file, email }) => {
      const verb = kind === "file" ? ["verify-blob"] : ["verify-blob-attestation", "--type", PREDICATE_TYPE];
      const identity = ["--certificate-identity", email, "--certificate-oidc-issuer", stack.issuer];
      const trust = ["--trusted-root", stack.trustedRoot, "--use-signed-timestamps"];
      return run([...verb, ...trust, "--bundle", bundle, ...identity, file], dirname(bundle), stack);
    },
  };
}

/** sigstore-python: everything by `--trust-config`. */
function sigstorePython(peers: PeerFolder): Client {
  const run = (args: readonly string[], folder: string, stack: Stack, token?: string): Promise<ProgramOutcome> => {
    const environment = clientEnvironment(folder, stack, token === undefined ? {} : { SIGSTORE_IDENTITY_TOKEN: token });
    return runProgram(peers.pythonProgram("sigstore"), args, { cwd: folder, environment });
  };
  return {
    name: "sigstore-python",
    peer: "sigstore-python",
    sign: ({ stack, log, kind, tokenFile, bundle, material }) => {
      const attest = ["attest", "--predicate", material.predicate, "--predicate-type", PREDICATE_TYPE];
      const args = ["--trust-config", log.trustConfig, ...(kind === "file" ? ["sign"] : attest)];
      const token = readFileSync(tokenFile, "utf8");
      return run([...args, "--bundle", bundle, "--overwrite", material.file], material.folder, stack, token);
    },
    verify: ({ stack, bundle, file, email }) => {
      const trust = ["--trust-config", firstTrustConfig(stack)];
      const identity = ["--cert-identity", email, "--cert-oidc-issuer", stack.issuer];
      return run(
        [...trust, "verify", "identity", "--offline", "--bundle", bundle, ...identity, file],
        dirname(bundle),
        stack,
      );
    },
  };
}

/** Any of a stack's: the trusted root in them is the same. */
function firstTrustConfig({ logs }: Stack): string {
  return logs[0]?.trustConfig ?? "";
}

/** How our programs are told to verify. */
function trusted({ trustedRoot }: Stack): readonly string[] {
  return ["verify", "--trusted-root", trustedRoot];
}

/** sigstore-js: our program over its packages. */
function sigstoreJs(peers: PeerFolder): Client {
  const script = join(import.meta.dirname, "..", "peers", "sigstore-js", "client.ts");
  const run = (args: readonly string[], folder: string, stack: Stack): Promise<ProgramOutcome> => {
    const all = [script, ...args, "--packages", peers.nodePackages];
    return runProgram(process.execPath, all, { cwd: folder, environment: clientEnvironment(folder, stack) });
  };
  return {
    name: "sigstore-js",
    peer: "sigstore-js",
    sign: ({ stack, log, kind, tokenFile, bundle, material }) => {
      const files = ["--signing-config", log.signingConfig, "--token-file", tokenFile, "--bundle", bundle];
      const signed = kind === "file" ? [material.file] : ["--statement", material.statement];
      return run(["sign", ...files, ...signed], material.folder, stack);
    },
    verify: ({ stack, bundle, file, email }) => {
      const identity = ["--identity", email, "--issuer", stack.issuer];
      return run([...trusted(stack), "--bundle", bundle, ...identity, file], dirname(bundle), stack);
    },
  };
}

/** sigstore-go: our program over its library. */
function sigstoreGo(peers: PeerFolder): Client {
  const run = (args: readonly string[], folder: string, stack: Stack): Promise<ProgramOutcome> => {
    const program = peers.program(PEERS["sigstore-go"].source.program);
    return runProgram(program, args, { cwd: folder, environment: clientEnvironment(folder, stack) });
  };
  return {
    name: "sigstore-go",
    peer: "sigstore-go",
    sign: ({ stack, log, kind, tokenFile, bundle, material }) => {
      const trust = ["--trusted-root", stack.trustedRoot, "--signing-config", log.signingConfig];
      const files = ["--token-file", tokenFile, "--bundle", bundle];
      const signed = kind === "file" ? [material.file] : ["--statement", material.statement];
      return run(["sign", ...trust, ...files, ...signed], material.folder, stack);
    },
    verify: ({ stack, bundle, file, email }) => {
      const identity = ["--identity", email, "--issuer", stack.issuer];
      return run([...trusted(stack), "--bundle", bundle, ...identity, file], dirname(bundle), stack);
    },
  };
}
