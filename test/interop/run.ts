/**
 * `npm run interop`: the stock clients, ours, the stock services and ours; see README.md of this folder.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Suite } from "../suite.ts";
import { writeMaterial } from "./clients/client.ts";
import { ours } from "./clients/ours.ts";
import { stockClients } from "./clients/stock.ts";
import { matrixTable, runMatrix } from "./matrix.ts";
import { PeerFolder } from "./peers/install.ts";
import { startStockStack, STOCK_PEERS } from "./stock/services.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    without: { type: "string", multiple: true },
    ports: { type: "string", default: "23100" },
    keep: { type: "boolean", default: false },
  },
});
const suite = new Suite("interop");
const folder = mkdtempSync(join(tmpdir(), "interop-"));
const peers = new PeerFolder(process.env, console.error);
const clients = [ours, ...stockClients(peers)];
const material = writeMaterial(join(folder, "material"));
for (const { peer } of clients) if (peer !== undefined) await peers.ensure(peer);
for (const peer of STOCK_PEERS) await peers.ensure(peer);
const stack = await startStockStack(peers, folder, Number(values.ports));
try {
  const rows = await runMatrix({ suite, stack, clients, material, atOnce: 2 });
  console.log(
    matrixTable(
      rows,
      clients.map(({ name }) => name),
    ),
  );
} finally {
  await stack.stop();
}
if (!values.keep) rmSync(folder, { recursive: true });
suite.finish();
