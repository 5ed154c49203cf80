/**
 * The same entry twice: our clients get from the stock logs what these have already. Rekor v1 says where it is; Rekor v2 gives its index
 * alone, and our client proves it from the tiles, which the stock server leaves to a server of files in front of it.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { HttpClient } from "../../../src/clients/http/http-client.ts";
import { RekorV1Client } from "../../../src/clients/rekor-v1.ts";
import { RekorV2Client } from "../../../src/clients/rekor-v2.ts";
import { digest } from "../../../src/crypto/digest.ts";
import { importPublicKey } from "../../../src/crypto/keys.ts";
import { generatePrivateKey } from "../../../src/crypto/private-key.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import { equalBytes } from "../../../src/encoding/bytes.ts";
import { parsePem } from "../../../src/encoding/pem.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import type { TlogEntry } from "../../../src/formats/bundle/bundle.ts";
import type { EntryProposal, TransparencyLog } from "../../../src/sign/ports.ts";
import { openCheckpoint } from "../../../src/tlog/checkpoint.ts";
import { hashLeaf } from "../../../src/tlog/merkle.ts";
import { noteVerifier } from "../../../src/tlog/note-key.ts";
import { verifyInclusion } from "../../../src/tlog/proof.ts";
import type { Suite } from "../../suite.ts";
import type { StockServices } from "./trust.ts";

/** The origin of the stock Rekor v2. */
const ORIGIN = "localhost";

/** Submits twice to each stock log. */
export async function checkDuplicates(suite: Suite, services: StockServices): Promise<void> {
  const http = new HttpClient();
  const front = await serveInFront(services);
  const { port } = front.address() as AddressInfo;
  try {
    await suite.case("the same entry twice in the stock Rekor v1", async () => {
      const [first, second] = await submitTwice(new RekorV1Client(services.rekor1, http));
      requireSameEntry(first, second);
    });
    await suite.case("the same entry twice in the stock Rekor v2, proved from its tiles", async () => {
      const findLogId = (): Uint8Array => new Uint8Array(32);
      const log = new RekorV2Client(`http://localhost:${port}`, http, { findLogId });
      const [first, second] = await submitTwice(log);
      requireSameEntry(first, second);
      for (const entry of [first, second]) requireProof(entry, services);
    });
  } finally {
    front.close();
    front.closeAllConnections();
    http.close();
  }
}

async function submitTwice(log: TransparencyLog): Promise<readonly [TlogEntry, TlogEntry]> {
  const signer = createSigner(generatePrivateKey("ecdsa-p256"));
  const message = utf8Encode("an entry that is submitted twice");
  const proposal: EntryProposal = {
    kind: "hashedrekord",
    digest: { algorithm: "sha256", digest: digest("sha256", message) },
    signature: await signer.sign(message),
    verifier: { kind: "publicKey", rawBytes: signer.publicKey.spki, keyDetails: signer.algorithm.name },
  };
  return [await log.submitEntry(proposal), await log.submitEntry(proposal)];
}

function requireSameEntry(first: TlogEntry, second: TlogEntry): void {
  if (first.logIndex !== second.logIndex)
    throw new Error(`expected entry ${first.logIndex} again, got ${second.logIndex}`);
  if (!equalBytes(first.canonicalizedBody, second.canonicalizedBody)) throw new Error("expected the same entry");
}

function requireProof({ inclusionProof, canonicalizedBody, logIndex }: TlogEntry, { keys }: StockServices): void {
  const [block] = parsePem(readFileSync(join(keys, "rekor2.pub"), "utf8"));
  if (inclusionProof?.checkpoint === undefined || block === undefined) throw new Error("expected a proof, got none");
  const verifier = noteVerifier(ORIGIN, importPublicKey(block.bytes));
  const { checkpoint } = openCheckpoint(inclusionProof.checkpoint, [verifier]);
  const { treeSize, hashes } = inclusionProof;
  const leafHash = hashLeaf(canonicalizedBody);
  if (!verifyInclusion({ leafHash, index: logIndex, treeSize, hashes, rootHash: checkpoint.rootHash }))
    throw new Error(`expected a proof of entry ${logIndex}, got one that does not hold`);
}

/** What operators put in front of the stock Rekor v2: writes go to it, reads to its folder. */
async function serveInFront({ rekor2, folder }: StockServices): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = request.method === "POST" ? forward(rekor2, request) : readStored(folder, request.url ?? "");
    answer
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.writeHead(404).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

interface FrontAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

async function forward(rekor2: string, request: IncomingMessage): Promise<FrontAnswer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${rekor2}${request.url ?? ""}`, { method: "POST", headers, body: Buffer.concat(parts) });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: new Uint8Array(await answer.arrayBuffer()),
  };
}

async function readStored(folder: string, path: string): Promise<FrontAnswer> {
  const body = await readFile(join(folder, "rekor2", path.replace("/api/v2/", "")));
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
}
