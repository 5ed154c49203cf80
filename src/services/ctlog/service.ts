/**
 * A CT log as a service: a chain in, a signed certificate timestamp out (RFC 6962 §3; C2SP static-ct-api).
 *
 * An SCT is a promise that is kept before it is given: issuers, entry and the SCT itself are durable, and a published checkpoint
 * covers the entry, when it leaves. The same precertificate or certificate again gets the same SCT, byte for byte, for ever.
 * Leaves out: HTTP (handler.ts), which chains are taken (chain.ts), and the log itself (services/tiled-log).
 */
import { ctLogId, signSct } from "../../authority/sct.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import type { Signer } from "../../crypto/signer.ts";
import { parseSct, type Sct, type SctEntry, serializeLeafIndexExtension, serializeSct } from "../../formats/sct.ts";
import { serializeTileLeaf } from "../../formats/tile-leaf.ts";
import type { Pace } from "../tiled-log/group-commit.ts";
import type { LogIdentity } from "../tiled-log/log-identity.ts";
import type { LogSurroundings, Submission } from "../tiled-log/log-writer.ts";
import type { LogFiles, LogStorage } from "../tiled-log/storage.ts";
import { TiledLog } from "../tiled-log/tiled-log.ts";
import { type AcceptedChain, ChainJudge } from "./chain.ts";
import { duplicateKeyOf } from "./duplicate-key.ts";
import { STATIC_CT_ENCODING } from "./entry-encoding.ts";
import { IssuerFiles } from "./issuer-files.ts";
import { ctLogIdentity, TreeHeadClock } from "./log-identity.ts";

/** What a CT log is made of. */
export interface CtLogOptions {
  /** "the submission prefix of the log as a schema-less URL with no trailing slashes"; no two logs share one. */
  readonly origin: string;
  /** ECDSA P-256, or RSA. */
  readonly signer: Signer;
  /** Opened for this log alone, which closes it. */
  readonly storage: LogStorage;
  /** DER: certificates that lead to one of these are taken. */
  readonly roots: readonly Uint8Array[];
  /** The clock: milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly pace?: Partial<Pace>;
  readonly observe?: LogSurroundings["observe"];
}

interface Parts {
  readonly log: TiledLog;
  readonly signer: Signer;
  readonly files: LogFiles;
  readonly judge: ChainJudge;
  readonly clock: TreeHeadClock;
}

/**
 * A certificate waits for its SCT, and some thousand a second are to be had: shorter steps than a log of signatures takes, at the
 * price of a few more flushes. Not much shorter: of a crowd, half is to be on its way while the other half is written.
 */
const PACE: Partial<Pace> = { intervalPerItemMs: 0.5 };

/** RFC 6962 §3.5: a tree head must never be older than the maximum merge delay, of which 24 hours are usual. */
const OLDEST_HEAD_MS = 3_600_000;
const HEAD_CHECK_INTERVAL_MS = 600_000;

/** One CT log. It satisfies the port `CertificateTransparencyLog` of the certificate authority. */
export class CtLogService {
  readonly log: TiledLog;
  readonly publicKey: PublicKey;
  /** SHA-256 of the key: what SCTs name the log by. */
  readonly logId: Uint8Array;
  readonly #signer: Signer;
  readonly #files: LogFiles;
  readonly #issuers: IssuerFiles;
  readonly #judge: ChainJudge;
  readonly #headTimer: NodeJS.Timeout;

  private constructor({ log, signer, files, judge, clock }: Parts) {
    this.log = log;
    this.publicKey = signer.publicKey;
    this.logId = ctLogId(signer.publicKey.spki);
    this.#signer = signer;
    this.#files = files;
    this.#issuers = new IssuerFiles(files);
    this.#judge = judge;
    const refresh = (): void => {
      if (clock.headAgeMs >= OLDEST_HEAD_MS) log.republish();
    };
    refresh();
    this.#headTimer = setInterval(refresh, HEAD_CHECK_INTERVAL_MS).unref();
  }

