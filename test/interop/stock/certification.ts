/**
 * Of the stock services those alone that certify or stamp, to be measured: Fulcio with its CT log, or the timestamp authority.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { PeerName } from "../peers/catalogue.ts";
import type { PeerFolder } from "../peers/install.ts";
import { answersAt, ServingProgram } from "../programs.ts";
import { makeStockKeys } from "./keys.ts";
import { servicesOf, startCtLog, startFulcio, startTimestampAuthority, type StartTools } from "./services.ts";
import { startDatabase, startTrillian } from "./trillian.ts";

/** What has to be installed. */
export const CERTIFYING_PEERS: readonly PeerName[] = [
  "openssl",
  "fulcio",
  "timestamp-server",
  "mariadb",
  "trillian",
  "ctfe",
];

/** Programs that serve together, and the port to ask at. */
export interface StockCertification {
  readonly port: number;
  readonly programs: readonly ServingProgram[];
  stop(): Promise<void>;
}

/** Starts what answers such requests, on ports from `base` on, where the issuer of tokens is already. */
export async function startStockCertification(
  peers: PeerFolder,
  folder: string,
  { base, kind }: { readonly base: number; readonly kind: "certificates" | "timestamps" },
): Promise<StockCertification> {
  const programs: ServingProgram[] = [];
  const stop = async (): Promise<void> => {
    for (const program of programs.splice(0).toReversed()) await program.stop(0);
  };
  try {
    const services = servicesOf(folder, base);
    mkdirSync(services.keys, { recursive: true });
    await makeStockKeys(services.keys);
    const start: StartTools["start"] = async (name, program, args, readyUrl) => {
      const command = [peers.program(program), ...args];
      programs.push(await ServingProgram.start(name, command, join(folder, `${name}.log`), answersAt(readyUrl)));
    };
    const tools: StartTools = { start, services, base };
    if (kind === "timestamps") await startTimestampAuthority(tools);
    else await startCertificates(tools, peers, programs);
    const { port } = new URL(kind === "timestamps" ? services.timestamps : services.fulcio);
    return { port: Number(port), programs: [...programs], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startCertificates(tools: StartTools, peers: PeerFolder, programs: ServingProgram[]): Promise<void> {
  const { services, base } = tools;
  const database = await startDatabase(peers, services.folder);
  programs.push(database.program);
  const trillian = await startTrillian(peers, services.folder, database, base + 10);
  programs.push(...trillian.programs);
  await startCtLog(tools, await trillian.createTree("ct"), trillian);
  await startFulcio(tools);
}
