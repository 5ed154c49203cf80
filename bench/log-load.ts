/**
 * Asks a Rekor v2 log for as much as it gives, and prints one line of JSON: `log-load.ts SETTINGS`, in a process of its own, ours and the
 * original alike.
 *
 * Each request is a hashedrekord of its own, signed with P-256, made beforehand. One counts when its answer is 201; of each hundredth the
 * proof is verified.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { parseTlogEntry } from "../src/formats/bundle/tlog-entry.ts";
import { hashLeaf } from "../src/tlog/merkle.ts";
import { verifyInclusion } from "../src/tlog/proof.ts";
import { type LoadRequests, type LoadSettings, runLoad } from "./load.ts";

/** What is asked for. */
export interface LogLoadSettings extends LoadSettings {
  /** Path of GET requests instead of entries. */
  readonly read?: string;
}

const PREPARED = 20_000;

function isProved(body: Buffer): boolean {
  const { logIndex: index, canonicalizedBody, inclusionProof } = parseTlogEntry(body.toString("utf8"));
  if (inclusionProof === undefined) return false;
  const { treeSize, hashes, rootHash } = inclusionProof;
  return verifyInclusion({ leafHash: hashLeaf(canonicalizedBody), index, treeSize, hashes, rootHash });
}

/** Requests for entries, so many made beforehand, and more when they are used up. */
function entryRequests(prepared: number): () => Buffer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rawBytes = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const ready = Array.from({ length: prepared }, () => entryRequest(privateKey, rawBytes));
  return () => ready.pop() ?? entryRequest(privateKey, rawBytes);
}

function entryRequest(key: KeyObject, rawBytes: string): Buffer {
  const message = randomBytes(32);
  const signature = {
    content: sign("sha256", message, key).toString("base64"),
    verifier: { publicKey: { rawBytes }, keyDetails: "PKIX_ECDSA_P256_SHA_256" },
  };
  const digest = createHash("sha256").update(message).digest("base64");
  const body = JSON.stringify({ hashedRekordRequestV002: { digest, signature } });
  const head = `POST /api/v2/log/entries HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body, "latin1");
}

function readRequests(path: string): () => Buffer {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`, "latin1");
  return () => request;
}

function requestsFor({ read }: LogLoadSettings): LoadRequests {
  if (read !== undefined) return { wanted: [200], next: readRequests(read), isGood: () => true };
  return { wanted: [201], next: entryRequests(PREPARED), isGood: ({ body }) => isProved(body) };
}

if (import.meta.main) {
  const settings = JSON.parse(process.argv[2] ?? "") as LogLoadSettings;
  console.log(JSON.stringify(await runLoad(settings, requestsFor(settings))));
  process.exit();
}
