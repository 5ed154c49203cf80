/**
 * The identity provider of an instance: its keys and its users, joined.
 */
import { randomBytes } from "../../crypto/random.ts";
import { createSigner } from "../../crypto/signer.ts";
import type { IssuerKeySet } from "../fulcio/issuer-keys.ts";
import type { ServiceHandler } from "../http/message.ts";
import type { Metrics } from "../http/metrics.ts";
import type { RequestObserver } from "../http/observation.ts";
import type { OidcEvent } from "../oidc/config.ts";
import { oidcHandler } from "../oidc/handler.ts";
import { type ProviderKey, providerKeyId } from "../oidc/keys.ts";
import { LocalUsers } from "../oidc/local-users.ts";
import { observeOidc } from "../oidc/observation.ts";
import { OidcService } from "../oidc/service.ts";
import { UsersFile } from "../oidc/storage-users.ts";
import type { KeyStore } from "./key-store.ts";
import type { InstanceRecord } from "./record.ts";

/** What the provider is opened with. */
export interface IdentityProviderOptions {
  readonly keys: KeyStore;
  /** Its address and name, without a slash at the end. */
  readonly issuer: string;
  readonly usersFile: string;
  readonly isDev: boolean;
  readonly metrics: Metrics;
  readonly log: (line: string) => void;
}

/** A provider at work. */
export interface RunningIdentityProvider {
  readonly handler: ServiceHandler;
  readonly onRequest: RequestObserver;
  /** The keys that its tokens are signed with, for the certificate authority in this process. */
  issuerKeys(): IssuerKeySet;
}

/** Opens the provider of a record. @throws SigstoreError `instance-invalid`, `config-invalid` */
export async function openIdentityProvider(
  { identityKeys }: InstanceRecord,
  options: IdentityProviderOptions,
): Promise<RunningIdentityProvider> {
  const { issuer, usersFile, isDev, metrics, log } = options;
  const service = new OidcService({
    issuer,
    keys: await openProviderKeys(identityKeys, options.keys),
    users: isDev ? undefined : new LocalUsers(new UsersFile(usersFile)),
    dev: isDev,
    observe: (event) => log(eventLine(event)),
    nowMs: Date.now,
    random: randomBytes,
  });
  const { onRequest } = observeOidc(log, metrics);
  return { handler: oidcHandler(service), onRequest, issuerKeys: () => service.publicKeys() };
}

async function openProviderKeys(
  records: InstanceRecord["identityKeys"],
  keys: KeyStore,
): Promise<readonly ProviderKey[]> {
  const opened: ProviderKey[] = [];
  for (const { name, state, retiredMs } of records) {
    const signer = createSigner(await keys.load(name));
    const keyId = providerKeyId(signer.publicKey);
    opened.push({ keyId, signer, state, ...(retiredMs !== undefined && { retiredMs }) });
  }
  return opened;
}

/** Who logs in is nobody's business but the certificate's: the address of the machine, and no name. */
function eventLine({ kind, clientId, address }: OidcEvent): string {
  return [kind, clientId, address].filter((part) => part !== undefined).join(" ");
}
