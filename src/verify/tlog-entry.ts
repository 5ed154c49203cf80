/**
 * Transparency log entries: is each one in a log that is trusted? (client specification 4.4)
 *
 * What an entry says about the signature is judged by `entry-body.ts`. Entries of logs that the trusted root does not
 * hold are left out of account; an entry of a trusted log that does not hold refuses the bundle.
 */
import { hexEncode } from "../encoding/hex.ts";
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { TlogEntry } from "../formats/bundle/bundle.ts";
import type { Checkpoint } from "../tlog/checkpoint.ts";
import { verifyWithAnyOf } from "./any-of.ts";
import type { CheckLog } from "./checks.ts";
import { verifyInclusionPromise } from "./inclusion-promise.ts";
import { verifyInclusionProof } from "./inclusion-proof.ts";
import type { VerifiedIntegratedTime, VerifiedTime } from "./time.ts";
import { countOperators, inRange, logsById } from "./trust.ts";
import type { TrustedLog, TrustMaterial } from "./trust.ts";

/** An entry that is in a trusted log: by promise, by proof, or both. */
export interface VerifiedTlogEntry {
  readonly entry: TlogEntry;
  readonly log: TrustedLog;
  readonly hasPromise: boolean;
  readonly hasProof: boolean;
  /** The checkpoint that covers the entry. */
  readonly checkpoint: Checkpoint | undefined;
  /** The log's own time for the entry, when the promise proves it. */
  readonly integratedTime: VerifiedIntegratedTime | undefined;
}

/** Verifies every entry and returns those of trusted logs, in the order of the bundle. */
export function verifyTlogEntries(
  entries: readonly TlogEntry[],
  trust: TrustMaterial,
  log: CheckLog,
): readonly VerifiedTlogEntry[] {
  const verified: VerifiedTlogEntry[] = [];
  for (const entry of entries) {
    const logs = logsById(trust.tlogs, entry.logId);
    if (logs.length === 0) {
      log.skip(unknownLog(entry));
      continue;
    }
    const found = verifyWithAnyOf(logs, (candidate) => verifyTlogEntry(entry, candidate));
    verified.push(found);
    log.pass(() => entryText(found));
  }
  return verified;
}

/** The proved times among `entries`. */
export function integratedTimes(entries: readonly VerifiedTlogEntry[]): readonly VerifiedIntegratedTime[] {
  return entries.map(({ integratedTime }) => integratedTime).filter((time) => time !== undefined);
}

/** How many independent logs hold `entries`. */
export function countLogs(entries: readonly VerifiedTlogEntry[]): number {
  return countOperators(entries.map(({ log }) => log));
}

/**
 * An entry without a time of its own (Rekor v2) must be from a time in which the log was trusted: one of the proved
 * times of the signature must lie in the log's range. Without any time (a managed key) there is nothing to hold it to.
 */
export function checkLogRanges(entries: readonly VerifiedTlogEntry[], times: readonly VerifiedTime[]): void {
  for (const { integratedTime, log } of entries) {
    if (integratedTime !== undefined || times.length === 0) continue;
    if (!times.some(({ timeMs }) => inRange(log.instance.validFor, timeMs)))
      throw notValidThen(log, times[0]?.timeMs ?? 0);
  }
}

function verifyTlogEntry(entry: TlogEntry, log: TrustedLog): VerifiedTlogEntry {
  const { inclusionPromise, inclusionProof } = entry;
  if (inclusionPromise === undefined && inclusionProof?.checkpoint === undefined) {
    throw new SigstoreError(
      "bundle-proof-missing",
      "expected an inclusion promise or a proof with checkpoint for the tlog entry, got neither",
    );
  }
  if (inclusionPromise !== undefined) verifyInclusionPromise(entry, inclusionPromise, log);
  const checkpoint = inclusionProof === undefined ? undefined : verifyInclusionProof(entry, inclusionProof, log);
  const integratedTime = inclusionPromise === undefined ? undefined : promisedTime(entry, log);
  return {
    entry,
    log,
    hasPromise: inclusionPromise !== undefined,
    // Without a checkpoint a proof leads to a root that nobody signed.
    hasProof: checkpoint !== undefined,
    checkpoint,
    integratedTime,
  };
}

/** Client specification 4.3: an integrated time counts only when a promise signs it; the log must be trusted then. */
function promisedTime(entry: TlogEntry, log: TrustedLog): VerifiedIntegratedTime {
  const timeMs = Number(entry.integratedTimeSeconds) * 1000;
  if (!inRange(log.instance.validFor, timeMs)) throw notValidThen(log, timeMs);
  return { source: "transparency-log", timeMs, log };
}

function notValidThen(log: TrustedLog, timeMs: number): SigstoreError {
  return new SigstoreError(
    "tlog-log-not-valid-then",
    `expected a time in which the trusted root trusts the log ${log.instance.baseUrl}, got ${momentText(timeMs)}`,
  );
}

function unknownLog(entry: TlogEntry): SigstoreError {
  return new SigstoreError(
    "tlog-log-unknown",
    `expected an entry of a log in the trusted root, got one of log ${hexEncode(entry.logId)}`,
    {
      hint: "verify with the trusted root of the instance that made the bundle",
    },
  );
}

function entryText({ entry, log, hasPromise, checkpoint }: VerifiedTlogEntry): string {
  const proof =
    checkpoint === undefined ? [] : [`inclusion proof to checkpoint ${checkpoint.treeSize} of ${checkpoint.origin}`];
  const promise = hasPromise ? ["inclusion promise"] : [];
  return `entry ${entry.logIndex} in ${log.instance.baseUrl}: ${[...promise, ...proof].join(" and ")}`;
}
