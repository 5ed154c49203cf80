/**
 * Tokens that somebody else made and handed over: by value, or in a file that may be renewed meanwhile.
 */
import { SigstoreError } from "../../errors.ts";
import { type IdentityToken, parseIdentityToken } from "../../formats/identity-token.ts";
import type { IdentityProvider } from "../../sign/ports.ts";

/** A provider of the token that `read` brings, read anew for each certificate. `label` says where it is from, never what it is. */
export function givenTokenProvider(label: string, read: () => Promise<string>): IdentityProvider {
  return {
    label,
    async fetchIdentityToken(): Promise<IdentityToken> {
      const text = await read();
      if (text.trim() !== "") return parseIdentityToken(text);
      throw new SigstoreError("identity-token-missing", `expected an identity token in ${label}, got nothing`, {
        hint: "a token is made by a CI system or a login; without one, leave this out and log in",
      });
    },
  };
}
