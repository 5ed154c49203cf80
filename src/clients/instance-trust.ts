/**
 * The trust files that an instance of ours hands out, at fixed addresses below its own.
 *
 * They are read as bytes: their digest is what people compare. What they say is not judged here.
 */
import { LIMITS } from "../limits.ts";
import type { CallOptions } from "../sign/ports.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";

/** The files of one instance. */
export interface InstanceTrustFiles {
  /** A client trust config. */
  readonly trustConfig: Uint8Array;
  /** The trusted root alone, whose digest is the fingerprint of the instance. */
  readonly trustedRoot: Uint8Array;
}

/** Fetches them from the instance at `address`. Errors as `HttpClient.send`. */
export async function fetchInstanceTrust(
  address: string,
  http: HttpClient,
  { signal }: CallOptions = {},
): Promise<InstanceTrustFiles> {
  const fetch = async (name: string): Promise<Uint8Array> => {
    const { bytes } = await http.send({
      service: "instance",
      method: "GET",
      url: addressBelow(address, `trust/${name}`),
      headers: { accept: "application/json" },
      maxBytes: LIMITS.trustFileBytes,
      repeat: "always",
      signal,
    });
    return bytes;
  };
  const [trustConfig, trustedRoot] = await Promise.all([fetch("trust_config.json"), fetch("trusted_root.json")]);
  return { trustConfig, trustedRoot };
}
