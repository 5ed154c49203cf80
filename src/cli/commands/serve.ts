/**
 * `sigstore serve fulcio|rekor|tsa|ctlog|oidc`: one service alone.
 */
import type { Command } from "../command.ts";

const SERVICES = ["fulcio", "rekor", "tsa", "ctlog", "oidc"];

/** `sigstore serve`. */
export const serveCommand: Command = {
  name: "serve",
  summary: "run one service alone, on its usual port, with keys of its own",
  beside: "up",
  usage: `${SERVICES.join("|")} --config FILE`,
  description: [
    "FILE is JSON; every service has host, port, metricsPort, hosts, behindProxy,",
    "tlsCertificate and tlsKey. Besides:",
    "  fulcio (5555)  certificateChain, privateKey, issuers (the original's file),",
    "                 ctLog, ctLogKey, singleUseTokens",
    "  rekor (3000)   origin, folder, privateKey, readOnly",
    "  ctlog (6962)   origin, folder, privateKey, roots, pathPrefix",
    "  tsa (3004)     certificateChain, privateKey, ntpServers",
    "  oidc (5556)    issuer, privateKey, users, dev",
    "Keys, certificates and roots are files in PEM, named from where FILE lies.",
  ],
  options: [{ name: "config", value: "FILE", valueKind: "file", summary: "how the service is set up" }],
  operands: { label: SERVICES.join(", "), minimum: 1, maximum: 1, completes: SERVICES },
  examples: [{ does: "a log of one's own", line: "sigstore serve rekor --config rekor.json" }],
  run: async (request, world) => (await import("../operations/serve.ts")).runServe(request, world),
};
