/**
 * What the system says of a port that cannot be listened on, in words.
 */
import { isSigstoreError, SigstoreError } from "../../errors.ts";

const PORT_TROUBLE: Readonly<Record<string, string>> = {
  EADDRINUSE: "somebody else listens there",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine has no such address",
};

const HINTS: Readonly<Record<string, string>> = {
  EACCES: "ports below 1024 are for root: choose another with --port N, and have a proxy in front of it",
  EADDRNOTAVAIL: "--listen names an address of this machine: ip address shows them",
};

/** The error for people, where `cause` is one of a port; others as they are. */
export function portUnavailable(cause: unknown, host: string, port: number): unknown {
  if (!(cause instanceof Error) || isSigstoreError(cause) || !("code" in cause)) return cause;
  const trouble = PORT_TROUBLE[String(cause.code)];
  if (trouble === undefined) return cause;
  // Of two addresses, the one that it is about.
  const address = "address" in cause && typeof cause.address === "string" ? cause.address : host;
  const shown = address.includes(":") ? `[${address}]` : address;
  return new SigstoreError("port-unavailable", `expected to listen on ${shown}:${port}, got: ${trouble}`, {
    hint:
      HINTS[String(cause.code)] ??
      "choose another port with --port N (0 for any free one), or find who has it: ss -ltnp",
    details: { host: address, port },
    cause,
  });
}
