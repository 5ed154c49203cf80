/**
 * Bundles among the targets: a shell's `dist/*` names every file and, once they are signed, every file's bundle too.
 *
 * A bundle whose file is a target as well is looked at with that file, so that it is passed over as a target, and said. One that
 * is signed itself, or that is written `file:…`, stays a target.
 */
import { normalize } from "node:path";
import { findBundlesBeside } from "../../files/beside.ts";
import { printable } from "../terminal.ts";
import type { World } from "../world.ts";

const BUNDLE_NAME = /^(?<artifact>.+)\.sigstore(?:\.json)?$/su;

/** `words` without the bundles of others among them; those are named on standard error. */
export function passOverBundles(words: readonly string[], world: World): readonly string[] {
  const named = new Set(words.map((word) => normalize(word.replace(/^file:/u, ""))));
  const kept: string[] = [];
  const passed: { readonly word: string; readonly artifact: string }[] = [];
  for (const word of words) {
    const artifact = BUNDLE_NAME.exec(word)?.groups?.["artifact"];
    const serves = artifact !== undefined && named.has(normalize(artifact)) && findBundlesBeside(word).length === 0;
    if (serves) passed.push({ word, artifact });
    else kept.push(word);
  }
  const [first] = passed;
  if (first !== undefined) {
    const only = `${printable(first.word)} is the bundle of ${printable(first.artifact)}`;
    world.writeTalk(`passed over: ${passed.length === 1 ? only : `${passed.length} bundles of these files`}\n`);
  }
  return kept;
}
