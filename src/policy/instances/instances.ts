/**
 * The instances of Sigstore that everybody knows, as data: verification works at once and without network.
 *
 * The files beside this one are written by tools/fetch-instances.ts from pinned packages, never by hand. They are text until
 * somebody parses them, so that a run pays for the one instance that it uses.
 */
import { GITHUB_INSTANCE } from "./github.ts";
import type { Instance, InstanceName } from "./instance.ts";
import { PUBLIC_INSTANCE } from "./public.ts";
import { STAGING_INSTANCE } from "./staging.ts";

export type { Instance, InstanceName } from "./instance.ts";

/**
 * All instances that come with this package, the public one first.
 * @example
 * ```ts
 * import { instances } from "sigstore-ts";
 * console.log(instances.map(({ instance }) => instance).join(" ")); // "public staging github"
 * ```
 */
export const instances: readonly Instance[] = [PUBLIC_INSTANCE, STAGING_INSTANCE, GITHUB_INSTANCE];

/**
 * The instance of this name. Throws `TypeError` for one that does not come with this package.
 * @example
 * ```ts
 * import { findInstance } from "sigstore-ts";
 * console.log(findInstance("public").tufRepository); // "https://tuf-repo-cdn.sigstore.dev"
 * ```
 */
export function findInstance(name: InstanceName): Instance {
  const found = instances.find(({ instance }) => instance === name);
  if (found !== undefined) return found;
  const names = instances.map(({ instance }) => instance).join(", ");
  throw new TypeError(`expected an instance (${names}), got ${name}`);
}
