/**
 * Trusted root and signing configs of the stock services, written as every stock client reads them.
 *
 * Made from plain JSON and node:crypto, so that our own writers of these files have no part in it.
 */
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogTarget } from "../stack.ts";

/** Addresses of the services, the folder of their keys, and the folder for what is written. */
export interface StockServices {
  readonly keys: string;
  readonly folder: string;
  readonly issuer: string;
  readonly fulcio: string;
  readonly timestamps: string;
  readonly rekor2: string;
  readonly ct: string;
  readonly rekor1: string;
}

/** Everything is valid from when it was made; a little earlier, for clocks count in seconds. */
const EARLIER_MS = 60_000;

/** Writes the files, and says where. */
export function writeStockTrust(services: StockServices): {
  readonly trustedRoot: string;
  readonly logs: readonly LogTarget[];
} {
  const { folder } = services;
  const start = new Date(Date.now() - EARLIER_MS).toISOString();
  const trustedRoot = trustedRootOf(services, start);
  const write = (name: string, value: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(value, undefined, 2));
    return path;
  };
  const service = (url: string, majorApiVersion: number): object => {
    return { url, majorApiVersion, validFor: { start }, operator: "interop.test" };
  };
  const target = (name: LogTarget["name"], url: string, version: number): LogTarget => {
    const signingConfig = {
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: [service(services.fulcio, 1)],
      oidcUrls: [service(services.issuer, 1)],
      rekorTlogUrls: [service(url, version)],
      rekorTlogConfig: { selector: "ANY" },
      tsaUrls: [service(services.timestamps, 1)],
      tsaConfig: { selector: "ANY" },
    };
    const mediaType = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
    return {
      name,
      signingConfig: write(`signing_config_${name}.json`, signingConfig),
      trustConfig: write(`trust_config_${name}.json`, { mediaType, trustedRoot, signingConfig }),
    };
  };
  const logs = [target("rekor2", services.rekor2, 2), target("rekor1", services.rekor1, 1)];
  return { trustedRoot: write("trusted_root.json", trustedRoot), logs };
}

function trustedRootOf({ keys, ...urls }: StockServices, start: string): object {
  const read = (name: string): string => readFileSync(join(keys, name), "utf8");
  const spkiOf = (name: string): Buffer => createPublicKey(read(name)).export({ type: "spki", format: "der" });
  const log = (baseUrl: string, name: string, keyDetails: string, keyId: string): object => {
    const publicKey = { rawBytes: spkiOf(name).toString("base64"), keyDetails, validFor: { start } };
    return { baseUrl, hashAlgorithm: "SHA2_256", publicKey, logId: { keyId } };
  };
  const authority = (uri: string, chain: string): object => {
    const certificates = certificatesIn(read(chain)).map((one) => ({ rawBytes: one.raw.toString("base64") }));
    const subject = { organization: "interop.test", commonName: chain };
    return { subject, uri, certChain: { certificates }, validFor: { start } };
  };
  const p256 = "PKIX_ECDSA_P256_SHA_256";
  // Rekor v2 is known by its origin and raw key, as signed notes are; the others by their keys.
  const noteId = sha256(Buffer.from("localhost\n\u0001"), spkiOf("rekor2.pub").subarray(-32));
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [
      log(urls.rekor2, "rekor2.pub", "PKIX_ED25519", noteId),
      log(urls.rekor1, "rekor1.pub", p256, sha256(spkiOf("rekor1.pub"))),
    ],
    certificateAuthorities: [authority(urls.fulcio, "fulcio-chain.pem")],
    ctlogs: [log(urls.ct, "ctlog.pub", p256, sha256(spkiOf("ctlog.pub")))],
    timestampAuthorities: [authority(urls.timestamps, "tsa-chain.pem")],
  };
}

function sha256(...parts: readonly Buffer[]): string {
  return createHash("sha256").update(Buffer.concat(parts)).digest("base64");
}

function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
