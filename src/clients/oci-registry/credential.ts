/**
 * Credentials of one registry, and the port by which they are found.
 *
 * A credential says where it comes from, so that a refusal can name what was tried; what it is made of is shown nowhere.
 */

/** What is shown to a registry, or to the service that gives its tokens. */
export type RegistryCredential = { readonly from: string } & (
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** A refresh token (OAuth 2), which buys access tokens. */
  | { readonly kind: "identity-token"; readonly identityToken: string }
  /** An access token, shown as it is. */
  | { readonly kind: "registry-token"; readonly registryToken: string }
);

/** Finds the credential for a repository; undefined asks anonymously. Called once for each registry and repository, never at once. */
export type FindCredential = (registry: string, repository: string) => Promise<RegistryCredential | undefined>;

/** All that must not be shown of a credential. */
export function secretsOf(credential: RegistryCredential | undefined): readonly string[] {
  switch (credential?.kind) {
    case undefined:
      return [];
    case "password":
      return [credential.password, basicToken(credential.username, credential.password)];
    case "identity-token":
      return [credential.identityToken];
    case "registry-token":
      return [credential.registryToken];
  }
}

/** RFC 7617 §2, without the word Basic. */
export function basicToken(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, "utf8").toString("base64");
}
