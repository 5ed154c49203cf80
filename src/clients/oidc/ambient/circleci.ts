/**
 * Tokens of a CircleCI job. The token in its environment is for the organization's audience, so its program is asked for one
 * for ours (circleci.com/docs, "OpenID Connect tokens").
 */
import type { AmbientSource } from "../ambient.ts";

/** CircleCI. */
export const CIRCLECI: AmbientSource = {
  name: "circleci",
  isPresent: async ({ environment }) => Promise.resolve(environment["CIRCLECI"] === "true"),
  fetchToken: async ({ runProgram }, audience, { signal }) =>
    runProgram("circleci", ["run", "oidc", "get", "--claims", JSON.stringify({ aud: audience })], signal),
};
