/**
 * Our own client: `sigstore sign`, `attest` and `verify`, as anybody calls them.
 */
import { dirname } from "node:path";
import { SIGSTORE } from "../ours/instance.ts";
import { type ProgramOutcome, runProgram } from "../programs.ts";
import { type Client, clientEnvironment, PREDICATE_TYPE } from "./client.ts";

/** Ours. */
export const ours: Client = {
  name: "ours",
  peer: undefined,
  sign: ({ stack, log, kind, tokenFile, bundle, material }) => {
    const attest = ["attest", "--predicate", material.predicate, "--type", PREDICATE_TYPE];
    const args = [...(kind === "file" ? ["sign"] : attest), "--trust-config", log.trustConfig, "--yes"];
    const tls = stack.tlsAuthority === undefined ? [] : ["--ca-file", stack.tlsAuthority];
    const files = ["--identity-token-file", tokenFile, "--bundle", bundle, ...tls, material.file];
    return run([...args, ...files], material.folder);
  },
  verify: ({ stack, bundle, file, email }) => {
    const identity = ["--identity", email, "--issuer", stack.issuer];
    const args = ["verify", "--trusted-root", stack.trustedRoot, "--bundle", bundle, ...identity, file];
    return run(args, dirname(bundle));
  },
};

function run(args: readonly string[], folder: string): Promise<ProgramOutcome> {
  const [command = "", ...first] = SIGSTORE;
  return runProgram(command, [...first, ...args], { cwd: folder, environment: clientEnvironment(folder, {}) });
}
