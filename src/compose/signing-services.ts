/**
 * The services of an instance as the ports of sign/: chosen by its signing config, spoken to by clients/.
 */
import { FulcioClient } from "../clients/fulcio.ts";
import { HttpClient } from "../clients/http/http-client.ts";
import type { HttpOptions } from "../clients/http/http-client.ts";
import { RekorV1Client } from "../clients/rekor-v1.ts";
import { RekorV2Client } from "../clients/rekor-v2.ts";
import { TimestampAuthorityClient } from "../clients/timestamp-authority.ts";
import type { ServiceEndpoint } from "../formats/signing-config.ts";
import { KeylessSession } from "../sign/keyless-session.ts";
import type { IdentityProvider, TransparencyLog } from "../sign/ports.ts";
import { selectServices } from "../sign/select-services.ts";
import type { SigningContext } from "../sign/signing-context.ts";
import type { TrustMaterial } from "../verify/trust.ts";
import type { SigningInstance } from "./instance.ts";

/** What a keyless signature is made with. */
export interface KeylessServices {
  readonly session: KeylessSession;
  readonly context: SigningContext;
}

/** What the services of an instance are asked with. */
export interface ServiceWish {
  readonly instance: SigningInstance;
  readonly http: HttpClient;
  readonly identityProvider: IdentityProvider;
  readonly now: () => number;
  /** Chance, for services of which any will do. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** A client for the services of `instance`: with its own certificate authorities, where it has any. */
export function openHttp(
  { caCertificates }: Pick<SigningInstance, "caCertificates">,
  options: HttpOptions,
): HttpClient {
  const all = [options.caCertificates, caCertificates].filter((one) => one !== undefined).join("\n");
  return new HttpClient({ ...options, ...(all === "" ? {} : { caCertificates: all }) });
}

/** Chooses services for one command. @throws SigstoreError `signing-service-missing`, `signing-config-invalid` */
export function chooseServices(wish: ServiceWish): KeylessServices {
  const { instance, http, identityProvider, now, random, signal } = wish;
  const trust = instance.trust.material;
  const selected = selectServices(instance.signingConfig, { nowMs: now(), random });
  const certificateAuthority = new FulcioClient(selected.certificateAuthority.url, http);
  return {
    session: new KeylessSession({ identityProvider, certificateAuthority, trust, now, signal }),
    context: {
      logs: selected.tlogs.map((log) => logClient(log, http, trust)),
      timestampAuthorities: selected.timestampAuthorities.map(({ url }) => new TimestampAuthorityClient(url, http)),
      trust,
      now,
      signal,
    },
  };
}

function logClient({ url, majorApiVersion }: ServiceEndpoint, http: HttpClient, trust: TrustMaterial): TransparencyLog {
  if (majorApiVersion === 1) return new RekorV1Client(url, http);
  return new RekorV2Client(url, http, { findLogId: (origin) => findLogId(trust, origin) });
}

/** The log whose origin a checkpoint names, by the host name of its address. */
function findLogId({ tlogs }: TrustMaterial, origin: string): Uint8Array | undefined {
  return tlogs.find(({ hostname }) => hostname === origin)?.instance.logId;
}
