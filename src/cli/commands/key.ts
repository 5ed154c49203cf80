/**
 * `sigstore key new|import|public|inspect|passwd|list`: keys of one's own, as files.
 */
import type { Command } from "../command.ts";
import { OLD_PASSWORD_OPTION, PASSWORD_OPTION } from "../options/password.ts";

/** Kinds of keys as people name them; crypto's names but for the curves. */
const KEY_TYPES: readonly string[] = [
  "p256",
  "p384",
  "p521",
  "ed25519",
  "rsa-2048",
  "rsa-3072",
  "rsa-4096",
  "ml-dsa-44",
  "ml-dsa-65",
  "ml-dsa-87",
];

/** What a key command can be asked for. */
export const KEY_ACTIONS: readonly string[] = ["new", "import", "public", "inspect", "passwd", "list"];

/** `sigstore key`. */
export const keyCommand: Command = {
  name: "key",
  summary: "make, import and look at keys of your own",
  usage: "ACTION [OPTION…] [FILE…]",
  description: [
    "new, import FILE, public FILE, inspect FILE…, passwd FILE, or list [FOLDER].",
    "FILE is a key as OpenSSL, OpenSSH, cosign or minisign write it; or -. What new",
    "and import write, stock cosign reads. The password is asked for, or stands in",
    "SIGSTORE_PASSWORD or COSIGN_PASSWORD.",
  ],
  options: [
    { name: "type", value: "TYPE", choices: KEY_TYPES, summary: "kind of the new key" },
    { name: "out", value: "FILE", valueKind: "file", summary: "where to write it: sigstore.key as a rule" },
    { name: "form", value: "FORM", choices: ["cosign", "pkcs8", "jwk"], summary: "how to write it" },
    { name: "unencrypted", summary: "write the private key in the clear (pkcs8, jwk)" },
    PASSWORD_OPTION,
    OLD_PASSWORD_OPTION,
    { name: "force", summary: "replace files that are there" },
  ],
  operands: { label: KEY_ACTIONS.join(", "), minimum: 1, maximum: 1000, completes: KEY_ACTIONS },
  examples: [
    { does: "your SSH key, for signing", line: "sigstore key import ~/.ssh/id_ed25519" },
    { does: "a new key, and its public half", line: "sigstore key new --out release.key" },
  ],
  run: async (request, world) => (await import("../key-actions.ts")).runKey(request, world),
};
