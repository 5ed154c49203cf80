/**
 * What a signature makes public for ever, as far as the token tells: the name of a person, or of a repository.
 *
 * The certificate with this name goes into the transparency logs of the instance, from which nothing can be taken out again.
 */
import type { JsonObject } from "../encoding/json.ts";
import type { IdentityToken } from "../formats/identity-token.ts";

/** What becomes public. */
export interface PublicRecord {
  /** Whom the certificate will name, as far as the token tells; also what is remembered as agreed to. */
  readonly name: string;
  readonly kind: "e-mail address" | "repository" | "name";
  /** What else, in words. */
  readonly others: readonly string[];
  /** The token says that the repository is not public. */
  readonly isPrivate: boolean;
}

/** What a signature with `token` makes public. */
export function publicRecordOf({ claims, email, subject }: IdentityToken): PublicRecord {
  const repository = firstText(claims, ["repository", "project_path", "repository_url"]);
  if (repository !== undefined) {
    const visibility = firstText(claims, ["repository_visibility", "project_visibility"]);
    const others = ["the names of its owner and workflow", "branch or tag", "commit", "address of this run"];
    return {
      name: repository,
      kind: "repository",
      others,
      isPrivate: visibility !== undefined && visibility !== "public",
    };
  }
  return {
    name: email ?? subject,
    kind: email === undefined ? "name" : "e-mail address",
    others: [],
    isPrivate: false,
  };
}

function firstText(claims: JsonObject, names: readonly string[]): string | undefined {
  return names.map((name) => claims[name]).find((value): value is string => typeof value === "string" && value !== "");
}
