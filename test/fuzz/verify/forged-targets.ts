/**
 * Hostile authorities: what they sign is changed before they sign it, so that the changes get behind every signature check.
 *
 * Here a yes may be right, since whoever is trusted can say what it likes; asked is that the verifier answers at all, and
 * that it never tells another signer than the one it was asked for.
 */
import type { CertificateFields } from "../../../src/authority/issuing-authority.ts";
import { serializeStatement } from "../../../src/formats/in-toto.ts";
import type { Extension } from "../../../src/formats/x509/certificate.ts";
import { exactIdentity } from "../../../src/policy/identity.ts";
import { PERSON } from "../../../src/testing/identities.ts";
import type { Lies } from "../../../src/testing/lie-hooks.ts";
import type { SigningOptions } from "../../../src/testing/signing-options.ts";
import { statementAbout } from "../../../src/testing/virtual-sigstore.ts";
import type { VirtualSigstore } from "../../../src/testing/virtual-sigstore.ts";
import { loadTrust } from "../../../src/verdict/trust.ts";
import { judge } from "../../../src/verdict/verdict.ts";
import { flipOneBit, mutateBytes } from "../mutate/mutate-bytes.ts";
import { mutateDer } from "../mutate/mutate-der.ts";
import { mutateJson } from "../mutate/mutate-json.ts";
import { mutateText } from "../mutate/mutate-text.ts";
import type { Random } from "../random.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzInput, FuzzTarget } from "../target.ts";
import { makeVirtualSigstore } from "./virtual-cases.ts";

const ARTIFACT = new TextEncoder().encode("signed under a hostile authority\n");
const EDGE_TIMES_MS = [
  -62_167_219_200_000, -62_135_596_800_000, -1000, 0, 253_402_300_799_000, 2_524_608_000_000, 1_772_366_399_000,
];
const EDGE_NUMBERS = [0n, 1n, 253_402_300_799n, 253_402_300_800n, (1n << 63n) - 1n, (1n << 64n) - 1n];

/** How the bundles of one target are signed. */
const KINDS: Readonly<Record<string, SigningOptions>> = {
  "message-rekor1": { rekor: 1, timestamps: 1, timestampCertificates: "chain" },
  "message-rekor2": {},
  "statement-rekor1": { rekor: 1 },
  "statement-rekor2": { entryKind: "dsse" },
};

/** A target for each kind of bundle. */
export function forgedTargets(): readonly FuzzTarget[] {
  return Object.entries(KINDS).map(([kind, options]) => ({
    name: `verify/forged-${kind}`,
    make: (random) => new ForgedInput(kind.startsWith("statement"), options, forge(random), random),
    decode: (text) => new RepeatedInput(text),
  }));
}

/** A bundle with its trusted root, as a failed input tells them. */
interface Evidence {
  readonly bundle: string;
  readonly trustedRoot: string;
  readonly nowMs: number;
}

/** An input that signs when it is tried. */
class ForgedInput implements FuzzInput {
  readonly #isStatement: boolean;
  readonly #options: SigningOptions;
  readonly #lies: Lies;
  readonly #random: Random;
  #evidence: Evidence | undefined;

  constructor(isStatement: boolean, options: SigningOptions, lies: Lies, random: Random) {
    this.#isStatement = isStatement;
    this.#options = options;
    this.#lies = lies;
    this.#random = random;
  }