  /**
   * Takes up a log, or begins a new one.
   * @throws SigstoreError as `TiledLog.open`, and `config-invalid` for roots that cannot be used; TypeError for another key or origin
   */
  static async open(options: CtLogOptions): Promise<CtLogService> {
    const { signer, storage, pace, observe } = options;
    const { judge, identity, clock } = await prepare(options).catch(async (error: unknown) => {
      await storage.close();
      throw error;
    });
    const log = await TiledLog.open({
      identity,
      storage,
      nowMs: clock.nowMs,
      encoding: STATIC_CT_ENCODING,
      pace: { ...PACE, ...pace },
      ...(observe && { observe }),
    });
    return new CtLogService({ log, signer, files: storage.files, judge, clock });
  }

  /** DER of the accepted roots. */
  get roots(): readonly Uint8Array[] {
    return this.#judge.roots;
  }

  /** Takes other roots from now on. @throws SigstoreError `config-invalid`, and then the old ones stay */
  useRoots(roots: readonly Uint8Array[]): void {
    this.#judge.useRoots(roots);
  }

  /**
   * Logs a precertificate: `chain` is DER, the precertificate first, then its issuers in order, the root last or left out.
   * @throws SigstoreError `certificate-…` and others of reading for a chain that is not taken; as `TiledLog.submit`
   */
  async addPrecertificate(chain: readonly Uint8Array[]): Promise<Sct> {
    return this.#add(await this.#judge.accept(chain, "precertificate"));
  }

  /** Logs a certificate; as {@link addPrecertificate}. */
  async addChain(chain: readonly Uint8Array[]): Promise<Sct> {
    return this.#add(await this.#judge.accept(chain, "x509"));
  }

  /** The files of the log as anybody may read them. */
  get files(): Pick<LogFiles, "read"> {
    return this.#files;
  }

  /** Takes no more, answers what was taken, and closes the storage. */
  stop(): Promise<void> {
    clearInterval(this.#headTimer);
    return this.log.stop();
  }

  async #add(chain: AcceptedChain): Promise<Sct> {
    await this.#issuers.keep(chain);
    const { acknowledgement } = await this.log.submit(this.#submissionOf(chain));
    if (acknowledgement === undefined) throw new Error("an entry of a CT log has its SCT");
    return parseSct(acknowledgement);
  }

  #submissionOf({ entry, precertificate, issuers, issuerFingerprints }: AcceptedChain): Submission {
    const leafOf = (index: bigint, timeMs: number): Uint8Array =>
      serializeTileLeaf({ ...stamped(entry, index, timeMs), precertificate, issuers: issuerFingerprints });
    return {
      duplicateKey: duplicateKeyOf(entry),
      maximumBytes: maximumBytesOf(entry) + (precertificate?.length ?? 0) + issuers.length * 32,
      serialize: leafOf,
      acknowledge: async (index, timeMs) => serializeSct(await signSct(this.#signer, stamped(entry, index, timeMs))),
    };
  }
}

/** All that may fail before the log takes the storage over. */
async function prepare({ roots, origin, signer, nowMs, storage }: CtLogOptions): Promise<{
  readonly judge: ChainJudge;
  readonly identity: LogIdentity;
  readonly clock: TreeHeadClock;
}> {
  const clock = new TreeHeadClock(nowMs);
  clock.noteEntry(await newestEntryMs(storage));
  return { judge: new ChainJudge(roots), identity: ctLogIdentity(origin, signer, clock), clock };
}

/** The entry at its place and time, as its SCT says it. */
function stamped(
  entry: SctEntry,
  index: bigint,
  timeMs: number,
): { readonly entry: SctEntry; readonly timestampMs: bigint; readonly extensions: Uint8Array } {
  return { entry, timestampMs: BigInt(timeMs), extensions: serializeLeafIndexExtension(index) };
}

/** What stands around the certificate in an entry is less than this. */
const FRAME_BYTES = 128;

function maximumBytesOf(entry: SctEntry): number {
  return FRAME_BYTES + (entry.type === "x509" ? entry.certificate.length : entry.tbs.length);
}

/** Entries that no checkpoint covers yet are of one batch, and of one time. */
async function newestEntryMs({ state }: LogStorage): Promise<number> {
  const { treeSize } = await state.readHead();
  if (treeSize === 0n) return 0;
  const [newest] = await state.readEntries(treeSize - 1n, 1);
  return newest?.timeMs ?? 0;
}
