/**
 * Addresses below the base address of a service, as signing configs have it: with or without a slash at the end.
 */

/** `path` below `base`; `path` begins without a slash. */
export function addressBelow(base: string, path: string): string {
  return `${base.replace(/\/+$/, "")}/${path}`;
}
