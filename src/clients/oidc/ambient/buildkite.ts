/**
 * Tokens of a Buildkite job, from the agent's API (buildkite agent api/oidc.go).
 */
import { SigstoreError } from "../../../errors.ts";
import { LIMITS } from "../../../limits.ts";
import { addressBelow } from "../../address.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { JsonAnswer } from "../../http/json-answer.ts";
import type { AmbientSource } from "../ambient.ts";

const DEFAULT_ENDPOINT = "https://agent.buildkite.com/v3";

/** Buildkite. */
export const BUILDKITE: AmbientSource = {
  name: "buildkite-agent",
  isPresent: async ({ environment }) => Promise.resolve(Boolean(environment["BUILDKITE_AGENT_ACCESS_TOKEN"])),
  async fetchToken({ environment, http }, audience, { signal }) {
    const secret = environment["BUILDKITE_AGENT_ACCESS_TOKEN"] ?? "";
    const job = environment["BUILDKITE_JOB_ID"] ?? "";
    if (job === "") {
      throw new SigstoreError("identity-token-missing", "expected the name of the job in BUILDKITE_JOB_ID, got none", {
        hint: "sign inside the job, with its environment",
      });
    }
    const endpoint = environment["BUILDKITE_AGENT_ENDPOINT"] ?? DEFAULT_ENDPOINT;
    const request: HttpRequest = {
      service: "identity provider",
      method: "POST",
      url: addressBelow(endpoint, `jobs/${encodeURIComponent(job)}/oidc/tokens`),
      headers: { authorization: `Token ${secret}`, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ audience }),
      secrets: [secret],
      maxBytes: LIMITS.serviceAnswerBytes,
      repeat: "always",
      signal,
    };
    return JsonAnswer.parse(request, (await http.send(request)).bytes).text("token");
  },
};
