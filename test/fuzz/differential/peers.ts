/**
 * Other verifiers, as programs: sigstore-go by the small client of ../shared/peers, and stock cosign for managed keys.
 *
 * Looked for by environment variable, then on PATH, then where ../shared/peers/get puts them.
 */
import { execFile } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { serializePem } from "../../../src/encoding/pem.ts";
import type { FuzzCase } from "../verify/fuzz-case.ts";

/** What another verifier says. */
export interface PeerAnswer {
  readonly verified: boolean;
  readonly message: string;
}

/** Another verifier. */
export interface Peer {
  readonly name: string;
  /** The variable that names its program, and the program's usual name. */
  readonly variable: string;
  readonly program: string;
  /** True for the cases that it is asked about. */
  judges(fuzzCase: FuzzCase): boolean;
  /** Its arguments, behind the program's name. */
  argumentsFor(fuzzCase: FuzzCase, files: CaseFiles): readonly string[];
}

/** Where the parts of a case lie. */
export interface CaseFiles {
  readonly bundle: string;
  readonly trustedRoot: string;
  readonly artifact: string;
  readonly key: string;
}

/** The peers, each for its own cases. */
export const PEERS: readonly Peer[] = [
  {
    name: "sigstore-go",
    variable: "SIGSTORE_GO_CLIENT",
    program: "sigstore-go-client",
    judges: ({ signer }) => signer.kind === "identity",
    argumentsFor({ signer }, { bundle, trustedRoot, artifact }) {
      const { issuer, subject } = signer.kind === "identity" ? signer : { issuer: "", subject: "" };
      return [
        "verify",
        "--trusted-root",
        trustedRoot,
        "--identity",
        subject,
        "--issuer",
        issuer,
        "--bundle",
        bundle,
        artifact,
      ];
    },
  },
  {
    name: "cosign",
    variable: "COSIGN",
    program: "cosign",
    judges: ({ signer }) => signer.kind === "key",
    argumentsFor(fuzzCase, { bundle, trustedRoot, artifact, key }) {
      const isStatement = fuzzCase.name.includes("statement");
      const command = isStatement
        ? ["verify-blob-attestation", "--type", "https://slsa.dev/provenance/v1", "--check-claims=true"]
        : ["verify-blob"];
      const digest = fuzzCase.name.includes("p384") ? ["--signature-digest-algorithm", "sha384"] : [];
      const times = fuzzCase.bundle.includes("signedTimestamp") ? ["--use-signed-timestamps"] : [];
      return [
        ...command,
        ...digest,
        ...times,
        "--bundle",
        bundle,
        "--trusted-root",
        trustedRoot,
        "--key",
        key,
        artifact,
      ];
    },
  },
];

/** Path of a peer's program, or undefined where there is none. */
export function findPeer({ variable, program }: Pick<Peer, "variable" | "program">): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== "") return isProgram(named) ? named : undefined;
  const home = process.env["PEERS_HOME"] ?? join(homedir(), ".cache", "sigstore-peers");
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), join(home, "bin")];
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A folder with the files of one case, of which parts are replaced for each question. */
export class PeerSession {
  readonly #folder = mkdtempSync(join(tmpdir(), "sigstore-fuzz-"));

  /** Asks `peer` about a case. */
  async ask(
    peer: Peer,
    program: string,
    fuzzCase: FuzzCase,
    content: { readonly bundle: Uint8Array; readonly trustedRoot: Uint8Array; readonly artifact: Uint8Array },
  ): Promise<PeerAnswer> {
    const path = (name: string): string => join(this.#folder, name);
    const files: CaseFiles = {
      bundle: path("bundle.json"),
      trustedRoot: path("trusted_root.json"),
      artifact: path("artifact"),
      key: path("key.pem"),
    };
    writeFileSync(files.bundle, content.bundle);
    writeFileSync(files.trustedRoot, content.trustedRoot);
    writeFileSync(files.artifact, content.artifact);
    if (fuzzCase.signer.kind === "key") writeFileSync(files.key, serializePem("PUBLIC KEY", fuzzCase.signer.spki));
    return run(program, peer.argumentsFor(fuzzCase, files));
  }

  /** Removes the files. */
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): Promise<PeerAnswer> {
  const { promise, resolve } = Promise.withResolvers<PeerAnswer>();
  execFile(program, args, { timeout: 60_000 }, (error, _, stderr) => {
    resolve({ verified: error === null, message: lastLine(stderr) });
  });
  return promise;
}

/** What cosign and the client say last; before it stands only what was printed already. */
function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
