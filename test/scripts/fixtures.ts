/**
 * What scripts can ask to be made: signatures of a virtual Sigstore, damaged files, odd paths, public vectors.
 */
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { SignatureAlgorithmName } from "../../src/crypto/algorithms.ts";
import { digest } from "../../src/crypto/digest.ts";
import { serializePem } from "../../src/encoding/pem.ts";
import type { BundleVersion } from "../../src/formats/bundle/bundle.ts";
import { CLIENT_TRUST_CONFIG_MEDIA_TYPE } from "../../src/formats/client-trust-config.ts";
import { serializeDsseEnvelope } from "../../src/formats/dsse.ts";
import { parseTimestampResponse, serializeTimestampRequest } from "../../src/formats/rfc3161.ts";
import { embeddedScts, serializeSctList } from "../../src/formats/sct.ts";
import { SIGNING_CONFIG_MEDIA_TYPES } from "../../src/formats/signing-config.ts";
import { parseCertificate } from "../../src/formats/x509/certificate.ts";
import { PERSON, USER_NAME, WORKFLOW_RUN, WORKLOAD } from "../../src/testing/identities.ts";
import type { SigningIdentity } from "../../src/testing/identities.ts";
import type { SignedBundle, SigningOptions } from "../../src/testing/signing-options.ts";
import { createVirtualSigstore, statementAbout } from "../../src/testing/virtual-sigstore.ts";
import type { VirtualSigstore } from "../../src/testing/virtual-sigstore.ts";
import { keySample } from "../key-samples.ts";
import { vectorsPath } from "../vectors-path.ts";
import { makeLog } from "./log-fixture.ts";
import type { FixtureStep } from "./script.ts";

/** Before any clock that a test may run under: nothing is signed in the future. */
export const SCRIPT_NOW_MS = 1_709_294_400_000;

const SHA256 = "2.16.840.1.101.3.4.2.1";

const IDENTITIES: Readonly<Record<string, SigningIdentity>> = {
  person: PERSON,
  user: USER_NAME,
  workload: WORKLOAD,
  workflow: WORKFLOW_RUN,
};

/** A script's folder and its instance, made when first asked for. */
export class Fixtures {
  readonly folder: string;
  readonly #bundles = new Map<string, SignedBundle>();
  #sigstore: VirtualSigstore | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes what `step` asks for. Throws `Error` for a fixture that does not exist. */
  async make(step: FixtureStep): Promise<void> {
    const make = MAKERS[step.name];
    if (make === undefined) throw new Error(`line ${step.line}: no fixture is called ${step.name}`);
    await make(this, step);
  }

  /** Path of a file of the script. */
  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Uint8Array {
    return readFileSync(this.path(name));
  }

