/**
 * Where the public test vectors lie: the folder in SIGSTORE_VECTORS, or `../shared/vectors` beside the checkout.
 *
 * They are not part of this repository. Tests that need them skip with `skipReason` when they are absent, so that the reason
 * stands in the output.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = dirname(dirname(fileURLToPath(import.meta.url)));
const named = process.env["SIGSTORE_VECTORS"];
const root = named === undefined || named === "" ? join(checkout, "..", "shared", "vectors") : resolve(named);

/** Path of a file or folder of the vectors, or undefined when it is not there. */
export function vectorsPath(...parts: readonly string[]): string | undefined {
  const path = join(root, ...parts);
  return existsSync(path) ? path : undefined;
}

/** For the `skip` option of a test that reads the vectors: false when they are there, else why it is skipped. */
export const skipReason: string | false = existsSync(root)
  ? false
  : `public test vectors are absent: expected them in ${root} (or name their folder in SIGSTORE_VECTORS)`;
