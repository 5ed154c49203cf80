/**
 * The certificate authority and the timestamp authority of an instance: their chains, made at the first start and at each rotation,
 * and opened at every one.
 *
 * The root's key of the timestamp authority signs once and is kept nowhere; that of the certificate authority stays until it is
 * exported. Leaves out: issuing (services/fulcio, services/tsa).
 */
import { signRootCertificate, timestampCertificateFields } from "../../authority/authority-certificate.ts";
import { issuingAuthority, signCertificate } from "../../authority/issuing-authority.ts";
import { randomSerialNumber } from "../../authority/serial-number.ts";
import { importPublicKey } from "../../crypto/keys.ts";
import { generatePrivateKey, type PrivateKeyKind } from "../../crypto/private-key.ts";
import { randomBytes } from "../../crypto/random.ts";
import { createSigner, type Signer } from "../../crypto/signer.ts";
import { parsePem, serializePem } from "../../encoding/pem.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { OID } from "../../formats/x509/oids.ts";
import { createAuthorityChain, createIntermediate, openAuthorityChain } from "../fulcio/authority-chain.ts";
import type { ActiveAuthority } from "../fulcio/issuance.ts";
import { damaged, inFolder, makePrivateFolder, PUBLIC_MODE, requireSmallFile, writeDurably } from "./durable-file.ts";
import type { KeyStore } from "./key-store.ts";
import type { AuthorityRecord } from "./record.ts";

/** Algorithms that a certificate authority may have; P-256 costs verifiers a tenth of P-384. */
export const CA_ALGORITHMS = {
  p256: "ecdsa-p256",
  p384: "ecdsa-p384",
  rsa3072: "rsa-3072",
  rsa4096: "rsa-4096",
} as const satisfies Readonly<Record<string, PrivateKeyKind>>;

/** One of them, by the name that people write. */
export type CaAlgorithm = keyof typeof CA_ALGORITHMS;

