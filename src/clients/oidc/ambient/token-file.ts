/**
 * A token in the file where Kubernetes puts it for cosign: a projected volume of the pod's service account.
 */
import type { AmbientSource } from "../ambient.ts";

const PATH = "/var/run/sigstore/cosign/oidc-token";

/** The file /var/run/sigstore/cosign/oidc-token. */
export const TOKEN_FILE: AmbientSource = {
  name: "filesystem",
  isPresent: async ({ readTextFile }) => (await readTextFile(PATH)) !== undefined,
  fetchToken: async ({ readTextFile }) => (await readTextFile(PATH)) ?? "",
};
