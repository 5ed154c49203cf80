/**
 * What `sigstore up` says of an instance that serves: for people, and as a document (docs/schemas/running-instance.json).
 */
import { existsSync } from "node:fs";
import { inFolder } from "../../services/instance/durable-file.ts";
import { pathsOf } from "../../services/instance/folder.ts";
import { API_VERSION } from "../../verdict/result.ts";
import { printable, shellWord, type Style } from "../terminal.ts";

/** What is said. */
export interface InstanceSummary {
  readonly name: string;
  readonly url: string;
  readonly issuer: string;
  readonly folder: string;
  readonly fingerprintHex: string;
  readonly isNew: boolean;
  readonly isEncrypted: boolean;
  readonly isDev: boolean;
  readonly metricsPort: number | undefined;
}

/** The document. */
export function summaryDocument(summary: InstanceSummary): Readonly<Record<string, unknown>> {
  const { name, url, issuer, folder, fingerprintHex, isNew, isEncrypted, isDev, metricsPort } = summary;
  return {
    apiVersion: API_VERSION,
    kind: "RunningInstance",
    name,
    url,
    issuer,
    folder,
    fingerprint: fingerprintHex,
    isNew,
    isDev,
    keysEncrypted: isEncrypted,
    ...(metricsPort !== undefined && { metricsPort }),
  };
}

/** The words. */
export function greeting(summary: InstanceSummary, place: "foreground" | "background", style: Style): string {
  const { name, url, folder, fingerprintHex, isNew, isEncrypted, metricsPort } = summary;
  const lines = [
    `${style.good("sigstore is up")} at ${style.strong(url)}`,
    "",
    `  instance     ${name}${isNew ? " (new)" : ""}`,
    `  data         ${printable(folder)}`,
    `  fingerprint  ${fingerprintHex}`,
    `  keys         ${isEncrypted ? "encrypted" : style.caution("not encrypted: in files that only you can read")}`,
    `  login        ${loginText(summary, style)}`,
    ...(metricsPort === undefined ? [] : [`  metrics      http://localhost:${metricsPort}/metrics`]),
    "",
    place === "foreground" ? "next, in another terminal:" : "next:",
    `  sigstore trust use ${url}${authorityFlag(summary)}`,
    "  sigstore sign FILE",
    "",
    place === "foreground"
      ? "Ctrl-C ends it; the data stays."
      : `sigstore down${dataFlag(folder)} ends it; the data stays.`,
  ];
  return `${lines.join("\n")}\n`;
}

function loginText({ isDev, folder }: InstanceSummary, style: Style): string {
  if (isDev) return style.caution("anybody on this machine, without a password (--dev)");
  return `who has an account: sigstore user add EMAIL${dataFlag(folder)}`;
}

/** TLS of the instance's own making is known to nobody yet. */
function authorityFlag({ url, folder }: InstanceSummary): string {
  const file = inFolder(pathsOf(folder).trust, "tls-ca.pem");
  return url.startsWith("https:") && existsSync(file) ? ` --ca-file ${shellWord(file)}` : "";
}

function dataFlag(folder: string): string {
  return ` --data ${shellWord(folder)}`;
}
