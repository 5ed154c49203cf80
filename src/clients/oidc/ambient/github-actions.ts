/**
 * Tokens of GitHub Actions (docs.github.com, "OpenID Connect reference"): asked for at an address of the job, with a token of
 * the job. The workflow needs `permissions: id-token: write`.
 */
import { SigstoreError } from "../../../errors.ts";
import { LIMITS } from "../../../limits.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { JsonAnswer } from "../../http/json-answer.ts";
import type { AmbientSource } from "../ambient.ts";

/** GitHub Actions. */
export const GITHUB_ACTIONS: AmbientSource = {
  name: "github-actions",
  isPresent: async ({ environment }) =>
    Promise.resolve(environment["GITHUB_ACTIONS"] === "true" || Boolean(environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])),
  async fetchToken({ environment, http }, audience, { signal }) {
    const secret = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "";
    const address = environment["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "";
    if (secret === "" || !URL.canParse(address)) {
      throw new SigstoreError(
        "identity-token-missing",
        "expected a workflow that may have identity tokens, got one that may not",
        {
          hint: "add `permissions: id-token: write` to the job; pull requests from forks get no tokens",
        },
      );
    }
    const url = new URL(address);
    url.searchParams.set("audience", audience);
    const request: HttpRequest = {
      service: "identity provider",
      method: "GET",
      url: url.href,
      headers: { authorization: `bearer ${secret}`, accept: "application/json" },
      secrets: [secret],
      maxBytes: LIMITS.serviceAnswerBytes,
      repeat: "always",
      signal,
    };
    return JsonAnswer.parse(request, (await http.send(request)).bytes).text("value");
  },
};
