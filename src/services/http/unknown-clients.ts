/**
 * Requests whose senders nobody knows: behind a proxy each of them has the proxy's address.
 *
 * Whoever counts by address would count all people as one, and let anyone lock all of them out. What a proxy writes into headers is
 * not read: many hand on what the client wrote there. Leaves out: limits by address, which are then the proxy's affair.
 */
import type { ServiceHandler } from "./message.ts";

/** Hands requests on without the address that they came from. */
export function fromUnknownClients(handler: ServiceHandler): ServiceHandler {
  return (request) => handler({ ...request, remoteAddress: "" });
}