/** Where authorities are made: their keys, the folder of their chains, and what they say of themselves. */
export interface AuthorityPlace {
  readonly keys: KeyStore;
  /** Of the chains. */
  readonly folder: string;
  /** Organization in the names: the instance's. */
  readonly organization: string;
  readonly uri: string;
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;
/** Ten years, as the public instance's. */
const TSA_LIFETIME_MS = 3650 * DAY_MS;

/** Makes a certificate authority with a root of its own; its keys and chain are durable when this returns. */
export async function createCertificateAuthority(
  place: AuthorityPlace,
  name: string,
  algorithm: CaAlgorithm,
): Promise<AuthorityRecord> {
  const rootKey = `${name}-root`;
  const kind = CA_ALGORITHMS[algorithm];
  const { chain } = await createAuthorityChain({
    rootSigner: createSigner(await place.keys.create(rootKey, kind)),
    intermediateSigner: createSigner(await place.keys.create(name, kind)),
    organization: place.organization,
    commonName: `sigstore ${name}`,
    nowMs: place.nowMs,
    random: randomBytes,
  });
  return keepChain(place, name, chain, rootKey);
}

/** Makes an intermediate under the root of an authority that is there. @throws TypeError for another root's key */
export async function createIntermediateAuthority(
  place: AuthorityPlace,
  name: string,
  { under, rootSigner }: { readonly under: AuthorityRecord; readonly rootSigner: Signer },
): Promise<AuthorityRecord> {
  const root = readChain(place.folder, under.name).at(-1);
  if (root === undefined) throw new Error("a chain that was read has a certificate");
  const { chain } = await createIntermediate(root, {
    rootSigner,
    intermediateSigner: createSigner(await place.keys.create(name, CA_ALGORITHMS[algorithmOf(place.folder, under)])),
    organization: place.organization,
    commonName: `sigstore ${name}`,
    nowMs: place.nowMs,
    random: randomBytes,
  });
  return keepChain(place, name, chain, under.rootKey);
}

/** The algorithm that an authority was made with. */
export function algorithmOf(folder: string, { name }: AuthorityRecord): CaAlgorithm {
  const root = readChain(folder, name).at(-1);
  const key = root === undefined ? undefined : importPublicKey(parseCertificate(root).spki);
  if (key?.keyType === "rsa") return (key.modulusBits ?? 0) > 3072 ? "rsa4096" : "rsa3072";
  return key?.keyType === "ecdsa-p384" ? "p384" : "p256";
}

/** The certificate authority of a record, ready to issue. @throws SigstoreError `instance-invalid`, `config-invalid` */
export async function openCertificateAuthority(
  keys: KeyStore,
  folder: string,
  { name }: AuthorityRecord,
  nowMs: number,
): Promise<ActiveAuthority> {
  const chain = readChain(folder, name);
  const signer = createSigner(await keys.load(name));
  return openAuthorityChain(chain, signer, nowMs);
}

/** Makes a timestamp authority: a leaf under a root whose key is forgotten. */
export async function createTimestampAuthority(place: AuthorityPlace, name: string): Promise<AuthorityRecord> {
  const rootSigner = createSigner(generatePrivateKey("ecdsa-p256"));
  const signer = createSigner(await place.keys.create(name, "ecdsa-p256"));
  const notBeforeMs = Math.floor(place.nowMs / 1000) * 1000;
  const times = { notBeforeMs, notAfterMs: notBeforeMs + TSA_LIFETIME_MS };
  const subjectOf = (commonName: string): { readonly oid: string; readonly value: string }[] => [
    { oid: OID.organizationName, value: place.organization },
    { oid: OID.commonName, value: commonName },
  ];
  const root = await signRootCertificate(rootSigner, {
    serialNumber: randomSerialNumber(randomBytes),
    subject: subjectOf(`sigstore ${name}-root`),
    ...times,
  });
  const fields = timestampCertificateFields(issuingAuthority(root, rootSigner), {
    serialNumber: randomSerialNumber(randomBytes),
    spki: signer.publicKey.spki,
    subject: subjectOf(`sigstore ${name}`),
    ...times,
  });
  return keepChain(place, name, [await signCertificate(rootSigner, fields), root], undefined);
}

/** Chain and key of the timestamp authority of a record. @throws SigstoreError `instance-invalid` */
export async function openTimestampAuthority(
  keys: KeyStore,
  folder: string,
  { name }: AuthorityRecord,
): Promise<{ readonly chain: readonly Uint8Array[]; readonly signer: Signer }> {
  return { chain: readChain(folder, name), signer: createSigner(await keys.load(name)) };
}

/** The certificates of a chain, DER, root last. @throws SigstoreError `instance-invalid` */
export function readChain(folder: string, name: string): readonly Uint8Array[] {
  const path = chainPath(folder, name);
  const bytes = requireSmallFile(path);
  try {
    const chain = parsePem(utf8Decode(bytes)).map((block) => block.bytes);
    for (const certificate of chain) parseCertificate(certificate);
    return chain;
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw damaged(path, "a chain of certificates in PEM", cause.message, cause);
  }
}

/** Certificates as one PEM text. */
export function serializeChain(chain: readonly Uint8Array[]): string {
  return chain.map((certificate) => serializePem("CERTIFICATE", certificate)).join("");
}

function keepChain(
  { folder, uri, nowMs }: AuthorityPlace,
  name: string,
  chain: readonly Uint8Array[],
  rootKey: string | undefined,
): AuthorityRecord {
  makePrivateFolder(folder);
  writeDurably(chainPath(folder, name), serializeChain(chain), PUBLIC_MODE);
  return { name, uri, rootKey, startMs: Math.floor(nowMs / 1000) * 1000, endMs: undefined };
}

function chainPath(folder: string, name: string): string {
  return inFolder(folder, `${name}.pem`);
}