  write(name: string, content: Uint8Array | string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  /** The virtual Sigstore; its trusted root lies in the folder from then on. */
  async sigstore(): Promise<VirtualSigstore> {
    this.#sigstore ??= await createVirtualSigstore({ seed: "scripts", nowMs: SCRIPT_NOW_MS });
    if (!existsSync(this.path("trusted_root.json"))) this.write("trusted_root.json", this.#sigstore.trustedRootJson);
    return this.#sigstore;
  }

  /** Keeps a signature under the name of its bundle, for fixtures that take it apart. */
  keep(name: string, signed: SignedBundle): void {
    this.#bundles.set(name, signed);
    this.write(name, signed.json);
  }

  bundle(name: string): SignedBundle {
    const signed = this.#bundles.get(name);
    if (signed === undefined) throw new Error(`no fixture signed ${name}`);
    return signed;
  }
}

const SIGNING_CONFIG = {
  mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.2"],
  caUrls: [
    {
      url: "https://fulcio.sigstore.test",
      majorApiVersion: 1,
      validFor: { start: "2023-01-01T00:00:00Z" },
      operator: "sigstore.test",
    },
  ],
  oidcUrls: [
    {
      url: "https://login.sigstore.test",
      majorApiVersion: 1,
      validFor: { start: "2023-01-01T00:00:00Z" },
      operator: "sigstore.test",
    },
  ],
  rekorTlogUrls: [
    {
      url: "https://log2026.sigstore.test",
      majorApiVersion: 2,
      validFor: { start: "2023-01-01T00:00:00Z" },
      operator: "sigstore.test",
    },
  ],
  rekorTlogConfig: { selector: "ANY" },
  tsaUrls: [
    {
      url: "https://timestamp.sigstore.test",
      majorApiVersion: 1,
      validFor: { start: "2023-01-01T00:00:00Z" },
      operator: "sigstore.test",
    },
  ],
  tsaConfig: { selector: "EXACT", count: 1 },
};

type Maker = (fixtures: Fixtures, step: FixtureStep) => void | Promise<void>;

const MAKERS: Readonly<Record<string, Maker>> = {
  /** `sign FILE [bundle=NAME] [as=person|user|workload|workflow] [rekor=1|2] [version=0.3] [algorithm=…] [key=FILE]` */
  sign: async (fixtures, step) => {
    const { file, name } = namesOf(step);
    const sigstore = await fixtures.sigstore();
    const signed = await sigstore.signMessage(fixtures.read(file), signingOptions(step));
    keepSigned(fixtures, step, name, signed);
  },
  /** `attest FILE …`: the same with a statement about the file. */
  attest: async (fixtures, step) => {
    const { file, name } = namesOf(step);
    const sigstore = await fixtures.sigstore();
    const statement = statementAbout(fixtures.read(file), file);
    keepSigned(fixtures, step, name, await sigstore.signStatement(statement, signingOptions(step)));
  },
  /** `part KIND BUNDLE NAME`: a piece of a signature as a file of its own. */
  part: (fixtures, { operands: [kind = "", bundle = "", name = ""] }) => {
    fixtures.write(name, partOf(kind, fixtures.bundle(bundle)));
  },
  /** `key SAMPLE…`: keys of test/key-samples, under the same names. */
  key: (fixtures, { operands }) => {
    for (const name of operands) fixtures.write(name, keySample(name));
  },
  /** `signing-config NAME`, `client-trust-config NAME`. */
  "signing-config": async (fixtures, { operands: [name = ""] }) => fixtures.write(name, JSON.stringify(SIGNING_CONFIG)),
  "client-trust-config": async (fixtures, { operands: [name = ""] }) => {
    const trustedRoot: unknown = JSON.parse((await fixtures.sigstore()).trustedRootJson);
    fixtures.write(
      name,
      JSON.stringify({ mediaType: CLIENT_TRUST_CONFIG_MEDIA_TYPE, trustedRoot, signingConfig: SIGNING_CONFIG }),
    );
  },
  /** `trusted-root`: the instance's own, as trusted_root.json. */
  "trusted-root": async (fixtures) => {
    await fixtures.sigstore();
  },
  /** `replace FILE OLD NEW`: the first occurrence. */
  replace: (fixtures, { operands: [file = "", before = "", after = ""], line }) => {
    const text = Buffer.from(fixtures.read(file)).toString("utf8");
    if (!text.includes(before)) throw new Error(`line ${line}: ${file} does not hold ${before}`);
    fixtures.write(
      file,
      text.replace(before, () => after),
    );
  },
  /** `truncate FILE BYTES`: also grows a file, with zeros that take no room. */
  truncate: (fixtures, { operands: [file = "", bytes = "0"] }) => {
    if (!existsSync(fixtures.path(file))) fixtures.write(file, "");
    truncateSync(fixtures.path(file), Number(bytes));
  },
  hex: (fixtures, { operands: [file = "", digits = ""] }) => fixtures.write(file, Buffer.from(digits, "hex")),
  text: (fixtures, { operands: [file = "", text = ""] }) => fixtures.write(file, text),
  copy: (fixtures, { operands: [from = "", to = ""] }) => copyFileSync(fixtures.path(from), fixtures.path(to)),
  folder: (fixtures, { operands: [name = ""] }) => {
    mkdirSync(fixtures.path(name));
  },
  /** `pipe NAME`: a named pipe to which nobody writes. */
  pipe: (fixtures, { operands: [name = ""] }) => {
    execFileSync("mkfifo", [fixtures.path(name)]);
  },
  link: (fixtures, { operands: [target = "", name = ""] }) => symlinkSync(target, fixtures.path(name)),
  /** `deny FILE`: nobody may read it; the commands of the script then run as a user to whom that matters. */
  deny: (fixtures, { operands: [file = ""] }) => chmodSync(fixtures.path(file), 0),
  /** `log FOLDER [kind=rekor|ct] [entries=N]`: a log, and its key as FOLDER.pub. */
  log: (fixtures, { operands: [folder = ""], options: { kind = "rekor", entries = "0" } }) =>
    makeLog(fixtures.path(folder), kind, Number(entries), SCRIPT_NOW_MS),
  /** `flip FILE BYTE`: another lowest bit in this byte; from the end with a minus. */
  flip: (fixtures, { operands: [file = "", at = "0"] }) => {
    const bytes = Uint8Array.from(fixtures.read(file));
    const place = Number(at) < 0 ? bytes.length + Number(at) : Number(at);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    fixtures.write(file, bytes);
  },
  /** `vector PATH NAME`: a copy of a public vector. */
  vector: (fixtures, { operands: [path = "", name = ""], line }) => {
    const source = vectorsPath(...path.split("/"));
    if (source === undefined) throw new Error(`line ${line}: no vector ${path}`);
    copyFileSync(source, fixtures.path(name));
  },
};

function namesOf({ operands: [file = ""], options }: FixtureStep): { file: string; name: string } {
  return { file, name: options["bundle"] ?? `${file}.sigstore.json` };
}

function signingOptions({ options }: FixtureStep): SigningOptions {
  const { as: who = "person", rekor, version, algorithm, key, subject, timestamps } = options;
  const identity = IDENTITIES[who] ?? PERSON;
  return {
    ...(key === undefined
      ? { identity: subject === undefined ? identity : { ...identity, subject } }
      : { managedKey: { hint: key } }),
    ...(rekor === undefined ? {} : { rekor: rekor === "1" ? 1 : 2 }),
    ...(version === undefined ? {} : { bundleVersion: version as BundleVersion }),
    ...(algorithm === undefined ? {} : { algorithm: algorithm as SignatureAlgorithmName }),
    ...(timestamps === undefined ? {} : { timestamps: Number(timestamps) }),
  };
}

function keepSigned(fixtures: Fixtures, { options }: FixtureStep, name: string, signed: SignedBundle): void {
  fixtures.keep(name, signed);
  if (options["key"] !== undefined) fixtures.write(options["key"], serializePem("PUBLIC KEY", signed.publicKey));
}

function partOf(kind: string, { bundle, certificate, publicKey }: SignedBundle): Uint8Array | string {
  const entry = bundle.material.tlogEntries[0];
  switch (kind) {
    case "certificate.pem":
      return serializePem("CERTIFICATE", present(certificate, kind));
    case "certificate.der":
      return present(certificate, kind);
    case "key.pem":
      return serializePem("PUBLIC KEY", publicKey);
    case "key.der":
      return publicKey;
    case "timestamp":
      return present(bundle.material.timestamps[0], kind);
    case "entry-body":
      return present(entry?.canonicalizedBody, kind);
    case "checkpoint":
      return present(entry?.inclusionProof?.checkpoint, kind);
    case "scts":
      return serializeSctList(embeddedScts(parseCertificate(present(certificate, kind))));
    case "payload":
      return present(bundle.content.kind === "dsseEnvelope" ? bundle.content.envelope.payload : undefined, kind);
    case "envelope":
      return JSON.stringify(
        serializeDsseEnvelope(
          present(bundle.content.kind === "dsseEnvelope" ? bundle.content.envelope : undefined, kind),
        ),
      );
    case "token":
      return present(parseTimestampResponse(present(bundle.material.timestamps[0], kind)).token, kind).signedData.raw;
    case "request":
      return serializeTimestampRequest({
        messageImprint: { hashAlgorithm: SHA256, digest: digest("sha256", publicKey) },
        certificatesWanted: true,
      });
    case "note":
      return "a note\nof two lines\n\n\u2014 example.com AAAAAAA=\n";
    default:
      throw new Error(`no part of a bundle is called ${kind}`);
  }
}

function present<Value>(value: Value | undefined, kind: string): Value {
  if (value === undefined) throw new Error(`this bundle has no ${kind}`);
  return value;
}
