/**
 * Logins that the user asked to be remembered: an identity token for each instance, until it ends.
 *
 * The token is a key: its file is the user's alone (0600), lies apart from the configuration, and is refused where others may
 * read it. Nothing is kept here unless `sigstore login --remember` was asked for.
 */
import { join } from "node:path";
import { parseIdentityToken } from "../formats/identity-token.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import { objectFields } from "../formats/proto-json.ts";
import { readDocument, removeDocument, writeDocument } from "./document.ts";
import type { DocumentType } from "./document.ts";
import type { Home } from "./folder.ts";

const TYPE: DocumentType = {
  kind: "Session",
  what: "the remembered login",
  fields: objectFields("kind", "token"),
  remedy: "forget it with sigstore logout, and log in again",
  isSecret: true,
};

/** The login that is remembered for `instance`, whether it is still good or not. @throws SigstoreError `home-invalid` */
export function readSession(home: Home, instance: string): IdentityToken | undefined {
  return readDocument(pathOf(home, instance), TYPE, (message) => parseIdentityToken(message.requireString("token")));
}

/** Remembers `token` for `instance`. @throws SigstoreError `file-unwritable` */
export function writeSession(home: Home, instance: string, token: IdentityToken): void {
  writeDocument(pathOf(home, instance), TYPE, { token: token.reveal() });
}

/** Forgets the login for `instance`; true where there was one. @throws SigstoreError `file-unwritable` */
export function removeSession(home: Home, instance: string): boolean {
  return removeDocument(pathOf(home, instance), TYPE);
}

function pathOf({ sessions }: Home, instance: string): string {
  return join(sessions, `${instance.replaceAll(/[^a-z0-9.-]/g, "_")}.json`);
}
