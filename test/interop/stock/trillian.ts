/**
 * MariaDB and Trillian, under the stock CT log and Rekor v1: the database on a socket in a folder of its own, no system service.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { PeerFolder } from "../peers/install.ts";
import { answersAt, requireProgram, runProgram, ServingProgram } from "../programs.ts";

/** Trillian sleeps five and ten seconds before it ends; what is stopped here is thrown away. */
const TRILLIAN_PATIENCE_MS = 0;
/** Paths of sockets are short: 108 bytes with their end. */
const SOCKET_BYTES = 107;

/** Where the database is, for programs that want one. */
export interface Database {
  readonly program: ServingProgram;
  readonly socket: string;
}

/** Starts MariaDB with the databases `trillian` and `rekor`; user and password are `trillian`. */
export async function startDatabase(peers: PeerFolder, folder: string): Promise<Database> {
  const data = join(folder, "mysql");
  const socket = join(folder, "mysql.sock");
  if (Buffer.byteLength(socket) > SOCKET_BYTES) throw new Error(`expected a shorter path for a socket than ${socket}`);
  mkdirSync(data, { recursive: true });
  const user = userInfo().username;
  await requireProgram(peers.program("mariadb-install-db"), [
    "--no-defaults",
    `--datadir=${data}`,
    "--skip-test-db",
    `--user=${user}`,
    "--auth-root-authentication-method=socket",
    `--auth-root-socket-user=${user}`,
  ]);
  const serve = ["--no-defaults", `--user=${user}`, `--datadir=${data}`, `--socket=${socket}`, "--skip-networking"];
  const command = [peers.program("mariadbd"), ...serve, "--innodb-buffer-pool-size=128M", "--max-connections=400"];
  const client = ["--no-defaults", `--socket=${socket}`];
  const isReady = async (): Promise<boolean> => {
    const { status } = await runProgram(peers.program("mariadb"), [...client, "--execute", "select 1"]);
    return status === 0;
  };
  const program = await ServingProgram.start("mariadb", command, join(folder, "mariadb.log"), isReady);
  const databases = ["trillian", "rekor"].map(
    (name) => `create database ${name}; grant all on ${name}.* to trillian@localhost;`,
  );
  const input = `create user trillian@localhost identified by 'trillian'; ${databases.join(" ")}`;
  await requireProgram(peers.program("mariadb"), client, { input });
  await requireProgram(peers.program("mariadb"), [...client, "trillian"], {
    input: readFileSync(peers.trillianSchema),
  });
  return { program, socket };
}

/** The name of a database as Go's driver wants it. */
export function dataSourceName({ socket }: Database, name: "trillian" | "rekor"): string {
  return `trillian:trillian@unix(${socket})/${name}`;
}

/** Trillian that runs. */
export interface Trillian {
  readonly address: string;
  readonly programs: readonly ServingProgram[];
  /** Makes a log; returns its number. */
  createTree(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts log server and signer on four ports from `port` on. */
export async function startTrillian(
  peers: PeerFolder,
  folder: string,
  database: Database,
  port: number,
): Promise<Trillian> {
  const store = [
    "--storage_system=mysql",
    "--quota_system=noop",
    "--mysql_max_conns=100",
    "--mysql_max_idle_conns=50",
    `--mysql_uri=${dataSourceName(database, "trillian")}`,
  ];
  const start = (name: string, at: number, more: readonly string[]): Promise<ServingProgram> => {
    const ports = [`--rpc_endpoint=127.0.0.1:${at}`, `--http_endpoint=127.0.0.1:${at + 1}`];
    const command = [peers.program(name), ...store, ...ports, ...more];
    return ServingProgram.start(
      name,
      command,
      join(folder, `${name}.log`),
      answersAt(`http://127.0.0.1:${at + 1}/healthz`),
    );
  };
  const programs = await Promise.all([
    start("trillian_log_server", port, []),
    start("trillian_log_signer", port + 2, ["--force_master", "--sequencer_interval=100ms"]),
  ]);
  const address = `127.0.0.1:${port}`;
  const createTree = async (name: string): Promise<string> => {
    const args = [`--admin_server=${address}`, `--display_name=${name}`];
    const said = await requireProgram(peers.program("createtree"), args);
    return said.trim();
  };
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.stop(TRILLIAN_PATIENCE_MS)));
  };
  return { address, programs, createTree, stop };
}
