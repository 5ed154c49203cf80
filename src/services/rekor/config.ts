/**
 * Settings of a Rekor v2 log, with the original's defaults where it has them (rekor-tiles, cmd/rekor-server-posix).
 *
 * Leaves out: where the key comes from, which is the instance's to say.
 */
import type { Signer } from "../../crypto/signer.ts";
import type { ServerBounds } from "../http/server.ts";
import type { Pace } from "../tiled-log/group-commit.ts";
import type { REKOR_ALGORITHMS } from "./admission.ts";

/** What the owner of a log may set. */
export interface RekorConfig {
  /**
   * `--hostname`: origin of the checkpoints and name of the log's key. Clients compare it with the host of the log's address in
   * the trusted root, without port; no two logs share one.
   */
  readonly origin: string;
  /** `--storage-dir`: the folder of the log. Its `public/` may be served by any static server, too. */
  readonly folder: string;
  /** The log's key: Ed25519, or ECDSA. */
  readonly signer: Signer;
  /** `--http-address` and `--http-port`: loopback and 3000; 0 for any free port. */
  readonly host?: string;
  readonly port?: number;
  /** `--metrics-port` (2112 in the original); no metrics without. */
  readonly metricsPort?: number;
  /** `--read-only`: the log is frozen; its folder may be a copy, and is not locked. */
  readonly readOnly?: boolean;
  /** `--client-signing-algorithms`; all. */
  readonly algorithms?: readonly (typeof REKOR_ALGORITHMS)[number][];
  /** Threads that verify signatures beside the one that serves; none unless something else is said. */
  readonly verificationThreads?: number;
  /** `--batch-max-size`, `--pushback-max-outstanding` and their kin. */
  readonly pace?: Partial<Pace>;
  readonly bounds?: Partial<ServerBounds>;
  /** PEM; plain HTTP without. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Who holds the folder, for whoever finds it held: a process id, or more. */
  readonly holder: string;
  /** Told what happens, a line at a time; nowhere a secret. */
  readonly log?: (line: string) => void;
}

/** The original's port. */
export const DEFAULT_PORT = 3000;