  async attempt(): Promise<string> {
    try {
      this.#evidence ??= await this.#sign();
    } catch {
      // The lie was one that our own writers do not tell.
      return "not signed";
    }
    return judgeEvidence(this.#evidence);
  }

  encode(): string {
    return Buffer.from(JSON.stringify(this.#evidence)).toString("base64");
  }

  async #sign(): Promise<Evidence> {
    const sigstore = await makeVirtualSigstore({ seed: "forged" });
    const options = { ...this.#options, lies: this.#lies };
    const { json } = this.#isStatement
      ? await this.#signStatement(sigstore, options)
      : await sigstore.signMessage(ARTIFACT, options);
    return { bundle: json, trustedRoot: sigstore.trustedRootJson, nowMs: sigstore.nowMs };
  }

  async #signStatement(sigstore: VirtualSigstore, options: SigningOptions): ReturnType<VirtualSigstore["signPayload"]> {
    const statement = new TextDecoder().decode(serializeStatement(statementAbout(ARTIFACT)));
    const payload = this.#random.chance(1, 2)
      ? statement
      : (mutateJson(statement, this.#random, [])?.text ?? statement);
    return sigstore.signPayload("application/vnd.in-toto+json", new TextEncoder().encode(payload), options);
  }
}

class RepeatedInput implements FuzzInput {
  readonly #evidence: Evidence;

  constructor(encoded: string) {
    this.#evidence = JSON.parse(Buffer.from(encoded, "base64").toString()) as Evidence;
  }

  attempt(): string {
    return judgeEvidence(this.#evidence);
  }

  encode(): string {
    return Buffer.from(JSON.stringify(this.#evidence)).toString("base64");
  }
}

function judgeEvidence({ bundle, trustedRoot, nowMs }: Evidence): string {
  const identities = [exactIdentity(PERSON.issuer, PERSON.subject)];
  const result = judge({
    bundle,
    artifact: { kind: "bytes", bytes: ARTIFACT },
    trust: loadTrust({ trustedRoot, source: "fuzz" }),
    identities,
    nowMs,
  });
  // What is told must be tellable.
  JSON.stringify(result);
  if (result.verdict !== "verified") return result.failure?.code ?? result.verdict;
  const { signer } = result;
  if (signer?.kind !== "certificate" || signer.subject !== PERSON.subject || signer.issuer !== PERSON.issuer)
    throw new FuzzFailure("verified another signer than was asked for");
  return "verified";
}

/** One or two lies. */
function forge(random: Random): Lies {
  const lies: Lies = random.pick(LIES)(random);
  return random.chance(1, 4) ? { ...random.pick(LIES)(random), ...lies } : lies;
}

/** A copy of an object with one of its members changed. */
function withMember<T extends object, K extends keyof T>(object: T, name: K, change: (value: T[K]) => T[K]): T {
  return { ...object, [name]: change(object[name]) };
}

const changed =
  (random: Random) =>
  (bytes: Uint8Array): Uint8Array =>
    mutateDer(bytes, random, [bytes]) ?? mutateBytes(bytes, random, [bytes]);
const number = (random: Random) => (): bigint => random.pick(EDGE_NUMBERS);
const edgeTime = (random: Random) => (): number => random.pick(EDGE_TIMES_MS);

const LIES: readonly ((random: Random) => Lies)[] = [
  (random) => ({ certificateFields: (fields) => forgeFields(fields, random) }),
  (random) => ({ issuedFields: (fields) => forgeFields(fields, random) }),
  (random) => ({ certificate: changed(random) }),
  (random) => ({ sctRequest: (request) => withMember(request, "timestampMs", number(random)) }),
  (random) => ({ sctRequest: (request) => withMember(request, "extensions", () => random.bytes(random.below(20))) }),
  (random) => ({ scts: (scts) => Array.from({ length: random.below(20) }, () => scts).flat() }),
  (random) => ({
    scts: (scts) =>
      scts.map((sct) =>
        withMember(sct, random.pick(["hashAlgorithm", "signatureAlgorithm"] as const), () => random.below(8)),
      ),
  }),
  (random) => ({
    timestampRequest: (request) =>
      withMember(request, "messageImprint", (imprint) => ({ ...imprint, digest: flipOneBit(imprint.digest, random) })),
  }),
  (random) => ({
    timestampRequest: (request) =>
      withMember(request, "messageImprint", (imprint) => ({
        ...imprint,
        hashAlgorithm: random.pick(["1.3.14.3.2.26", "2.16.840.1.101.3.4.2.3", "1.2.3"]),
      })),
  }),
  (random) => ({ tstInfo: (fields) => withMember(fields, "genTimeMs", edgeTime(random)) }),
  (random) => ({ tstInfo: (fields) => withMember(fields, "serialNumber", number(random)) }),
  (random) => ({ timestampParts: (parts) => withMember(parts, "tstInfo", changed(random)) }),
  (random) => ({ timestampParts: (parts) => withMember(parts, "attributes", (all) => forgeAttributes(all, random)) }),
  (random) => ({ timestampToken: changed(random) }),
  (random) => ({ timestamp: changed(random) }),
  (random) => ({ loggedEntry: (entry) => withMember(entry, "body", (body) => forgeBody(body, random)) }),
  (random) => ({ loggedEntry: (entry) => withMember(entry, "body", (body) => mutateBytes(body, random, [body])) }),
  (random) => ({ loggedEntry: (entry) => withMember(entry, "kindVersion", (named) => forgeKind(named, random)) }),
  (random) => ({
    promisedEntry: (entry) =>
      withMember(entry, random.pick(["integratedTimeSeconds", "logIndex"] as const), number(random)),
  }),
  (random) => ({
    tlogEntry: (entry) =>
      withMember(entry, random.pick(["integratedTimeSeconds", "logIndex"] as const), number(random)),
  }),
  (random) => forgeIntegratedTime(random.pick(EDGE_NUMBERS)),
  (random) => ({ proof: (proof) => withMember(proof, random.pick(["logIndex", "treeSize"] as const), number(random)) }),
  (random) => ({ treeHead: (head) => withMember(head, "treeSize", number(random)) }),
  (random) => ({ treeHead: (head) => withMember(head, "rootHash", (hash) => flipOneBit(hash, random)) }),
  (random) => ({ checkpointLog: (log) => withMember(log, "origin", (origin) => mutateText(origin, random)) }),
  (random) => ({ checkpoint: (note) => mutateText(note, random) }),
  (random) => ({ signature: changed(random) }),
  (random) => ({ signedBytes: (bytes) => flipOneBit(bytes, random) }),
  (random) => ({ envelope: (envelope) => withMember(envelope, "payloadType", (type) => mutateText(type, random)) }),
];

/** A time that the log promises and the entry tells. */
function forgeIntegratedTime(integratedTimeSeconds: bigint): Lies {
  return {
    promisedEntry: (entry) => ({ ...entry, integratedTimeSeconds }),
    tlogEntry: (entry) => ({ ...entry, integratedTimeSeconds }),
  };
}

function forgeFields(fields: CertificateFields, random: Random): CertificateFields {
  switch (random.below(6)) {
    case 0:
      return withMember(fields, random.pick(["notBeforeMs", "notAfterMs"] as const), edgeTime(random));
    case 1:
      return withMember(fields, "spki", changed(random));
    case 2:
      return withMember(fields, "subject", changed(random));
    default:
      return withMember(fields, "extensions", (extensions) => forgeExtensions(extensions, random));
  }
}

function forgeExtensions(extensions: readonly Extension[], random: Random): readonly Extension[] {
  const at = random.below(extensions.length);
  const forged = extensions.map((one, index) => (index === at ? forgeExtension(one, random) : one));
  return random.chance(1, 6) ? forged.toSpliced(at, 1) : forged;
}

function forgeExtension(extension: Extension, random: Random): Extension {
  return random.chance(1, 6)
    ? { ...extension, critical: !extension.critical }
    : { ...extension, value: changed(random)(extension.value) };
}

function forgeAttributes<Attribute extends { readonly value: Uint8Array }>(
  attributes: readonly Attribute[],
  random: Random,
): readonly Attribute[] {
  const at = random.below(attributes.length);
  if (random.chance(1, 4)) return attributes.toSpliced(at, 1);
  return attributes.map((one, index) => (index === at ? { ...one, value: changed(random)(one.value) } : one));
}

function forgeKind<Named extends { readonly kind: string; readonly version: string }>(
  named: Named,
  random: Random,
): Named {
  return { ...named, version: random.pick(["0.0.1", "0.0.2", "0.0.3"]) };
}

function forgeBody(body: Uint8Array, random: Random): Uint8Array {
  const mutant = mutateJson(new TextDecoder().decode(body), random, []);
  return mutant === undefined ? body : new TextEncoder().encode(mutant.text);
}
