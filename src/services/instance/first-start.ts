/**
 * The first start of an instance: its name, keys, chains and logs. Nothing of it counts before the record is written.
 */
import { type PrivateKey, generatePrivateKey } from "../../crypto/private-key.ts";
import { randomBytes } from "../../crypto/random.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { isLoopback } from "./address.ts";
import { type CaAlgorithm, createCertificateAuthority, createTimestampAuthority } from "./authorities.ts";
import { pathsOf } from "./folder.ts";
import { createIdentityKeys } from "./identity-keys.ts";
import type { KeyStore } from "./key-store.ts";
import { type InstanceRecord, isInstanceName, type LogRecord } from "./record.ts";

/** What a new instance is to be. */
export interface NewInstance {
  /** A DNS name. */
  readonly name: string;
  readonly url: string;
  readonly caAlgorithm: CaAlgorithm;
  readonly nowMs: number;
}

/** The name of a new instance: the one wished for, the host of its address, or a random one below localhost. @throws SigstoreError `config-invalid` */
export function instanceName(wished: string | undefined, url: string): string {
  const name = wished ?? defaultName(url);
  if (isInstanceName(name)) return name;
  throw new SigstoreError("config-invalid", `expected a host name as name of the instance, got ${name}`, {
    hint: "for instance sigstore.example.com, or team.localhost on a machine of your own",
  });
}

/** Makes keys and chains in a folder that was begun, and answers with the record, which is not written yet. */
export async function createInstance(folder: string, keys: KeyStore, wish: NewInstance): Promise<InstanceRecord> {
  const { name, url } = wish;
  const nowMs = Math.floor(wish.nowMs / 1000) * 1000;
  const { authorities, timestampAuthorities } = pathsOf(folder);
  const place = { keys, organization: name, uri: url, nowMs };
  const origin = { name, url, nowMs };
  return {
    name,
    url,
    createdMs: nowMs,
    certificateAuthorities: [
      await createCertificateAuthority({ ...place, folder: authorities }, "ca-1", wish.caAlgorithm),
    ],
    timestampAuthorities: [
      await createTimestampAuthority(
        { ...place, folder: timestampAuthorities, uri: `${url}/api/v1/timestamp` },
        "tsa-1",
      ),
    ],
    rekorLogs: [await createLog(keys, "rekor", origin)],
    ctLogs: [await createLog(keys, "ct", origin)],
    identityKeys: await createIdentityKeys(keys, nowMs),
  };
}

/** A log of the instance, `name` with the number of the ones before it: its key is durable, its folder still to be made. */
export async function createLog(
  keys: KeyStore,
  name: string,
  instance: { readonly name: string; readonly url: string; readonly nowMs: number },
): Promise<LogRecord> {
  const key = generateLogKey(name);
  await keys.keep(name, key);
  const origin = `${name}.${instance.name}`;
  const { protocol, port } = new URL(instance.url);
  return {
    name,
    origin,
    baseUrl: `${protocol}//${origin}${port === "" ? "" : `:${port}`}`,
    publicKey: key.publicKey.spki,
    startMs: instance.nowMs,
    endMs: undefined,
  };
}

/** Rekor v2 signs with Ed25519 as the public instance does; RFC 6962 §2.1.4 lets CT logs have P-256 or RSA alone. */
function generateLogKey(name: string): PrivateKey {
  return generatePrivateKey(name.startsWith("ct") ? "ecdsa-p256" : "ed25519");
}

/** Two development instances never share a name, and with it the origin of a log. */
function defaultName(url: string): string {
  const { hostname } = new URL(url);
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  return isLoopback(hostname) || isAddress ? `${hexEncode(randomBytes(4))}.localhost` : hostname;
}
