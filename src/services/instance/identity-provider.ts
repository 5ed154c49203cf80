/**
 * The identity provider of an instance: its keys and its users, joined.
 */
import { randomBytes } from "../../crypto/random.ts";
import type { IssuerKeySet } from "../fulcio/issuer-keys.ts";
import type { ServiceHandler } from "../http/message.ts";
import type { Metrics } from "../http/metrics.ts";
import { type RequestObserver, wordsOf } from "../http/observation.ts";
import type { OidcEvent } from "../oidc/config.ts";
import { oidcHandler } from "../oidc/handler.ts";
import { LocalUsers } from "../oidc/local-users.ts";
import { observeOidc } from "../oidc/observation.ts";
import { OidcService } from "../oidc/service.ts";
import { UsersFile } from "../oidc/storage-users.ts";
import { openIdentityKeys, rotateIdentityKeys } from "./identity-keys.ts";
import type { KeyStore } from "./key-store.ts";
import type { InstanceRecord } from "./record.ts";

/** What the provider is opened with. */
export interface IdentityProviderOptions {
  /** The instance's, of whose record its keys are a part. */
  readonly folder: string;
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
  /** Its keys are not looked after any more. */
  stop(): void;
}

/** Opens the provider of a record. @throws SigstoreError `instance-invalid`, `config-invalid` */
export async function openIdentityProvider(
  { identityKeys }: InstanceRecord,
  options: IdentityProviderOptions,
): Promise<RunningIdentityProvider> {
  const { issuer, usersFile, isDev, metrics, log } = options;
  const service = new OidcService({
    issuer,
    keys: await openIdentityKeys(options.keys, identityKeys),
    users: isDev ? undefined : new LocalUsers(new UsersFile(usersFile)),
    dev: isDev,
    observe: (event) => log(eventLine(event)),
    nowMs: Date.now,
    random: randomBytes,
  });
  const { onRequest } = observeOidc(log, metrics);
  const rotate = rotateWhenDue({ ...options, service });
  // Before anything else changes the record.
  await rotate();
  const timer = setInterval(() => {
    rotate().catch(log);
  }, ROTATION_CHECK_MS).unref();
  return {
    handler: oidcHandler(service),
    onRequest,
    issuerKeys: () => service.publicKeys(),
    stop: () => clearInterval(timer),
  };
}

const ROTATION_CHECK_MS = 6 * 3_600_000;

/** Rotates the keys when their time has come; where that fails the old ones go on. */
function rotateWhenDue({
  folder,
  keys,
  log,
  service,
}: Pick<IdentityProviderOptions, "folder" | "keys" | "log"> & { readonly service: OidcService }): () => Promise<void> {
  return async () => {
    try {
      if (await rotateIdentityKeys(folder, keys, { service, nowMs: Date.now() })) log("keys of the login were rotated");
    } catch (error) {
      log(`keys of the login are not rotated: ${wordsOf(error)}`);
    }
  };
}

/** Who logs in is nobody's business but the certificate's: the address of the machine, and no name. */
function eventLine({ kind, clientId, address }: OidcEvent): string {
  return [kind, clientId, address].filter((part) => part !== undefined).join(" ");
}
