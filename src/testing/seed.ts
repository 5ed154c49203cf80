/**
 * Randomness that follows from a seed: the same seed gives the same keys, serial numbers and bytes in every run.
 *
 * For tests alone: whoever knows the seed knows every key. Leaves out: nonces of ECDSA signatures, which the platform draws.
 */
import type { RandomSource } from "../authority/serial-number.ts";
import { sha256 } from "../crypto/digest.ts";
import { ByteBuilder, concatBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";

/** `length` bytes that belong to `label` under `seed`; a label is for one purpose. */
export function seededBytes(seed: string, label: string, length: number): Uint8Array {
  const prefix = new ByteBuilder().vector16(utf8Encode(seed)).vector16(utf8Encode(label)).build();
  const blocks: Uint8Array[] = [];
  for (let counter = 0; counter * 32 < length; counter += 1)
    blocks.push(sha256(concatBytes(prefix, new ByteBuilder().u32(counter).build())));
  return concatBytes(...blocks).slice(0, length);
}

/** A source that gives other bytes each time, always the same ones in the same order. */
export function seededRandom(seed: string, label: string): RandomSource {
  let calls = 0;
  return (length) => {
    calls += 1;
    return seededBytes(seed, `${label} ${calls}`, length);
  };
}
