/**
 * `npm run interop`: stock clients against our services, our client against the stock ones, everybody against everybody.
 *
 * `--only NAME` (several times) runs parts of it, `--without PEER` goes without a peer, `--ports N` is the first of forty ports, `--install`
 * only installs the peers, `--keep` leaves the working folder. See README.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Suite } from "../suite.ts";
import { type Client, type Material, writeMaterial } from "./clients/client.ts";
import { ours } from "./clients/ours.ts";
import { stockClients } from "./clients/stock.ts";
import { type MatrixRow, matrixTable, runMatrix } from "./matrix.ts";
import { checkAmongStock } from "./ours/among-stock.ts";
import { checkEdges } from "./ours/edges.ts";
import { startOurStack } from "./ours/instance.ts";
import { checkLifecycle } from "./ours/lifecycle.ts";
import { checkLogins } from "./ours/logins.ts";
import { checkWithOpenssl } from "./ours/openssl.ts";
import { checkRegistries } from "./ours/registries.ts";
import { checkWithTessera } from "./ours/tessera-fsck.ts";
import type { TrialOptions } from "./ours/trials.ts";
import type { PeerName } from "./peers/catalogue.ts";
import { PeerFolder } from "./peers/install.ts";
import { checkDuplicates } from "./stock/duplicates.ts";
import { startStockStack, STOCK_PEERS } from "./stock/services.ts";

/** Verifications at once: as many as the smallest machine has cores. */
const AT_ONCE = 2;
const OPENSSL_SIGNER = "openssl@example.org";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    without: { type: "string", multiple: true },
    ports: { type: "string", default: "23100" },
    install: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const suite = new Suite("interop");
const peers = new PeerFolder(process.env, (line) => process.stderr.write(`${line}\n`));
const folder = mkdtempSync(join(tmpdir(), "interop-"));
const ports = Number(values.ports);
const material = writeMaterial(join(folder, "material"));
const rows: MatrixRow[] = [];

/** A part of the suite: what has to be installed for it beside the clients, and what it does with the clients that are here. */
interface Part {
  readonly peers: readonly PeerName[];
  /** Whether it compares the clients with each other. */
  readonly withClients: boolean;
  run(clients: readonly Client[]): Promise<void>;
}

const PARTS: Readonly<Record<string, Part>> = {
  ours: { peers: ["openssl"], withClients: true, run: runOurs },
  stock: { peers: STOCK_PEERS, withClients: true, run: runStock },
  edges: { peers: [], withClients: true, run: (clients) => checkEdges(trialOptions(clients, 30)) },
  lifecycle: { peers: [], withClients: true, run: (clients) => checkLifecycle(trialOptions(clients, 35)) },
  tiles: {
    peers: ["tessera-fsck"],
    withClients: false,
    run: () => checkWithTessera(suite, peers, join(folder, "tiles")),
  },
  registries: {
    peers: ["distribution", "ggcr-registry", "olareg"],
    withClients: false,
    run: () => checkRegistries({ suite, peers, folder: join(folder, "registries"), port: ports + 38 }),
  },
};

for (const name of values.only ?? [])
  if (!(name in PARTS)) suite.fail(name, `expected one of ${Object.keys(PARTS).join(", ")}`);
const chosen = Object.entries(PARTS).filter(([name]) => values.only === undefined || values.only.includes(name));
const clients = chosen.some(([, part]) => part.withClients) ? await installedClients() : [];
for (const [name, part] of chosen) {
  const present: boolean[] = [];
  for (const peer of part.peers) present.push(await isInstalled(peer));
  if (present.every(Boolean) && !values.install) await runPart(name, part);
}
if (rows.length > 0)
  console.log(
    `\n${matrixTable(
      rows,
      clients.map(({ name }) => name),
    )}\n`,
  );
if (values.keep) console.log(`the folder is kept: ${folder}`);
else rmSync(folder, { recursive: true });
suite.finish();

function trialOptions(present: readonly Client[], offset: number): TrialOptions {
  return { suite, peers, clients: present, material, folder, port: ports + offset };
}

/** What a part throws outside its cases fails it as a whole, and the others go on. */
async function runPart(name: string, part: Part): Promise<void> {
  const beganMs = performance.now();
  try {
    await part.run(clients);
  } catch (error) {
    suite.fail(name, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  console.log(`${name}: ${Math.round((performance.now() - beganMs) / 1000)} s`);
}

async function isInstalled(peer: PeerName): Promise<boolean> {
  try {
    await peers.ensure(peer);
    if (values.install) await suite.case(`${peer} is here`, () => undefined);
    return true;
  } catch (error) {
    return suite.needs(peer, false, error instanceof Error ? error.message : String(error));
  }
}

/** Ours, and the stock clients that can be had. */
async function installedClients(): Promise<readonly Client[]> {
  const found: Client[] = [ours];
  for (const client of stockClients(peers)) {
    if (client.peer !== undefined && (await isInstalled(client.peer))) found.push(client);
  }
  return found;
}

async function runOurs(present: readonly Client[]): Promise<void> {
  const stack = await startOurStack(join(folder, "ours"), ports + 20);
  try {
    rows.push(...(await runMatrix({ suite, stack, clients: present, material, atOnce: AT_ONCE })));
    await checkLogins({ suite, peers, stack, material, verifiers: present });
    const bundle = await signForOpenssl(material, stack);
    await checkWithOpenssl(suite, { peers, stack, material, bundle, email: OPENSSL_SIGNER });
  } finally {
    await stack.stop();
  }
}

async function signForOpenssl(
  { folder: home }: Material,
  stack: Awaited<ReturnType<typeof startOurStack>>,
): Promise<string> {
  const [bundle, tokenFile] = [join(home, "openssl.sigstore.json"), join(home, "token")];
  const [log] = stack.logs;
  if (log === undefined) throw new Error("expected a log");
  writeFileSync(tokenFile, await stack.token(OPENSSL_SIGNER), { mode: 0o600 });
  const { status, said } = await ours.sign({ stack, log, kind: "file", tokenFile, bundle, material });
  if (status !== 0) throw new Error(`expected a signature, got ${status}: ${said}`);
  return bundle;
}

async function runStock(present: readonly Client[]): Promise<void> {
  const stack = await startStockStack(peers, join(folder, "stock"), ports);
  try {
    rows.push(...(await runMatrix({ suite, stack, clients: present, material, atOnce: AT_ONCE })));
    await checkDuplicates(suite, stack.services);
    await checkAmongStock(stack, trialOptions(present, 16));
  } finally {
    await stack.stop();
  }
}
