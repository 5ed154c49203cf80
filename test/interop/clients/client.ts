/**
 * What the suite asks of every client: sign a file or a statement about it, and verify what somebody signed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../src/crypto/digest.ts";
import { hexEncode } from "../../../src/encoding/hex.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import type { PeerName } from "../peers/catalogue.ts";
import type { ProgramOutcome } from "../programs.ts";
import type { LogTarget, Stack } from "../stack.ts";

/** A signature over a file as it is, or over an in-toto statement about it. */
export type SignedKind = "file" | "attestation";

/** Names of the clients. */
export type ClientName = "ours" | "cosign" | "sigstore-python" | "sigstore-js" | "sigstore-go";

/** What is to be signed, by path. */
export interface Material {
  /** Where clients may write; their home too. */
  readonly folder: string;
  readonly file: string;
  readonly otherFile: string;
  readonly predicate: string;
  readonly statement: string;
}

/** A signature that is wanted. */
export interface SignRequest {
  readonly stack: Stack;
  readonly log: LogTarget;
  readonly kind: SignedKind;
  /** File that holds the identity token. */
  readonly tokenFile: string;
  /** File to be written. */
  readonly bundle: string;
  readonly material: Material;
}

/** A bundle that is to be judged. */
export interface VerifyRequest {
  readonly stack: Stack;
  readonly kind: SignedKind;
  readonly bundle: string;
  readonly file: string;
  readonly email: string;
}

/** A client of Sigstore; status 0 is a yes. */
export interface Client {
  readonly name: ClientName;
  /** What has to be installed. */
  readonly peer: PeerName | undefined;
  sign(request: SignRequest): Promise<ProgramOutcome>;
  verify(request: VerifyRequest): Promise<ProgramOutcome>;
}

/** One that every stock client can attest and read. */
export const PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

const PREDICATE = {
  buildDefinition: {
    buildType: "https://interop.test/build",
    externalParameters: {},
    internalParameters: {},
    resolvedDependencies: [],
  },
  runDetails: { builder: { id: "https://interop.test/builder" }, metadata: { invocationId: "1" } },
};

/** Writes what is to be signed into `folder`. */
export function writeMaterial(folder: string): Material {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const text = "a file that everybody signs\n";
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "file.txt", digest: { sha256: hexEncode(sha256(utf8Encode(text))) } }],
    predicateType: PREDICATE_TYPE,
    predicate: PREDICATE,
  };
  return {
    folder,
    file: write("file.txt", text),
    otherFile: write("other.txt", "a file that nobody signed\n"),
    predicate: write("predicate.json", JSON.stringify(PREDICATE)),
    statement: write("statement.json", JSON.stringify(statement)),
  };
}

/** The environment of clients: a home of their own, no colours, nothing remembered, and the stack's TLS believed. */
export function clientEnvironment(
  folder: string,
  { tlsAuthority }: Pick<Stack, "tlsAuthority">,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string | undefined>> {
  const home = { HOME: folder, XDG_CACHE_HOME: join(folder, "cache"), XDG_DATA_HOME: join(folder, "data") };
  // One name for Go, one for Python's requests, one for Node.
  const tls =
    tlsAuthority === undefined
      ? {}
      : { SSL_CERT_FILE: tlsAuthority, REQUESTS_CA_BUNDLE: tlsAuthority, NODE_EXTRA_CA_CERTS: tlsAuthority };
  return { PATH: process.env["PATH"], ...home, NO_COLOR: "1", SIGSTORE_NO_CACHE: "true", ...tls, ...more };
}
