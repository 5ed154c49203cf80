/**
 * The address that opens a log entry: of the public instance's first log, and of instances of ours, which have a page for each.
 */

/** Where the entry is shown, or undefined where no page is known. `instanceAddress` is that of an instance the user trusts. */
export function entryAddress(
  instance: string,
  instanceAddress: string | undefined,
  log: string,
  logIndex: string,
): string | undefined {
  if (instance === "public")
    return log === "https://rekor.sigstore.dev" ? `https://search.sigstore.dev/?logIndex=${logIndex}` : undefined;
  if (instanceAddress === undefined || !/^https?:\/\//u.test(instanceAddress)) return undefined;
  return `${instanceAddress.replace(/\/+$/u, "")}/entry/${logIndex}`;
}
