/**
 * Errors of registries: which registry and repository, what was asked, what it said, and who asked.
 */
import { SigstoreError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import type { HttpResponse } from "../http/http-request.ts";
import { saidIn, showable } from "../http/said.ts";

/** What was asked of which repository, in words: "manifest 1.0". */
export interface Asked {
  readonly name: RepositoryName;
  readonly what: string;
}

/** The error for content that is not what its digest, length or type says. */
export function mismatchError(asked: Asked, expected: string, got: string): SigstoreError {
  return new SigstoreError(
    "registry-content-mismatch",
    `expected ${expected} as ${asked.what} of ${placeOf(asked)}, got ${showable(got, [])}`,
    {
      hint: "the registry, or somebody on the way to it, hands out something else; nothing of it was used",
      details: detailsOf(asked),
    },
  );
}

/** The error for an answer that cannot be understood. */
export function strangeAnswer(asked: Asked, expected: string, got: string): SigstoreError {
  return new SigstoreError(
    "service-answer-invalid",
    `expected ${expected} from the registry for ${asked.what} of ${placeOf(asked)}, got ${showable(got, [])}`,
    { hint: "check that this is the address of a registry", details: detailsOf(asked) },
  );
}

/** The same error with what was asked added to it. */
export function inContext(asked: Asked, error: SigstoreError): SigstoreError {
  return new SigstoreError(error.code, `${asked.what} of ${placeOf(asked)}: ${error.message}`, {
    ...(error.hint !== undefined && { hint: error.hint }),
    details: { ...error.details, ...detailsOf(asked) },
    cause: error,
  });
}

/** The error for an answer that refuses: `tried` says in words with which credentials. */
export function refusalError(
  asked: Asked,
  { status, bytes }: Pick<HttpResponse, "status" | "bytes">,
  tried: string,
  secrets: readonly string[],
): SigstoreError {
  const said = saidIn(bytes, secrets).words;
  const words = said === "" ? "" : `: ${said}`;
  const [code, hint] = meaningOf(status, tried);
  return new SigstoreError(code, `expected ${asked.what} of ${placeOf(asked)}, got status ${status}${words}`, {
    hint,
    details: { ...detailsOf(asked), status, said, credentials: tried },
  });
}

function meaningOf(status: number, tried: string): readonly [ErrorCode, string] {
  if (status === 401 || status === 403)
    return [
      "registry-unauthorized",
      `asked ${tried}; log in to the registry, or check that the account may do this (some registries say so of what does not exist, too)`,
    ];
  if (status === 404) return ["image-not-found", "check the name, and that it was pushed to this registry"];
  if (status === 405) return ["service-refused", "the registry does not allow this; it may have to be turned on there"];
  if (status === 413) return ["service-refused", "what was sent is larger than the registry takes"];
  return ["service-refused", "the registry says what it does not accept"];
}

function placeOf({ name }: Asked): string {
  return `${name.registry}/${name.repository}`;
}

function detailsOf({ name, what }: Asked): Readonly<Record<string, string>> {
  return { registry: name.registry, repository: name.repository, asked: what };
}
