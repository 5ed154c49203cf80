/**
 * Log entries that are refused: unknown logs, ranges, promises, and too few (client specification 4.4).
 */
import type { TlogEntry } from "../formats/bundle/bundle.ts";
import type { Lie, Lies } from "./lie-hooks.ts";
import type { SigningOptions } from "./signing-options.ts";
import {
  addTrust,
  type CaseMaker,
  type EdgeCase,
  flipBit,
  type LieCase,
  limitTrust,
  messageCase,
} from "./verification-case.ts";
import type { VirtualSigstore } from "./virtual-sigstore.ts";

const step = "tlog-entry";

/** After the certificate was issued, a timestamp is made in the first second and a Rekor v1 log takes the entry in in the second. */
const STAMPED_AFTER_MS = 1000;
const INTEGRATED_AFTER_MS = 2000;

/** An entry in Rekor v1, with its promise. */
function promised(lies: Lies): CaseMaker {
  return messageCase({ rekor: 1, lies });
}

/** An entry of a log that nobody trusts. */
function strangerLog(sigstore: VirtualSigstore, version: 1 | 2): SigningOptions {
  return { logs: [sigstore.factory.log(version, "stranger")], timestamps: 1 };
}

function withPromise(change: Lie<Uint8Array>): Lie<TlogEntry> {
  return (entry) => ({ ...entry, inclusionPromise: entry.inclusionPromise && change(entry.inclusionPromise) });
}

/** Log entries that are refused. */
export const LOG_LIES: readonly LieCase[] = [
  {
    name: "log-unknown-v1",
    step,
    expectedCode: "tlog-log-unknown",
    describe: "an entry of a Rekor v1 log that is not in the trusted root",
    make: messageCase((sigstore) => strangerLog(sigstore, 1)),
  },
  {
    name: "log-unknown-v2",
    step,
    expectedCode: "tlog-log-unknown",
    describe: "an entry of a Rekor v2 log that is not in the trusted root",
    make: messageCase((sigstore) => strangerLog(sigstore, 2)),
  },
  {
    name: "log-ended-v1",
    step,
    expectedCode: "tlog-log-not-valid-then",
    describe: "integrated a millisecond after the trusted root ceased to trust the log",
    make: messageCase({ rekor: 1 }, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "tlogs", { endMs: sigstore.nowMs + INTEGRATED_AFTER_MS - 1 }),
    })),
  },
  {
    name: "log-not-begun-v1",
    step,
    expectedCode: "tlog-log-not-valid-then",
    describe: "integrated a millisecond before the trusted root began to trust the log",
    make: messageCase({ rekor: 1 }, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "tlogs", { startMs: sigstore.nowMs + INTEGRATED_AFTER_MS + 1 }),
    })),
  },
  {
    name: "log-ended-v2",
    step: "time",
    expectedCode: "tlog-log-not-valid-then",
    describe:
      "stamped a millisecond after the trusted root ceased to trust the Rekor v2 log, which has no time of its own",
    make: messageCase({ rekor: 2 }, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "tlogs", { endMs: sigstore.nowMs + STAMPED_AFTER_MS - 1 }),
    })),
  },
  {
    name: "promise-other-body",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "a promise for another body",
    make: promised({ promisedEntry: (entry) => ({ ...entry, body: flipBit(entry.body) }) }),
  },
  {
    name: "promise-other-time",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "a promise for another time",
    make: promised({
      promisedEntry: (entry) => ({ ...entry, integratedTimeSeconds: entry.integratedTimeSeconds + 1n }),
    }),
  },
  {
    name: "promise-other-index",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "a promise for another index",
    make: promised({ promisedEntry: (entry) => ({ ...entry, logIndex: entry.logIndex + 1n }) }),
  },
  {
    name: "promise-other-log",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "a promise that names another log",
    make: promised({ promisedEntry: (entry) => ({ ...entry, logId: flipBit(entry.logId) }) }),
  },
  {
    name: "promise-changed",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "a promise with one bit changed",
    make: promised({ tlogEntry: withPromise((promise) => flipBit(promise)) }),
  },
  {
    name: "promise-empty",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "a promise without a byte",
    make: promised({ tlogEntry: withPromise(() => new Uint8Array(0)) }),
  },
  {
    name: "promise-of-v2-entry",
    step,
    expectedCode: "tlog-promise-invalid",
    describe: "an entry of Rekor v2 with a promise, which its log never makes",
    make: messageCase({ lies: { tlogEntry: (entry) => ({ ...entry, inclusionPromise: new Uint8Array(64).fill(1) }) } }),
  },
  {
    name: "entries-none",
    step,
    expectedCode: "tlog-threshold",
    describe: "no entry at all",
    make: messageCase({ rekor: "none" }),
  },
  {
    name: "entries-none-with-key",
    step,
    expectedCode: "tlog-threshold",
    describe: "a signature with a key and no entry",
    make: messageCase({ rekor: "none", managedKey: { hint: "release" } }),
  },
  {
    name: "logs-two-wanted",
    step,
    expectedCode: "tlog-threshold",
    describe: "one log where two are wanted",
    make: messageCase({}, { require: { tlogEntries: 2 } }),
  },
  {
    name: "one-log-counted-twice",
    step,
    expectedCode: "tlog-threshold",
    describe: "two entries of one log where two logs are wanted",
    make: messageCase((sigstore) => ({ logs: [sigstore.activeLog(2), sigstore.activeLog(2)] }), {
      require: { tlogEntries: 2 },
    }),
  },
  {
    name: "logs-of-one-operator",
    step,
    expectedCode: "tlog-threshold",
    describe: "entries in two logs of one operator where two are wanted",
    make: messageCase({ rekor: "both" }, (sigstore) => ({
      trustedRoot: addTrust(sigstore, {}, "0.2"),
      require: { tlogEntries: 2 },
    })),
  },
];

