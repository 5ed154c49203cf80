/** `log fsck` at an address: an instance and its two logs, with keys from there and from the user; and what a bad answer leads to. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rekorV2Log } from "../authority/checkpoint.ts";
import { ctLogId } from "../authority/sct.ts";
import type { Signer } from "../crypto/signer.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type LogInstance, serializeTrustedRoot, TRUSTED_ROOT_MEDIA_TYPES } from "../formats/trusted-root.ts";
import { ctLogHandler } from "../services/ctlog/handler.ts";
import { CtLogService } from "../services/ctlog/service.ts";
import { respond, type ServiceHandler } from "../services/http/message.ts";
import { mount } from "../services/http/mount.ts";
import { startServer } from "../services/http/server.ts";
import { noteLogIdentity } from "../services/tiled-log/log-identity.ts";
import { memoryStorage } from "../services/tiled-log/storage-memory.ts";
import { TiledLog } from "../services/tiled-log/tiled-log.ts";
import { createVirtualCertificateAuthority } from "../testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../testing/virtual-keys.ts";
import { virtualPrecertificateChain } from "../testing/virtual-precertificate.ts";
import { hashLeaf } from "../tlog/merkle.ts";
import { logKeyHash } from "../tlog/note-key.ts";
import { serializeVerifierKey } from "../tlog/verifier-key.ts";
import { runCommandLine } from "./main.ts";
import type { World } from "./world.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const keys = new VirtualKeys("log command tests");
const rekorSigner = keys.signer("rekor", "PKIX_ED25519");
const ctSigner = keys.signer("ct", "PKIX_ECDSA_P256_SHA_256");
const folder = mkdtempSync(join(tmpdir(), "log-command-"));

const rekor = await TiledLog.open({
  identity: noteLogIdentity(rekorV2Log("rekor.test", rekorSigner)),
  storage: memoryStorage(),
  nowMs: () => NOW,
});
const authority = await createVirtualCertificateAuthority(keys, {
  label: "fulcio",
  uri: "https://fulcio.test",
  algorithm: "PKIX_ECDSA_P256_SHA_256",
  organization: "test",
  certificatesValidFor: { startMs: NOW, endMs: NOW + 31_536_000_000 },
  validFor: { startMs: NOW, endMs: undefined },
});
const ct = await CtLogService.open({
  origin: "ct.test",
  signer: ctSigner,
  storage: memoryStorage(),
  roots: authority.chain.slice(-1),
  nowMs: () => NOW,
});
await Promise.all(
  Array.from({ length: 600 }, (_, at) => utf8Encode(`entry ${at}`)).map((bytes) =>
    rekor.submit({ duplicateKey: hashLeaf(bytes), maximumBytes: bytes.length, serialize: () => bytes }),
  ),
);
await ct.addPrecertificate(await virtualPrecertificateChain({ keys, authority, notBeforeMs: NOW }));

function logInstance(baseUrl: string, signer: Signer, logId: Uint8Array): LogInstance {
  const { publicKey, algorithm } = signer;
  return {
    baseUrl,
    operator: "",
    keyDetails: algorithm.name,
    publicKey: publicKey.spki,
    validFor: { startMs: NOW, endMs: undefined },
    logId,
    checkpointKeyId: undefined,
  };
}

const trustedRoot = serializeTrustedRoot(
  {
    mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.1"],
    tlogs: [logInstance("http://rekor.test:8480", rekorSigner, logKeyHash("rekor.test", rekorSigner.publicKey))],
    ctlogs: [logInstance("http://ct.test:8480", ctSigner, ctLogId(ctSigner.publicKey.spki))],
    certificateAuthorities: [],
    timestampAuthorities: [],
  },
  "0.1",
);
writeFileSync(join(folder, "trusted_root.json"), trustedRoot);

/** Answers that are not as they were written. */
const lies = new Map<string, Uint8Array>();

