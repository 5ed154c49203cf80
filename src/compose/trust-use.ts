/**
 * Trusting an instance: its files are brought, held to each other, and shown with a fingerprint; what the user agrees to is
 * kept byte for byte.
 *
 * The first look is the one that counts: whoever could answer for the instance then is trusted from then on. So the
 * fingerprint is to be compared with what whoever runs it says, and a changed one is never taken over by itself.
 */
import type { HttpClient } from "../clients/http/http-client.ts";
import { fetchInstanceTrust } from "../clients/instance-trust.ts";
import { sha256 } from "../crypto/digest.ts";
import { canonicalizeJson } from "../encoding/canonical-json.ts";
import { hexEncode } from "../encoding/hex.ts";
import { parseJson } from "../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { readFile } from "../files/read.ts";
import { parseClientTrustConfig } from "../formats/client-trust-config.ts";
import type { ClientTrustConfig } from "../formats/client-trust-config.ts";
import { serializeSigningConfig } from "../formats/signing-config.ts";
import { isInstanceName } from "../home/instances.ts";
import type { TrustedInstance } from "../home/instances.ts";
import { LIMITS } from "../limits.ts";
import { embeddedTrustedRoot } from "./instance.ts";
import { namingFile } from "./trust.ts";

/** An instance as it shows itself; nobody has agreed to it yet. */
export type ShownInstance = Omit<TrustedInstance, "addedMs" | "caCertificates">;

/**
 * The instance that answers at `address`.
 *
 * @throws SigstoreError those of `HttpClient.send`, `client-trust-config-invalid`, `service-answer-refused` where its files do not
 * agree
 */
export async function lookAtInstance(
  address: string,
  http: HttpClient,
  name: string | undefined,
  signal: AbortSignal,
): Promise<ShownInstance> {
  const base = baseOf(address);
  const { trustConfig, trustedRoot } = await fetchInstanceTrust(base, http, { signal });
  const config = namingFile("client trust config", `${base}/trust/trust_config.json`, () =>
    parseClientTrustConfig(trustConfig),
  );
  const [inConfig, alone] = [embeddedTrustedRoot(trustConfig), utf8Decode(trustedRoot)].map((text) =>
    canonicalizeJson(parseJson(text)),
  );
  if (inConfig !== alone)
    throw new SigstoreError(
      "service-answer-refused",
      `expected one trusted root of the instance ${base}, got two that differ: alone and in its trust config`,
      { hint: "nothing was kept; it may just have changed: try again, or tell who runs the instance" },
    );
  return shownInstance(config, utf8Decode(trustedRoot), { name, address: base });
}

/** The instance that the client trust config at `path` describes. Errors as `chooseTrust`. */
export function readInstanceFile(path: string, name: string | undefined): ShownInstance {
  const bytes = readFile(path, LIMITS.trustFileBytes, "a client trust config");
  return namingFile("client trust config", path, () =>
    shownInstance(parseClientTrustConfig(bytes), embeddedTrustedRoot(bytes), { name, address: undefined }),
  );
}

function shownInstance(
  config: ClientTrustConfig,
  trustedRoot: string,
  { name, address }: { readonly name: string | undefined; readonly address: string | undefined },
): ShownInstance {
  return {
    name: name ?? nameOf(config, address),
    address,
    fingerprintHex: hexEncode(sha256(utf8Encode(trustedRoot))),
    trustedRoot,
    signingConfig: serializeSigningConfig(config.signingConfig),
  };
}

/** Instances of ours name their log `rekor.NAME`; of others the host of the log, or of the address, is the name. */
function nameOf({ trustedRoot }: ClientTrustConfig, address: string | undefined): string {
  const [log] = trustedRoot.tlogs;
  const host = hostOf(log?.baseUrl ?? "")?.replace(/^rekor\./u, "") ?? hostOf(address ?? "");
  if (host !== undefined && isInstanceName(host)) return host;
  throw new SigstoreError("usage", "expected an instance that says its name, got none", {
    hint: "give it one with --name NAME: small letters, digits, dots and hyphens",
  });
}

function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).hostname.toLowerCase() : undefined;
}

/** People copy the address of the file as well as that of the instance. */
function baseOf(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname.replace(/\/(?:trust(?:\/(?:trust_config|trusted_root)\.json)?)?\/*$/u, "")}`;
}