/** Log entries that are accepted at the edge. */
export const LOG_EDGES: readonly EdgeCase[] = [
  {
    name: "log-unknown-beside-known",
    check: "tlog-log-unknown",
    describe: "an entry of an unknown log beside one of a known log",
    make: messageCase((sigstore) => ({ logs: [sigstore.factory.log(2, "stranger"), sigstore.activeLog(2)] })),
  },
  {
    name: "log-unknown-garbage-beside-known",
    check: "tlog-log-unknown",
    describe: "an entry of an unknown log that makes no sense, beside one of a known log",
    make: messageCase((sigstore) => ({
      logs: [sigstore.factory.log(2, "stranger"), sigstore.activeLog(2)],
      lies: {
        bundle: (bundle) => {
          const tlogEntries = bundle.material.tlogEntries.map((entry, index) =>
            index === 0 ? { ...entry, canonicalizedBody: new Uint8Array(9) } : entry,
          );
          return { ...bundle, material: { ...bundle.material, tlogEntries } };
        },
      },
    })),
  },
  {
    name: "log-ends-at-integration",
    check: "tlog-log-not-valid-then",
    describe: "integrated in the last moment in which the log is trusted",
    make: messageCase({ rekor: 1 }, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "tlogs", { endMs: sigstore.nowMs + INTEGRATED_AFTER_MS }),
    })),
  },
  {
    name: "log-begins-at-integration",
    check: "tlog-log-not-valid-then",
    describe: "integrated in the first moment in which the log is trusted",
    make: messageCase({ rekor: 1 }, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "tlogs", { startMs: sigstore.nowMs + INTEGRATED_AFTER_MS }),
    })),
  },
  {
    name: "log-ends-at-timestamp",
    check: "tlog-log-not-valid-then",
    describe: "stamped in the last moment in which the Rekor v2 log is trusted",
    make: messageCase({ rekor: 2 }, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "tlogs", { endMs: sigstore.nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "log-listed-with-two-ranges",
    check: "tlog-log-not-valid-then",
    describe: "a log that the trusted root lists twice, with an old range and with the current one",
    make: messageCase({ rekor: 1 }, (sigstore) => {
      const old = sigstore.trustedRoot.tlogs.map((log) => ({ ...log, validFor: { startMs: 0, endMs: 1000 } }));
      return { trustedRoot: addTrust(sigstore, { tlogs: old }) };
    }),
  },
  {
    name: "logs-two-of-two",
    check: "tlog-threshold",
    describe: "two logs where two are wanted",
    make: messageCase({ rekor: "both" }, { require: { tlogEntries: 2 } }),
  },
];
