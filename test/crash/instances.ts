/**
 * A whole instance that is killed, again and again, while clients ask it for certificates and for entries.
 *
 * Each certificate carries an SCT, which is a promise of the CT log; each entry comes with its proof. After each start what was at risk must be
 * there, under the same keys; at the end every entry is at its index, every certificate's leaf at the index of its SCT, every root that was
 * shown is one of the tree, and `sigstore log fsck` finds nothing in either log.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FulcioClient } from "../../src/clients/fulcio.ts";
import { HttpClient } from "../../src/clients/http/http-client.ts";
import { importPublicKey } from "../../src/crypto/keys.ts";
import { equalBytes } from "../../src/encoding/bytes.ts";
import { parsePem } from "../../src/encoding/pem.ts";
import type { IdentityToken } from "../../src/formats/identity-token.ts";
import { embeddedScts, leafIndexOfSct, precertificateTbs } from "../../src/formats/sct.ts";
import { parseTileLeaf, splitTileLeaves } from "../../src/formats/tile-leaf.ts";
import { parseCertificate } from "../../src/formats/x509/certificate.ts";
import { createCertificationRequest } from "../../src/sign/certification-request.ts";
import { VirtualKeys } from "../../src/testing/virtual-keys.ts";
import { parseEntryBundle } from "../../src/tlog/entry-bundle.ts";
import { MemoryTree } from "../../src/tlog/memory-tree.ts";
import { noteVerifier } from "../../src/tlog/note-key.ts";
import { entryBundlesOfTree, entryBundlePath, type EntryBundle } from "../../src/tlog/tile.ts";
import { fetchInstanceToken } from "../instance-login.ts";
import type { Suite } from "../suite.ts";
import { type KnownLog, RekorClient } from "./client.ts";
import { Ledger } from "./ledger.ts";
import { LogProcess } from "./process.ts";

const WRITERS = 3;
const LATEST_KILL_MS = 900;
const CLIENT = new VirtualKeys("crash suite").signer("certified", "PKIX_ECDSA_P256_SHA_256");

/** What an instance has said. */
interface Said {
  readonly ledger: Ledger;
  /** DER, of certificates that were issued. */
  readonly certificates: Uint8Array[];
  /** The log's, which no restart changes. */
  log: KnownLog | undefined;
}

