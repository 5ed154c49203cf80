/**
 * `sigstore log fsck PATH|ADDRESS`: is a whole log what its checkpoint says?
 */
import type { Command } from "../command.ts";
import { CONNECTION_OPTIONS } from "../options/connection.ts";
import { INSTANCE_OPTION, TRUST_CONFIG_OPTION, TRUSTED_ROOT_OPTION } from "../options/instance.ts";

/** `sigstore log`. */
export const logCommand: Command = {
  name: "log",
  summary: "check a whole log: every entry, every tile, the checkpoint",
  usage: "fsck PATH|ADDRESS [OPTION…]",
  description: [
    "PATH is the folder of an instance, of one log, or of its public files; ADDRESS",
    "is that of an instance or a log (C2SP tlog-tiles, static-ct-api). The state of",
    "a log on this machine is checked too while nobody writes to it.",
  ],
  options: [
    {
      name: "key",
      value: "KEY",
      valueKind: "file",
      summary: "the log's public key: a file (PEM), or a verifier key NAME+HEX+BASE64",
    },
    INSTANCE_OPTION,
    TRUSTED_ROOT_OPTION,
    TRUST_CONFIG_OPTION,
    ...CONNECTION_OPTIONS,
  ],
  operands: { label: "fsck and a path or address", minimum: 2, maximum: 2, completes: ["fsck"] },
  examples: [
    { does: "an instance that runs here", line: "sigstore log fsck http://localhost:8480" },
    { does: "a log of Sigstore's", line: "sigstore log fsck https://log2025-1.rekor.sigstore.dev --instance public" },
  ],
  run: async (request, world) => (await import("../log-actions.ts")).runLog(request, world),
};
