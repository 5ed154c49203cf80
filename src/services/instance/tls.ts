/**
 * TLS of an instance's own making: an authority that its users are told to trust, and a server certificate under it (RFC 5280; RFC 9110
 * §4.3.4; CA/Browser Forum, Baseline Requirements, for the lifetime that browsers take).
 *
 * The server certificate is made anew when its names change or a month of its life is left. Leaves out: certificates of others'
 * making, which are handed in.
 */
import { signRootCertificate } from "../../authority/authority-certificate.ts";
import {
  type CertificateFields,
  type IssuingAuthority,
  issuingAuthority,
  keyIdentifierOf,
  signCertificate,
} from "../../authority/issuing-authority.ts";
import { randomSerialNumber } from "../../authority/serial-number.ts";
import { exportPkcs8, type PrivateKey } from "../../crypto/private-key.ts";
import { randomBytes } from "../../crypto/random.ts";
import { createSigner } from "../../crypto/signer.ts";
import { serializePem } from "../../encoding/pem.ts";
import { type Certificate, parseCertificate } from "../../formats/x509/certificate.ts";
import {
  type GeneralName,
  serializeAuthorityKeyIdentifier,
  serializeExtendedKeyUsage,
  serializeKeyUsage,
  serializeSubjectAlternativeNames,
  serializeSubjectKeyIdentifier,
  subjectAlternativeNames,
} from "../../formats/x509/extensions.ts";
import { parseIpAddress } from "../../formats/x509/ip-address.ts";
import { serializeName } from "../../formats/x509/name.ts";
import { OID } from "../../formats/x509/oids.ts";
import { readChain, serializeChain } from "./authorities.ts";
import { inFolder, makePrivateFolder, PUBLIC_MODE, readSmallFile, writeDurably } from "./durable-file.ts";
import type { KeyStore } from "./key-store.ts";

/** What a server speaks TLS with, PEM; `authority` is what clients are to trust, of certificates of our own making. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string | undefined;
}

/** Whom the certificate is for. */
export interface TlsWish {
  /** Of the instance: the authority is called by it. */
  readonly name: string;
  /** Host names and IP addresses. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

const AUTHORITY = "tls-ca";
const SERVER = "tls-server";
const DAY_MS = 86_400_000;
const AUTHORITY_LIFETIME_MS = 3650 * DAY_MS;
/** Browsers take no certificate of more than 398 days. */
const SERVER_LIFETIME_MS = 397 * DAY_MS;
const RENEWAL_MS = 30 * DAY_MS;

/** True for a folder whose instance spoke TLS by certificates of its own. */
export function hasOwnTls(folder: string): boolean {
  return readSmallFile(inFolder(folder, "tls", `${AUTHORITY}.pem`)) !== undefined;
}

/** Certificate and key of a server, made where they are not there. @throws SigstoreError `instance-invalid`, `storage-failed` */
export async function ownTls(folder: string, keys: KeyStore, wish: TlsWish): Promise<ServerTls> {
  const tlsFolder = inFolder(folder, "tls");
  makePrivateFolder(tlsFolder);
  const authority = await openAuthority(tlsFolder, keys, wish);
  const chain = await openServer(tlsFolder, keys, authority, wish);
  const key = await keys.load(SERVER);
  return {
    certificate: serializeChain(chain),
    key: serializePem("PRIVATE KEY", exportPkcs8(key)),
    authority: serializeChain(chain.slice(-1)),
  };
}

async function openAuthority(folder: string, keys: KeyStore, { name, nowMs }: TlsWish): Promise<IssuingAuthority> {
  const path = inFolder(folder, `${AUTHORITY}.pem`);
  if (readSmallFile(path) !== undefined) {
    const [root] = readChain(folder, AUTHORITY);
    if (root !== undefined) return issuingAuthority(root, createSigner(await keys.load(AUTHORITY)));
  }
  const signer = createSigner(await keys.create(AUTHORITY, "ecdsa-p256"));
  const root = await signRootCertificate(signer, {
    serialNumber: randomSerialNumber(randomBytes),
    subject: [
      { oid: OID.organizationName, value: name },
      { oid: OID.commonName, value: "sigstore TLS of this instance" },
    ],
    notBeforeMs: startOf(nowMs),
    notAfterMs: startOf(nowMs) + AUTHORITY_LIFETIME_MS,
  });
  writeDurably(path, serializeChain([root]), PUBLIC_MODE);
  return issuingAuthority(root, signer);
}

async function openServer(
  folder: string,
  keys: KeyStore,
  authority: IssuingAuthority,
  wish: TlsWish,
): Promise<readonly Uint8Array[]> {
  const root = authority.certificate?.raw;
  if (root === undefined) throw new Error("an authority that was opened has a certificate");
  const path = inFolder(folder, `${SERVER}.pem`);
  if (readSmallFile(path) !== undefined && keys.has(SERVER)) {
    const [server] = readChain(folder, SERVER);
    if (server !== undefined && isStillGood(parseCertificate(server), wish)) return [server, root];
  }
  const key = await keys.create(SERVER, "ecdsa-p256");
  const server = await signCertificate(authority.signer, serverFields(authority, key, wish));
  writeDurably(path, serializeChain([server]), PUBLIC_MODE);
  return [server, root];
}

function isStillGood(certificate: Certificate, { hosts, nowMs }: TlsWish): boolean {
  const named = new Set(subjectAlternativeNames(certificate).map((name) => ("value" in name ? name.value : "")));
  const left = certificate.notAfterMs - nowMs;
  return left > RENEWAL_MS && hosts.every((host) => named.has(host));
}

function serverFields(
  authority: IssuingAuthority,
  { publicKey }: PrivateKey,
  { hosts, nowMs }: TlsWish,
): CertificateFields {
  const names = hosts.map((host): GeneralName => ({ kind: parseIpAddress(host) ? "ip" : "dns", value: host }));
  return {
    serialNumber: randomSerialNumber(randomBytes),
    issuer: authority.name,
    subject: serializeName([{ oid: OID.commonName, value: hosts[0]?.slice(0, 64) ?? "sigstore" }]),
    notBeforeMs: startOf(nowMs),
    notAfterMs: startOf(nowMs) + SERVER_LIFETIME_MS,
    spki: publicKey.spki,
    extensions: [
      serializeKeyUsage({ digitalSignature: true }),
      serializeExtendedKeyUsage({ oids: [OID.serverAuth], critical: false }),
      serializeSubjectKeyIdentifier(keyIdentifierOf(publicKey.spki)),
      serializeAuthorityKeyIdentifier(authority.keyIdentifier),
      serializeSubjectAlternativeNames(names, false),
    ],
  };
}

/** An hour before now: clocks of clients differ. */
function startOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) * 1000 - 3_600_000;
}
