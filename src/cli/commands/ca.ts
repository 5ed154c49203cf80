/**
 * `sigstore ca rotate|export-root-key`: the certificate authority of the instance of this machine.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";
import { KEY_FILE_OPTION } from "../options/key-file.ts";

/** `sigstore ca`. */
export const caCommand: Command = {
  name: "ca",
  summary: "renew your instance's certificate authority, or take its root key away",
  beside: "up",
  usage: "rotate | export-root-key FILE",
  description: [
    "rotate makes a new issuing key and certificate; a running instance takes them",
    "up at once, and the old ones stay trusted for what they have signed. Who trusts",
    "the instance needs its trusted root anew: sigstore trust use URL.",
    "export-root-key moves the root's key to FILE: keep it offline, for rotations.",
  ],
  options: [
    { name: "new-root", summary: "rotate: make a new root, too" },
    {
      name: "ca-algorithm",
      value: "NAME",
      choices: ["p256", "p384", "rsa3072", "rsa4096"],
      summary: "rotate: of the new root",
    },
    { name: "root-key", value: "FILE", valueKind: "file", summary: "rotate: the root's key that was exported" },
    KEY_FILE_OPTION,
    DATA_OPTION,
  ],
  operands: {
    label: "rotate, or export-root-key FILE",
    minimum: 1,
    maximum: 2,
    completes: ["rotate", "export-root-key"],
  },
  examples: [
    { does: "take the root's key offline", line: "sigstore ca export-root-key /media/usb/root.pem" },
    { does: "a new issuing certificate, by that key", line: "sigstore ca rotate --root-key /media/usb/root.pem" },
  ],
  run: async (request, world) => (await import("../operations/ca.ts")).runCa(request, world),
};
