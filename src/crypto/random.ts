/**
 * Randomness of the platform, for whoever has to be handed some: serial numbers, nonces, states of a login.
 */
import { platform } from "#platform";

/** So many unpredictable bytes, each call other ones. */
export function randomBytes(length: number): Uint8Array {
  return platform.randomBytes(length);
}
