/**
 * `sigstore trust use|list|show|remove`: the instances that this user trusts, and which of them is meant when none is named.
 */
import type { Command } from "../command.ts";
import { CONNECTION_OPTIONS } from "../options/connection.ts";

/** `sigstore trust`. */
export const trustCommand: Command = {
  name: "trust",
  summary: "trust an instance of Sigstore, and make it your default",
  usage: "use ADDRESS|FILE|NAME | list | show [NAME] | remove NAME",
  description: [
    "use: shows the fingerprint of the instance, asks, and makes it your default;",
    "FILE is a client trust config. `use public` goes back to the public instance.",
  ],
  options: [
    { name: "fingerprint", value: "HEX", summary: "what it must be; then nobody is asked" },
    { name: "name", value: "NAME", summary: "what to call the instance, if not as it calls itself" },
    { name: "yes", summary: "do not ask" },
    ...CONNECTION_OPTIONS,
  ],
  operands: {
    label: "use, list, show or remove",
    minimum: 1,
    maximum: 2,
    completes: ["use", "list", "show", "remove"],
  },
  examples: [
    { does: "which ones are trusted", line: "sigstore trust list" },
    { does: "an instance of your own", line: "sigstore trust use https://sigstore.example.com" },
  ],
  run: async (request, world) => (await import("../trust-actions.ts")).runTrust(request, world),
};
