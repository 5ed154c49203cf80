/**
 * Settings of a CT log: the original's where it has them (certificate-transparency-go, trillian/ctfe/configpb; TesseraCT, posix).
 *
 * Leaves out: where the key comes from, which is the instance's to say.
 */
import type { Signer } from "../../crypto/signer.ts";
import { parsePem } from "../../encoding/pem.ts";
import { SigstoreError } from "../../errors.ts";
import type { ServerBounds } from "../http/server.ts";
import type { Pace } from "../tiled-log/group-commit.ts";

/** What the owner of a CT log may set. */
export interface CtLogConfig {
  /** `--origin`: the submission prefix as a schema-less URL without slash at the end; for clients of Sigstore a host of its own. */
  readonly origin: string;
  /** `--storage_dir`: the folder of the log. Its `public/` may be served by any static server, too. */
  readonly folder: string;
  /** `--private_key`: ECDSA P-256, or RSA. */
  readonly signer: Signer;
  /** `--roots_pem_file`: the roots whose certificates are taken, DER; see {@link parseRootsPem}. */
  readonly roots: readonly Uint8Array[];
  /** `--http_endpoint`: loopback and 6962; 0 for any free port. */
  readonly host?: string;
  readonly port?: number;
  /** `--metrics_endpoint`; no metrics without. */
  readonly metricsPort?: number;
  /** What stands before the paths of the log in its addresses, `/test` for instance; nothing unless something else is said. */
  readonly pathPrefix?: string;
  readonly pace?: Partial<Pace>;
  readonly bounds?: Partial<ServerBounds>;
  /** PEM; plain HTTP without. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Who holds the folder, for whoever finds it held: a process id, or more. */
  readonly holder: string;
  /** Told what happens, a line at a time. */
  readonly log?: (line: string) => void;
}

/** The original's port. */
export const DEFAULT_PORT = 6962;

/**
 * The certificates of a file of accepted roots.
 * @throws SigstoreError `pem-invalid`, and `config-invalid` when there is something else than certificates
 */
export function parseRootsPem(text: string): readonly Uint8Array[] {
  return parsePem(text).map(({ label, bytes }) => {
    if (label === "CERTIFICATE") return bytes;
    throw new SigstoreError("config-invalid", `expected accepted roots as CERTIFICATE blocks, got ${label}`);
  });
}
