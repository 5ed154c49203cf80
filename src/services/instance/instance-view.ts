/**
 * What a folder says of its instance, to whoever asks beside the process that holds it.
 */
import { existsSync } from "node:fs";
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { inFolder, readSmallFile } from "./durable-file.ts";
import { isHeld, pathsOf, readInstanceRecord, readRunRecord } from "./folder.ts";
import { FOLDER_KEY_FILE } from "./key-store.ts";
import type { InstanceRecord } from "./record.ts";
import type { RunRecord } from "./run-record.ts";

/** An instance, running or not. */
export interface InstanceView {
  readonly folder: string;
  readonly record: InstanceRecord;
  readonly isEncrypted: boolean;
  /** SHA-256 of trusted_root.json, where it was written. */
  readonly fingerprintHex: string | undefined;
  /** PEM of the authority of its own TLS. */
  readonly tlsAuthority: string | undefined;
  /** True while a process holds the folder. */
  readonly isHeld: boolean;
  /** The process, once it serves. */
  readonly run: RunRecord | undefined;
}

/** The instance in a folder. @throws SigstoreError `instance-invalid` when there is none */
export function viewInstance(folder: string): InstanceView {
  const paths = pathsOf(folder);
  const record = readInstanceRecord(folder);
  if (record === undefined)
    throw new SigstoreError("instance-invalid", `expected an instance in ${folder}, got none`, {
      hint: "start one with: sigstore up\nor name the folder of one with --data FOLDER",
      details: { path: folder },
    });
  const trustedRoot = readSmallFile(inFolder(paths.trust, "trusted_root.json"));
  const tlsAuthority = readSmallFile(inFolder(paths.trust, "tls-ca.pem"));
  const isRunning = isHeld(folder);
  return {
    folder,
    record,
    isEncrypted: existsSync(inFolder(paths.keys, FOLDER_KEY_FILE)),
    fingerprintHex: trustedRoot && hexEncode(sha256(trustedRoot)),
    tlsAuthority: tlsAuthority && new TextDecoder().decode(tlsAuthority),
    isHeld: isRunning,
    run: isRunning ? readRunRecord(folder) : undefined,
  };
}
