/**
 * Errors of services: which one, at which address, what it said, and what to do.
 */
import { SigstoreError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import type { ExchangeFailure, HttpRequest, HttpResponse, Outcome } from "./http-request.ts";
import { retryAfterMs } from "./retry.ts";
import { addressOf, saidIn, showable } from "./said.ts";

/** The error for an outcome that is no answer the caller understands. */
export function outcomeError(request: HttpRequest, outcome: Outcome, triesMade: number): SigstoreError {
  return outcome.kind === "failed"
    ? failureError(request, outcome.failure, triesMade)
    : statusError(request, outcome.response, triesMade);
}

/** Whose answer it is, and what must not be shown of it. */
export type AnsweringService = Pick<HttpRequest, "service" | "secrets"> & { readonly url: URL | string };

/** The error for an answer that cannot be understood: `got` says what is wrong with it. */
export function answerError(request: AnsweringService, expected: string, got: string): SigstoreError {
  const { service, url, secrets = [] } = request;
  const address = addressOf(url);
  return new SigstoreError(
    "service-answer-invalid",
    `expected ${expected} from the ${service} ${address}, got ${showable(got, secrets)}`,
    { hint: "check that the address is that of this service", details: { service, address } },
  );
}

/** The error for a request that the caller's signal ended. */
export function cancelledError({ service, url }: Pick<HttpRequest, "service" | "url">): SigstoreError {
  const address = addressOf(url);
  return new SigstoreError("cancelled", `expected an answer of the ${service} ${address}, got told to stop waiting`, {
    details: { service, address },
  });
}

const FAILURES: Readonly<Record<ExchangeFailure["reason"], readonly [ErrorCode, string]>> = {
  unreachable: [
    "service-unreachable",
    "is the service running, is the address right, and is a proxy needed to reach it",
  ],
  insecure: [
    "service-unreachable",
    "the connection is not secure: if the service has a certificate authority of its own, give its certificate with --ca-file FILE",
  ],
  timeout: ["service-timeout", "the service is too slow or does not answer; try again later"],
  broken: [
    "service-answer-invalid",
    "the connection broke before the answer was whole; try again; http:// for https:// looks so too",
  ],
  "too-large": ["service-answer-invalid", "check that the address is that of this service"],
};

function failureError(request: HttpRequest, failure: ExchangeFailure, triesMade: number): SigstoreError {
  const { service, url, secrets = [] } = request;
  const address = addressOf(url);
  const [code, hint] = FAILURES[failure.reason];
  const said = showable(failure.said, secrets);
  const named = said.includes(failure.code) ? said : `${said} (${failure.code})`;
  const got = failure.reason === "timeout" ? "no whole answer in time" : named;
  return new SigstoreError(code, `expected an answer of the ${service} ${address}, got ${got}${times(triesMade)}`, {
    hint,
    details: { service, address, tries: triesMade, ...(failure.reason === "broken" && { isBroken: true }) },
  });
}

function statusError(request: HttpRequest, response: HttpResponse, triesMade: number): SigstoreError {
  const { service, url, secrets = [] } = request;
  const { status, bytes } = response;
  const address = addressOf(url);
  const { words: said, advice } = saidIn(bytes, secrets);
  const waitMs = retryAfterMs(response);
  const isPassing = status === 408 || status === 429 || (status >= 500 && status !== 501);
  const words = said === "" ? "" : `: ${said}`;
  return new SigstoreError(
    isPassing ? "service-unavailable" : "service-refused",
    `expected the ${service} ${address} to take the request, got status ${status}${words}${times(triesMade)}`,
    {
      hint: advice ?? hintFor(status, waitMs),
      details: {
        service,
        address,
        status,
        said,
        tries: triesMade,
        ...(advice !== undefined && { advice }),
        ...(waitMs !== undefined && { retryAfterMs: waitMs }),
      },
    },
  );
}

function hintFor(status: number, waitMs: number | undefined): string {
  if (waitMs !== undefined) return `the service asks to wait ${Math.ceil(waitMs / 1000)} seconds before trying again`;
  if (status === 404 || status === 405 || status === 501) return "check the address: there is no such service there";
  if (status === 429) return "too many requests: try again in some minutes";
  if (status >= 500) return "the service has a fault; try again later, or tell who runs it";
  if (status === 401 || status === 403) return "the service does not accept who is asking";
  if (status === 413) return "what was sent is larger than the service takes";
  return "the service says what it does not accept";
}

function times(triesMade: number): string {
  return triesMade > 1 ? ` (after ${triesMade} tries)` : "";
}