const reads: ServiceHandler = async ({ path }) => {
  const bytes = path === "/checkpoint" ? await rekor.readCheckpoint() : await rekor.readResource(path.slice(1));
  return respond(bytes === undefined ? 404 : 200, {}, bytes ?? "");
};
const instance = mount({
  "/ct": ctLogHandler(ct),
  "/api/v2": reads,
  "/trust": async () => respond(200, {}, trustedRoot),
});
const server = await startServer({
  handler: async (request) => {
    const lie = lies.get(request.path);
    return lie === undefined ? instance(request) : respond(200, {}, lie);
  },
  port: 0,
  nowMs: () => 0,
});
const address = `http://localhost:${server.port}`;

after(async () => {
  await server.stop();
  await rekor.stop();
  await ct.stop();
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly talk: string;
}

async function fsck(...words: readonly string[]): Promise<Outcome> {
  let output = "";
  let talk = "";
  const world: World = {
    environment: { SIGSTORE_HOME: folder },
    inputDescriptor: 0,
    outputIsTerminal: false,
    talkIsTerminal: false,
    nowMs: () => NOW,
    writeOutput: (text) => (output += text),
    writeTalk: (text) => (talk += text),
  };
  return { exitCode: await runCommandLine(["log", "fsck", ...words], world), output, talk };
}

test("an instance: both logs, and a word on where the keys came from", async () => {
  const { exitCode, output, talk } = await fsck(`${address}/`);
  assert.equal(exitCode, 0, output + talk);
  assert.match(output, /sound: rekor\.test at .*\/api\/v2\n {2}600 entries, 4 tiles; the checkpoint agrees\n/);
  assert.match(output, /sound: ct\.test at .*\/ct\n {2}1 entry, 1 tile; the checkpoint agrees\n/);
  assert.match(talk, /warning: the keys came from the same address/);
});

test("with a trusted root of the user's there is nothing to warn of; one log by its own address too", async () => {
  const root = join(folder, "trusted_root.json");
  for (const place of ["", "/ct", "/api/v2/"]) {
    const { exitCode, talk } = await fsck(`${address}${place}`, "--trusted-root", root);
    assert.equal(exitCode, 0);
    assert.equal(talk, "");
  }
  const key = serializeVerifierKey("rekor.test", rekorSigner.publicKey);
  const named = await fsck(`${address}/api/v2`, "--key", key, "--json");
  assert.equal(named.exitCode, 0, named.output + named.talk);
  const foreign = serializeVerifierKey("rekor.test", keys.signer("other", "PKIX_ED25519").publicKey);
  assert.equal((await fsck(`${address}/api/v2`, "--key", foreign)).exitCode, 3);
});

test("a log that answers otherwise than its tree says is not sound", async () => {
  const tile = (await rekor.readResource("tile/0/001")) ?? new Uint8Array(0);
  const flipped = Uint8Array.from(tile);
  flipped[5000] = (flipped[5000] ?? 0) ^ 1;
  for (const [path, bytes] of [
    ["/api/v2/tile/0/001", flipped],
    ["/api/v2/tile/entries/002.p/88", new Uint8Array(10)],
    ["/ct/tile/data/000.p/1", utf8Encode("something else")],
    ["/ct/checkpoint", utf8Encode("ct.test\n0\n")],
  ] as const) {
    lies.set(path, bytes);
    const { exitCode, output } = await fsck(address, "--json");
    lies.clear();
    assert.equal(exitCode, 3, path);
    const { sound, items } = JSON.parse(output) as { sound: boolean; items: { sound: boolean; problems: string[] }[] };
    assert.equal(sound, false);
    assert.deepEqual(
      items.map((item) => item.sound),
      path.startsWith("/ct") ? [true, false] : [false, true],
      path,
    );
  }
});

test("an address of something else", async () => {
  const { exitCode, talk } = await fsck(`${address}/elsewhere`);
  assert.equal(exitCode, 1);
  assert.match(talk, /expected a log or an instance at .*\/elsewhere, got neither/);
});
