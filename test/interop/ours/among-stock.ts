/**
 * One service of ours among the stock ones, where services talk to each other: our certificate authority with the stock CT log, and the stock
 * certificate authority with our CT log.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CtLogClient } from "../../../src/clients/ct-log.ts";
import { HttpClient } from "../../../src/clients/http/http-client.ts";
import { importPublicKey, keyIdentifier, type PublicKey } from "../../../src/crypto/keys.ts";
import { generatePrivateKey, importPrivateKeyPem } from "../../../src/crypto/private-key.ts";
import { randomBytes } from "../../../src/crypto/random.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import { base64Encode } from "../../../src/encoding/base64.ts";
import { parsePem, serializePem } from "../../../src/encoding/pem.ts";
import { startCtLog } from "../../../src/services/ctlog/start.ts";
import { openAuthorityChain } from "../../../src/services/fulcio/authority-chain.ts";
import { parseFulcioConfigFile } from "../../../src/services/fulcio/config-file.ts";
import { fulcioHandler } from "../../../src/services/fulcio/handler.ts";
import { issuerHttp } from "../../../src/services/fulcio/issuer-http.ts";
import { FetchedIssuerKeys } from "../../../src/services/fulcio/issuer-keys.ts";
import { FulcioService } from "../../../src/services/fulcio/service.ts";
import { startServer } from "../../../src/services/http/server.ts";
import { answersAt, ServingProgram } from "../programs.ts";
import type { LogTarget, Stack } from "../stack.ts";
import { fulcioArguments, type StockStack } from "../stock/services.ts";
import { requireSame, type TrialOptions, Trials } from "./trials.ts";

/** Both; the stock Fulcio with our log on three ports from `port` on. */
export async function checkAmongStock(stack: StockStack, options: TrialOptions): Promise<void> {
  await checkOurAuthority(stack, options);
  await checkOurCtLog(stack, options);
}

async function everybodySigns(label: string, name: string, stack: Stack, options: TrialOptions): Promise<void> {
  const trials = new Trials(options);
  for (const client of trials.clients) {
    await trials.suite.case(`${label}: signed by ${client.name}, verified by all`, async () => {
      await trials.sign(stack, client.name, name);
      requireSame(trials.allBut(), await trials.verifiers(stack, name));
    });
  }
}

/** Ours with the key, the chain and the configuration file of the stock one. */
async function checkOurAuthority(stack: StockStack, options: TrialOptions): Promise<void> {
  const { keys, folder, issuer, ct } = stack.services;
  const read = (name: string): string => readFileSync(join(keys, name), "utf8");
  const config = parseFulcioConfigFile(
    JSON.stringify({ OIDCIssuers: { [issuer]: { IssuerURL: issuer, ClientID: "sigstore", Type: "email" } } }),
  );
  const [tokens, http] = [issuerHttp({}), new HttpClient()];
  const signer = createSigner(importPrivateKeyPem(read("fulcio-intermediate.key")));
  const service = new FulcioService({
    config,
    authority: openAuthorityChain(blocksOf(read("fulcio-chain.pem")), signer, Date.now()),
    issuerKeys: new FetchedIssuerKeys(tokens, Date.now, new Set(config.issuers.keys())),
    log: new CtLogClient(ct, publicKeyOf(read("ctlog.pub")), http),
    nowMs: Date.now,
    random: randomBytes,
  });
  const server = await startServer({ handler: fulcioHandler(service), port: 0, nowMs: () => performance.now() });
  try {
    const changed = changeAuthority(stack, folder, `http://localhost:${server.port}`);
    await everybodySigns("our certificate authority, stock CT log", "our-authority", changed, options);
  } finally {
    await server.stop();
    tokens.close();
    http.close();
  }
}

async function checkOurCtLog(stack: StockStack, options: TrialOptions): Promise<void> {
  const { keys, folder } = stack.services;
  const key = generatePrivateKey("ecdsa-p256");
  const publicKeyFile = join(folder, "our-ctlog.pub");
  writeFileSync(publicKeyFile, serializePem("PUBLIC KEY", key.publicKey.spki));
  const log = await startCtLog({
    origin: "ct.interop.test",
    folder: join(folder, "our-ctlog"),
    signer: createSigner(key),
    roots: blocksOf(readFileSync(join(keys, "fulcio-root.pem"), "utf8")),
    port: 0,
    holder: "the interop suite",
  });
  const { port } = options;
  const args = fulcioArguments(stack.services, port, { url: `http://localhost:${log.port}`, publicKeyFile });
  const command = [options.peers.program("fulcio"), ...args];
  try {
    const isReady = answersAt(`http://localhost:${port}/healthz`);
    const fulcio = await ServingProgram.start("fulcio", command, join(folder, "fulcio-2.log"), isReady);
    try {
      const changed = changeAuthority(stack, folder, `http://localhost:${port}`, key.publicKey);
      await everybodySigns("stock certificate authority, our CT log", "our-ctlog", changed, options);
    } finally {
      await fulcio.stop();
    }
  } finally {
    await log.stop();
  }
}

function blocksOf(pem: string): readonly Uint8Array[] {
  return parsePem(pem).map(({ bytes }) => bytes);
}

function publicKeyOf(pem: string): PublicKey {
  const [spki = new Uint8Array()] = blocksOf(pem);
  return importPublicKey(spki);
}

/** The stock stack with another certificate authority, and another CT log where there is one: files of its own, for Rekor v2. */
function changeAuthority(stack: StockStack, folder: string, url: string, ctKey?: PublicKey): Stack {
  const readJson = (path: string): Members => JSON.parse(readFileSync(path, "utf8")) as Members;
  const write = (name: string, value: Members): string => {
    const path = join(folder, `changed-${name}`);
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  const [log] = stack.logs;
  if (log === undefined) throw new Error("expected a log");
  const config = readJson(log.signingConfig);
  const [authority] = config["caUrls"] as readonly Members[];
  const signingConfig: Members = { ...config, caUrls: [{ ...authority, url }] };
  const root = readJson(stack.trustedRoot);
  const [ctlog] = root["ctlogs"] as readonly Members[];
  const trustedRoot: Members =
    ctKey === undefined ? root : { ...root, ctlogs: [{ ...ctlog, ...logMembers(ctlog, ctKey) }] };
  const mediaType = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
  const changed: LogTarget = {
    name: log.name,
    signingConfig: write("signing_config.json", signingConfig),
    trustConfig: write("trust_config.json", { mediaType, trustedRoot, signingConfig }),
  };
  return { ...stack, trustedRoot: write("trusted_root.json", trustedRoot), logs: [changed] };
}

type Members = Readonly<Record<string, unknown>>;

function logMembers(log: Members | undefined, key: PublicKey): Members {
  const publicKey = { ...(log?.["publicKey"] as Members), rawBytes: base64Encode(key.spki) };
  return { publicKey, logId: { keyId: base64Encode(keyIdentifier(key)) } };
}
