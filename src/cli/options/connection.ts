/**
 * How services are reached: the options of every command that speaks to some, and the variables for proxies.
 */
import type { HttpOptions } from "../../clients/http/http-client.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { readFile } from "../../files/read.ts";
import { LIMITS } from "../../limits.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import { VERSION } from "../version.ts";
import type { World } from "../world.ts";
import { usageError } from "./parse.ts";

/** The options. */
export const CONNECTION_OPTIONS: readonly OptionSpec[] = [
  { name: "ca-file", value: "FILE", valueKind: "file", summary: "also trust these CA certificates (PEM) for TLS" },
  { name: "client-cert", value: "FILE", valueKind: "file", summary: "certificate (PEM) to show to services" },
  { name: "client-key", value: "FILE", valueKind: "file", summary: "its private key (PEM)" },
  { name: "timeout", value: "SECONDS", summary: "the longest wait for an answer of a service" },
];

/** Reads them. @throws SigstoreError `usage` and those of reading a file */
export function readConnectionOptions(request: ParsedArguments, { environment }: World): HttpOptions {
  const caFile = request.value("ca-file");
  const certificate = request.value("client-cert");
  const key = request.value("client-key");
  if ((certificate === undefined) !== (key === undefined))
    throw usageError("expected --client-cert and --client-key together, got one of them");
  return {
    environment,
    ...patience(request.value("timeout")),
    userAgent: `sigstore-ts/${VERSION}`,
    ...(caFile !== undefined && { caCertificates: readPem(caFile, "CA certificates", "CERTIFICATE") }),
    ...(certificate !== undefined &&
      key !== undefined && {
        clientCertificate: {
          certificate: readPem(certificate, "a certificate", "CERTIFICATE"),
          privateKey: readPem(key, "a private key", "PRIVATE KEY"),
        },
      }),
  };
}

function patience(seconds: string | undefined): Pick<HttpOptions, "patienceMs"> {
  if (seconds === undefined) return {};
  if (/^[1-9][0-9]{0,3}$/u.test(seconds)) return { patienceMs: Number(seconds) * 1000 };
  throw usageError(`expected whole seconds after --timeout, got ${seconds}`);
}

/** What is no such PEM is said here: what TLS says of it helps nobody. */
function readPem(path: string, what: string, label: string): string {
  const text = utf8Decode(readFile(path, LIMITS.smallFileBytes, what));
  if (new RegExp(`-----BEGIN (?:[A-Z]+ )*${label}-----`, "u").test(text)) return text;
  throw usageError(`expected ${what} in PEM at ${path}, got something else`);
}
