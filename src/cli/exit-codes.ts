/**
 * The exit codes of the command, one table (DESIGN.md, section 4).
 *
 * Of several targets the first present of 3, 6, 1, 5, 4 is the answer of the whole.
 */
import type { SigstoreError } from "../errors.ts";

/** What an exit code means. */
export const EXIT = {
  /** Yes. */
  yes: 0,
  /** Something broke: network, disk, an unreadable artifact or trusted root. */
  broken: 1,
  /** Wrong usage. */
  usage: 2,
  /** Verification failed, malformed evidence included. */
  failed: 3,
  /** The signature is sound, but nobody said whom to trust. */
  sound: 4,
  /** No signature found. */
  unsigned: 5,
  /** Revoked. */
  revoked: 6,
  /** Ended by Ctrl-C or told to end, as shells answer for a program that it ended: 128 and the number of the signal. */
  interrupted: 130,
} as const;

/** Exit code of a wish that could not be carried out. */
export function exitCodeOfError(error: SigstoreError): number {
  switch (error.code) {
    case "usage":
    case "pattern-unsupported":
    case "instance-unknown":
    case "bundle-exists":
    case "file-exists":
    case "password-required":
      return EXIT.usage;
    case "bundle-not-found":
      return EXIT.unsigned;
    case "cancelled":
      return error.details["isInterrupted"] === true ? EXIT.interrupted : EXIT.broken;
    // evidence that is contradictory or malformed
    case "bundle-ambiguous":
    case "input-too-large":
    case "service-answer-refused":
    case "fingerprint-mismatch":
      return EXIT.failed;
    default:
      return EXIT.broken;
  }
}

/** The one exit code of several targets; of none it is no yes, since nothing was looked at. */
export function combineExitCodes(codes: readonly number[]): number {
  if (codes.length === 0) return EXIT.broken;
  const worstFirst = [EXIT.failed, EXIT.revoked, EXIT.broken, EXIT.unsigned, EXIT.sound];
  // What is not in the list is no yes either.
  return worstFirst.find((code) => codes.includes(code)) ?? codes.find((code) => code !== EXIT.yes) ?? EXIT.yes;
}
