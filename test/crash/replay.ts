/**
 * What a kill cannot show: a flush that is missing. The writes of a log are recorded (strace), and for each moment at which it acknowledged
 * an entry or published a checkpoint the folder is built again as a disk would have it that lost its power then (recorded-disk.ts): once with
 * nothing but what was flushed, once with some of the rest. From each of them the log must start, and hold all that it had said.
 *
 * That it would notice is shown each time: the same moments on a disk that forgets the flushes of one file.
 */
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { rekorV2Log } from "../../src/authority/checkpoint.ts";
import { equalBytes } from "../../src/encoding/bytes.ts";
import { hexEncode } from "../../src/encoding/hex.ts";
import { checkLog } from "../../src/services/tiled-log/fsck.ts";
import { noteLogIdentity } from "../../src/services/tiled-log/log-identity.ts";
import { FolderFiles } from "../../src/services/tiled-log/storage-folder.ts";
import { SqliteState } from "../../src/services/tiled-log/storage-sqlite.ts";
import { TiledLog } from "../../src/services/tiled-log/tiled-log.ts";
import { openCheckpoint } from "../../src/tlog/checkpoint.ts";
import { MemoryTree } from "../../src/tlog/memory-tree.ts";
import type { Suite } from "../suite.ts";
import { type Acknowledged, acknowledgedOf, RekorClient } from "./client.ts";
import { LogProcess } from "./process.ts";
import { RecordedDisk } from "./recorded-disk.ts";
import { LOG_SIGNER, ORIGIN } from "./server.ts";
import { StraceReader, type SystemCall } from "./strace-log.ts";

const SESSIONS = 3;
const CLIENTS = 6;
const TRACED =
  "openat,close,write,writev,pwrite64,pwritev,ftruncate,fsync,fdatasync,rename,mkdir,unlink,unlinkat,rmdir,fallocate,truncate,renameat2";
/** What the disk's model does not know: a log that begins to use one of these must teach it first. */
const UNKNOWN = new Set(["fallocate", "truncate", "renameat2"]);
const CREATED = Buffer.from("HTTP/1.1 201 ");
const IDENTITY = noteLogIdentity(rekorV2Log(ORIGIN, LOG_SIGNER));

/** Something that the log had said when the power failed. */
interface Promised {
  readonly entries: readonly Acknowledged[];
  readonly checkpoint: { readonly treeSize: bigint; readonly rootHash: Uint8Array } | undefined;
}

