/**
 * Tokens of Google Cloud: of the machine's service account, from the metadata server (cloud.google.com, "Get an identity
 * token"), or of another one that it may act for, named by GOOGLE_SERVICE_ACCOUNT_NAME.
 */
import { LIMITS } from "../../../limits.ts";
import type { CallOptions } from "../../../sign/ports.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { JsonAnswer } from "../../http/json-answer.ts";
import type { AmbientSource, AmbientWorld } from "../ambient.ts";

const METADATA_HOST = "metadata.google.internal";
const ACCOUNT_PATH = "computeMetadata/v1/instance/service-accounts/default";
const PRODUCT_FILE = "/sys/class/dmi/id/product_name";

/** Google Cloud. */
export const GOOGLE: AmbientSource = {
  name: "google-workload-identity",
  async isPresent({ environment, readTextFile }) {
    if (environment["GCE_METADATA_HOST"]) return true;
    const product = ((await readTextFile(PRODUCT_FILE)) ?? "").trim();
    return product === "Google" || product === "Google Compute Engine";
  },
  async fetchToken(world, audience, options) {
    const account = world.environment["GOOGLE_SERVICE_ACCOUNT_NAME"];
    if (account) return impersonate(account, audience, world, options);
    const bytes = await askMetadata(`identity?audience=${encodeURIComponent(audience)}&format=full`, world, options);
    return new TextDecoder().decode(bytes);
  },
};

async function impersonate(
  account: string,
  audience: string,
  world: AmbientWorld,
  options: CallOptions,
): Promise<string> {
  const answer = await askMetadata("token", world, options);
  const secret = JsonAnswer.parse(metadataRequest("token", world, options), answer).text("access_token");
  const host = world.environment["GOOGLE_IAM_CREDENTIALS_URL"] ?? "https://iamcredentials.googleapis.com";
  const request: HttpRequest = {
    service: "identity provider",
    method: "POST",
    url: `${host}/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateIdToken`,
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ audience, includeEmail: true }),
    secrets: [secret],
    maxBytes: LIMITS.serviceAnswerBytes,
    repeat: "always",
    signal: options.signal,
  };
  return JsonAnswer.parse(request, (await world.http.send(request)).bytes).text("token");
}

async function askMetadata(path: string, world: AmbientWorld, options: CallOptions): Promise<Uint8Array> {
  return (await world.http.send(metadataRequest(path, world, options))).bytes;
}

/** The metadata server answers on the machine's own network, in plain text; nothing secret is sent to it. */
function metadataRequest(path: string, { environment }: AmbientWorld, { signal }: CallOptions): HttpRequest {
  return {
    service: "identity provider",
    method: "GET",
    url: `http://${environment["GCE_METADATA_HOST"] ?? METADATA_HOST}/${ACCOUNT_PATH}/${path}`,
    headers: { "metadata-flavor": "Google" },
    maxBytes: LIMITS.serviceAnswerBytes,
    repeat: "always",
    timeoutMs: 5000,
    signal,
  };
}