/** Kills `points` times, at moments that `random` draws (0 to 1). */
export async function instanceCases(suite: Suite, points: number, random: () => number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "crash-instance-"));
  const said: Said = { ledger: new Ledger(), certificates: [], log: undefined };
  try {
    for (let point = 0; point < points; point += 1)
      await suite.case(`instance, kill ${point}`, () => writeAndKill(folder, said, point, random() * LATEST_KILL_MS));
    await suite.case("instance: all entries and certificates are in their logs", () => holdsAll(folder, said));
    for (const log of ["rekor", "ct"])
      await suite.case(`instance: fsck of ${log}`, () => checkFolder(join(folder, "instance", log)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function start(folder: string): Promise<LogProcess> {
  return LogProcess.start(join(folder, "instance"), { script: "instance-server.ts", stderr: "ignore" });
}

async function writeAndKill(folder: string, said: Said, point: number, afterMs: number): Promise<string> {
  const { ledger, certificates } = said;
  const before = [ledger.size, certificates.length] as const;
  const instance = await start(folder);
  const url = `http://localhost:${instance.port}`;
  const client = new RekorClient(instance.port, await knownLog(url, said));
  await Promise.all(ledger.texts.slice(-2 * WRITERS).map((text) => ledger.findAgain(client, text)));
  const token = await fetchInstanceToken(url, "crash@example.com", Date.now);
  const killed = new Promise((resolve) => {
    setTimeout(resolve, afterMs);
  }).then(() => instance.kill());
  const entries = Array.from({ length: WRITERS }, (_, number) => writeEntries(client, ledger, `${point}/${number}`));
  const issued = Array.from({ length: WRITERS }, () => askForCertificates(url, token, certificates));
  await Promise.all([killed, ...entries, ...issued]);
  return `${ledger.size - before[0]} entries, ${certificates.length - before[1]} certificates`;
}

/** The key of the first start is the key of all. */
async function knownLog(url: string, said: Said): Promise<KnownLog> {
  const pem = await textOf(`${url}/trust/rekor.pub`);
  const checkpoint = await textOf(`${url}/api/v2/checkpoint`);
  const [origin = ""] = checkpoint.split("\n");
  const key = importPublicKey(parsePem(pem)[0]?.bytes ?? new Uint8Array());
  const known = { origin, verifier: noteVerifier(origin, key) };
  if (
    said.log !== undefined &&
    (said.log.origin !== origin || !equalBytes(said.log.verifier.keyId, known.verifier.keyId))
  )
    throw new Error("expected the same log after a restart, got another");
  said.log ??= known;
  return known;
}

async function textOf(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`expected ${url}, got ${answer.status}`);
  return answer.text();
}

async function writeEntries(client: RekorClient, ledger: Ledger, name: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    const told = await client.submit(`instance/${name}/${number}`);
    if (told === undefined) return;
    ledger.note(`instance/${name}/${number}`, told);
  }
}

async function askForCertificates(url: string, token: IdentityToken, certificates: Uint8Array[]): Promise<void> {
  const http = new HttpClient({});
  const authority = new FulcioClient(url, http);
  const certificationRequest = await createCertificationRequest(CLIENT);
  try {
    for (;;) {
      const [certificate] = await authority.requestCertificate({ token, certificationRequest });
      if (certificate !== undefined) certificates.push(certificate);
    }
  } catch {
    // It was killed, as it had to be.
  } finally {
    http.close();
  }
}

async function holdsAll(folder: string, { ledger, certificates, log }: Said): Promise<string> {
  if (ledger.size === 0 || certificates.length === 0) throw new Error("expected entries and certificates, got none");
  const instance = await start(folder);
  const url = `http://localhost:${instance.port}`;
  try {
    await ledger.findAll(new RekorClient(instance.port, log));
    const tree = new MemoryTree();
    for (const entry of await bundlesOf(`${url}/api/v2`, "entries", parseEntryBundle)) tree.appendEntry(entry);
    ledger.checkRoots(tree);
    const leaves = await bundlesOf(`${url}/ct`, "data", splitTileLeaves);
    for (const certificate of certificates) hasLeaf(certificate, leaves);
    return `${ledger.size} entries, ${certificates.length} certificates`;
  } finally {
    await instance.stop();
  }
}

/** All entries of a log, by its tiles. */
async function bundlesOf(
  address: string,
  folder: string,
  parse: (bytes: Uint8Array, count: number) => readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const [, size = ""] = (await textOf(`${address}/checkpoint`)).split("\n");
  const entries: Uint8Array[] = [];
  for (const bundle of entryBundlesOfTree(BigInt(size)))
    entries.push(...(await bundleOf(address, folder, bundle, parse)));
  return entries;
}

async function bundleOf(
  address: string,
  folder: string,
  bundle: EntryBundle,
  parse: (bytes: Uint8Array, count: number) => readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const path = entryBundlePath(bundle).replace("tile/entries/", `tile/${folder}/`);
  const answer = await fetch(`${address}/${path}`);
  if (!answer.ok) throw new Error(`expected ${path}, got ${answer.status}`);
  return parse(new Uint8Array(await answer.arrayBuffer()), bundle.width);
}

/** The SCT in a certificate says where the log has it, and when it took it in. */
function hasLeaf(certificate: Uint8Array, leaves: readonly Uint8Array[]): void {
  const parsed = parseCertificate(certificate);
  const [sct] = embeddedScts(parsed);
  const index = sct && leafIndexOfSct(sct);
  const bytes = index === undefined ? undefined : leaves[Number(index)];
  if (sct === undefined || bytes === undefined) throw new Error(`expected the leaf ${index} of an SCT, got none`);
  const { entry, timestampMs } = parseTileLeaf(bytes);
  if (
    timestampMs !== sct.timestampMs ||
    entry.type !== "precertificate" ||
    !equalBytes(entry.tbs, precertificateTbs(parsed))
  )
    throw new Error(`expected the certificate of the SCT at ${index}, got another`);
}

function checkFolder(folder: string): string {
  const program = join(import.meta.dirname, "../../bin/sigstore.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "log", "fsck", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout.trim().split("\n").at(0) ?? "";
}
