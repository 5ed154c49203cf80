/**
 * The folder in which sigstore-js keeps what it got by TUF (The Update Framework 1.0), made by ourselves: it takes a trusted root
 * from there and from nowhere else, and judges by its own signatures whether that may be. So its command verifies with the
 * trusted root of a virtual Sigstore, and without network.
 *
 * One key for all roles, which the public instance does not have: less to verify than there, in favour of the peer.
 */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalizeJson } from "../src/encoding/canonical-json.ts";
import type { JsonObject } from "../src/encoding/json.ts";

/** The address that the cache stands for; nobody is there. */
export const TUF_MIRROR = "https://tuf.invalid";

const SPECIFICATION = "1.0.31";
const EXPIRES = "2100-01-01T00:00:00Z";
const KEY_ID = "bench";
const ROLES = ["root", "timestamp", "snapshot", "targets"] as const;

/** Writes the cache into `folder`, with a signing key of the moment. */
export function writeTufCache(folder: string, trustedRootJson: string): void {
  const cache = join(folder, encodeURIComponent(new URL(TUF_MIRROR).host));
  mkdirSync(join(cache, "targets"), { recursive: true });
  writeFileSync(join(cache, "targets", "trusted_root.json"), trustedRootJson);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const role = { keyids: [KEY_ID], threshold: 1 };
  const hashes = { sha256: createHash("sha256").update(trustedRootJson).digest("hex") };
  const content: Readonly<Record<(typeof ROLES)[number], JsonObject>> = {
    root: {
      consistent_snapshot: true,
      keys: { [KEY_ID]: { keytype: "ed25519", scheme: "ed25519", keyval: { public: publicHex(publicKey) } } },
      roles: Object.fromEntries(ROLES.map((name) => [name, role])),
    },
    timestamp: { meta: { "snapshot.json": { version: 1 } } },
    snapshot: { meta: { "targets.json": { version: 1 } } },
    targets: { targets: { "trusted_root.json": { length: Buffer.byteLength(trustedRootJson), hashes } } },
  };
  for (const name of ROLES) {
    const signed = { _type: name, spec_version: SPECIFICATION, version: 1, expires: EXPIRES, ...content[name] };
    // What TUF calls canonical differs from RFC 8785 only where there are control characters.
    const sig = sign(null, Buffer.from(canonicalizeJson(signed)), privateKey).toString("hex");
    writeFileSync(join(cache, `${name}.json`), JSON.stringify({ signatures: [{ keyid: KEY_ID, sig }], signed }));
  }
}

/** The 32 octets of the key, at the end of its SubjectPublicKeyInfo. */
function publicHex(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
}