/** Records a log at work, long enough for some `points` disks, and replays it. */
export async function replayCases(suite: Suite, points: number, random: () => number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "crash-replay-"));
  const disk = join(folder, "disk");
  try {
    const traces: string[] = [];
    await suite.case("writes are recorded", async () => {
      const perSession = Math.ceil(points / SESSIONS / 8);
      for (let session = 0; session < SESSIONS; session += 1) {
        const trace = join(folder, `trace-${session}`);
        traces.push(trace);
        await record(disk, trace, `${session}`, perSession);
      }
    });
    const options = { root: disk, target: join(folder, "rebuilt"), random };
    const fail = (point: string, error: unknown): void => suite.fail(point, wordsOf(error));
    const replay = new Replay({ ...options, disk: new RecordedDisk(disk), fail });
    for (const trace of traces) await replay.follow(trace);
    await suite.case("each acknowledgement and each publication was replayed", () => replay.summary(points));
    for (const file of [/state\.sqlite-wal$/, /checkpoint\.new$/])
      await suite.case(`a log that would not flush ${file.source} would be found out`, async () => {
        const problems: unknown[] = [];
        const careless = new RecordedDisk(disk, (path) => file.test(path));
        const [first = ""] = traces;
        await new Replay({ ...options, disk: careless, fail: (_, error) => problems.push(error) }).follow(first);
        if (problems.length === 0) throw new Error("expected problems, got none");
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Writes until `batches` checkpoints were seen, with small batches and large ones, and stops in peace. */
async function record(disk: string, trace: string, name: string, batches: number): Promise<void> {
  const prefix = [
    "strace",
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-s",
    "4194304",
    "-xx",
    "-o",
    trace,
    "-e",
    `trace=${TRACED}`,
    "--",
  ];
  const log = await LogProcess.start(join(disk, "log"), { prefix });
  const client = new RekorClient(log.port);
  const sizes = new Set<bigint>();
  const write = async (number: number): Promise<void> => {
    for (let at = 0; sizes.size < batches; at += 1) {
      const told = await client.submit(`replay/${name}/${number}/${at}`);
      if (told === undefined) throw new Error("expected an answer, got none");
      sizes.add(told.treeSize);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => write(number)));
  await log.stop();
}

interface ReplayOptions {
  /** The recorded folder. */
  readonly root: string;
  readonly disk: RecordedDisk;
  /** Where it is built again. */
  readonly target: string;
  readonly random: () => number;
  readonly fail: (point: string, error: unknown) => void;
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #disk: RecordedDisk;
  readonly #entries: Acknowledged[] = [];
  #checkpoint: Promised["checkpoint"];
  #acknowledgements = 0;
  #publications = 0;
  #rebuilt = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#disk = options.disk;
  }

  /** Goes through the trace of one process. */
  async follow(trace: string): Promise<void> {
    const reader = new StraceReader();
    for await (const line of createInterface(createReadStream(trace)))
      for (const call of reader.read(line)) {
        if (UNKNOWN.has(call.name)) throw new Error(`expected calls that the model knows, got ${call.name}`);
        const said = call.moment === "made" && this.#listen(call);
        if (said) await this.#failHere();
        this.#disk.follow(call);
      }
    this.#disk.endProcess();
  }

  summary(points: number): string {
    if (this.#rebuilt < points) throw new Error(`expected ${points} replays, got ${this.#rebuilt}`);
    return `${this.#acknowledgements} acknowledgements and ${this.#publications} publications, ${this.#rebuilt} disks rebuilt`;
  }

  /** Whether a call is about to say something for which the log must stand. */
  #listen({ name, words, strings }: SystemCall): boolean {
    const [first, second] = strings;
    if (
      name === "rename" &&
      second !== undefined &&
      Buffer.from(second).toString() === join(this.#options.root, "log/public/checkpoint")
    ) {
      const bytes = this.#disk.liveBytes(Buffer.from(first ?? []).toString());
      if (bytes === undefined) throw new Error("expected the checkpoint that is published to be a file, got none");
      this.#checkpoint = openCheckpoint(bytes.toString(), [IDENTITY.verifier]).checkpoint;
      this.#publications += 1;
      return true;
    }
    if ((name !== "write" && name !== "writev") || first === undefined || this.#disk.isFile(Number(words[0])))
      return false;
    const bytes = Buffer.from(first);
    if (!bytes.subarray(0, CREATED.length).equals(CREATED)) return false;
    this.#entries.push(acknowledgedOf(bytes.subarray(bytes.indexOf("\r\n\r\n") + 4).toString(), true));
    this.#acknowledgements += 1;
    return true;
  }

  /** The power fails: what is left? Twice, for a disk may have kept more than it had to. */
  async #failHere(): Promise<void> {
    const promised: Promised = { entries: [...this.#entries], checkpoint: this.#checkpoint };
    const { target, random, fail } = this.#options;
    for (const keeps of [(): boolean => false, (): boolean => random() < 0.5]) {
      this.#rebuilt += 1;
      this.#disk.rebuild(target, keeps);
      try {
        await holdsPromise(join(target, "log"), promised);
      } catch (error) {
        fail(`replay ${this.#rebuilt}, after ${promised.entries.length} acknowledgements`, error);
      }
    }
  }
}

/** The log is taken up from what is left, as its process would, and must hold all that was said. */
async function holdsPromise(folder: string, { entries, checkpoint }: Promised): Promise<void> {
  const path = join(folder, "state.sqlite");
  const binding = { origin: ORIGIN, folder: boundFolder(path) };
  const state = SqliteState.open(path, binding);
  const files = new FolderFiles(join(folder, "public"));
  const storage = { state, files, close: async (): Promise<void> => state.close() };
  const log = await TiledLog.open({ identity: IDENTITY, storage, nowMs: () => 0 });
  try {
    const { treeSize } = log.published;
    const stored = await state.readEntries(0n, Number(treeSize));
    const tree = new MemoryTree();
    for (const { bytes } of stored) tree.appendEntry(bytes);
    for (const { index, body, treeSize: size, rootHash } of entries) {
      if (!equalBytes(stored[Number(index)]?.bytes ?? new Uint8Array(0), body))
        throw new Error(`expected the acknowledged entry at ${index}, got another, or none of ${treeSize}`);
      isRootOf(tree, size, rootHash);
    }
    if (checkpoint !== undefined) {
      if (checkpoint.treeSize > treeSize) throw new Error(`expected ${checkpoint.treeSize} entries, got ${treeSize}`);
      isRootOf(tree, checkpoint.treeSize, checkpoint.rootHash);
    }
    const report = await checkLog({ files, state, origin: ORIGIN, verifier: IDENTITY.verifier });
    if (report.problems.length > 0) throw new Error(report.problems.join("\n"));
  } finally {
    await log.stop();
  }
}

function isRootOf(tree: MemoryTree, size: bigint, rootHash: Uint8Array): void {
  if (!equalBytes(tree.rootHash(size), rootHash))
    throw new Error(`expected the root of size ${size} that was shown, ${hexEncode(rootHash)}, got another`);
}

/** A rebuilt folder is a copy, and copies are refused: here it is taken for the original, as after a loss of power it would be. */
function boundFolder(path: string): string {
  const database = new DatabaseSync(path, { readOnly: false });
  try {
    const row = database.prepare("SELECT value FROM about WHERE name = 'folder'").get();
    return String(row?.["value"]);
  } finally {
    database.close();
  }
}
