/**
 * `sigstore sign FILE…`: signatures without keys to mind: who signs is proved by a login.
 */
import type { Command } from "../command.ts";
import { SIGNING_OPTIONS } from "../options/signing.ts";

/** `sigstore sign`. */
export const signCommand: Command = {
  name: "sign",
  summary: "sign files in your name, proved by a login",
  usage: "[OPTION…] FILE…",
  description: [],
  options: SIGNING_OPTIONS,
  operands: { label: "FILE", minimum: 1, maximum: 100_000, completes: "file" },
  examples: [
    { does: "all files of a release, with one login", line: "sigstore sign dist/*.tgz" },
    { does: "writes hello.txt.sigstore.json", line: "sigstore sign hello.txt" },
  ],
  run: async (request, world) => (await import("../run-signing.ts")).runSigning(request, world, undefined),
};
