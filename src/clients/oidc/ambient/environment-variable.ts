/**
 * A token in SIGSTORE_ID_TOKEN: how GitLab's `id_tokens`, and whoever makes tokens by other means, hand it over.
 */
import type { AmbientSource } from "../ambient.ts";

/** The variable SIGSTORE_ID_TOKEN. */
export const ENVIRONMENT_VARIABLE: AmbientSource = {
  name: "envvar",
  isPresent: async ({ environment }) => Promise.resolve(Boolean(environment["SIGSTORE_ID_TOKEN"])),
  fetchToken: async ({ environment }) => Promise.resolve(environment["SIGSTORE_ID_TOKEN"] ?? ""),
};
