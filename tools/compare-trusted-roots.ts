import { sha256 } from "../src/crypto/digest.ts";
/**
 * Compares trusted roots by what they say: order, spelling and white space of the files do not count.
 */
import { hexEncode } from "../src/encoding/hex.ts";
import { formatRfc3339 } from "../src/encoding/time.ts";
import type { AuthorityInstance, LogInstance, TrustedRoot, ValidityRange } from "../src/formats/trusted-root.ts";

/** What one trusted root says and the other does not, a line each. */
export interface TrustedRootDifference {
  readonly onlyInFirst: readonly string[];
  readonly onlyInSecond: readonly string[];
}

/** What differs between two trusted roots. */
export function compareTrustedRoots(first: TrustedRoot, second: TrustedRoot): TrustedRootDifference {
  const one = statements(first);
  const other = statements(second);
  return {
    onlyInFirst: one.filter((statement) => !other.includes(statement)),
    onlyInSecond: other.filter((statement) => !one.includes(statement)),
  };
}

/** All that a trusted root says: a line for each log and authority, the same for the same meaning. */
function statements(root: TrustedRoot): string[] {
  return [
    ...root.tlogs.map((log) => logStatement("tlog", log)),
    ...root.ctlogs.map((log) => logStatement("ctlog", log)),
    ...root.certificateAuthorities.map((authority) => authorityStatement("certificate authority", authority)),
    ...root.timestampAuthorities.map((authority) => authorityStatement("timestamp authority", authority)),
  ];
}

function logStatement(kind: string, log: LogInstance): string {
  const checkpointKeyId = log.checkpointKeyId === undefined ? "" : ` checkpoint key ${hexEncode(log.checkpointKeyId)}`;
  const key = `${log.keyDetails} ${fingerprint(log.publicKey)} log id ${hexEncode(log.logId)}${checkpointKeyId}`;
  return `${kind} ${log.baseUrl} ${rangeText(log.validFor)} ${key}${operatorText(log.operator)}`;
}

function authorityStatement(kind: string, authority: AuthorityInstance): string {
  const { uri, validFor, organization, commonName, certificates, operator } = authority;
  const chain = certificates.map((certificate) => fingerprint(certificate)).join(" ");
  return `${kind} ${uri} ${rangeText(validFor)} ${organization}/${commonName} ${chain}${operatorText(operator)}`;
}

function operatorText(operator: string): string {
  return operator === "" ? "" : ` operator ${operator}`;
}

function fingerprint(bytes: Uint8Array): string {
  return hexEncode(sha256(bytes));
}

function rangeText({ startMs, endMs }: ValidityRange): string {
  return `${formatRfc3339(startMs)}/${endMs === undefined ? "" : formatRfc3339(endMs)}`;
}
