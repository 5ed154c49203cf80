/**
 * The text of the modules in src/policy/instances: an instance as a TypeScript constant.
 *
 * Trust files stand in template literals, line by line as they are, so that a change of a root is a change that a reviewer
 * can read, and so that their bytes (and with them their hash in the TUF repository) stay the same.
 */
import { createHash } from "node:crypto";
import { parseTrustedRoot } from "../src/formats/trusted-root.ts";
import { parseCertificate } from "../src/formats/x509/certificate.ts";
import { nameText } from "../src/formats/x509/name.ts";
import type { Instance } from "../src/policy/instances/instances.ts";

/** The module of an instance; with `listAuthorities` it also exports the fingerprints of its CA certificates. */
export function instanceModule(instance: Instance, listAuthorities: boolean): string {
  const { signingConfig } = instance;
  const constant = instance.instance.toUpperCase();
  const lines = [
    "/**",
    ` * ${instance.title}, as data. Written by tools/fetch-instances.ts; do not edit.`,
    " */",
    'import type { Instance } from "./instance.ts";',
    "",
    `/** ${instance.title}, from ${instance.source.split(";")[0]}. */`,
    `export const ${constant}_INSTANCE: Instance = {`,
    ...(
      ["instance", "title", "tufRepository", "tufRootVersion", "takenOn", "source", "trustedRootSha256"] as const
    ).map((field) => `  ${field}: ${JSON.stringify(instance[field])},`),
    `  trustedRoot: ${templateLiteral(instance.trustedRoot)},`,
    `  signingConfig: ${signingConfig === undefined ? "undefined" : templateLiteral(signingConfig)},`,
    "};",
    ...(listAuthorities ? authorityList(instance) : []),
    "",
  ];
  return lines.join("\n");
}

/** SHA-256 of text or bytes, in hex. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function templateLiteral(text: string): string {
  if (/[`\\\r]|\$\{/u.test(text))
    throw new Error("expected JSON that can stand in a template literal, got a character that cannot");
  return `\`${text}\``;
}

/** Every certificate of the instance's certificate authorities once: those that issue, and what they hang from. */
function authorityList(instance: Instance): string[] {
  const { certificateAuthorities } = parseTrustedRoot(instance.trustedRoot);
  const entries = new Map<string, string>();
  for (const bytes of certificateAuthorities.flatMap(({ certificates }) => certificates)) {
    const certificate = parseCertificate(bytes);
    entries.set(
      sha256Hex(bytes),
      `${nameText(certificate.subject)}, from ${dayOf(certificate.notBeforeMs)} to ${dayOf(certificate.notAfterMs)}`,
    );
  }
  return [
    "",
    `/** SHA-256 (hex) of the certificates of the instance's certificate authorities, to which a profile is bound. */`,
    `export const ${instance.instance.toUpperCase()}_CERTIFICATE_AUTHORITIES: readonly string[] = [`,
    ...Array.from(entries, ([fingerprint, description]) => `  // ${description}\n  "${fingerprint}",`),
    "];",
  ];
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
