/**
 * Proved times that are too few or too late (client specification 4.3).
 */
import type { TrustedRootVersion } from "../formats/trusted-root.ts";
import {
  addTrust,
  ARTIFACT,
  caseOf,
  type CaseMaker,
  type EdgeCase,
  type LieCase,
  messageCase,
} from "./verification-case.ts";
import { YEAR_MS } from "./virtual-sigstore-options.ts";

/** When a timestamp is made by default: a second after the certificate was issued. */
const STAMPED_AFTER_MS = 1000;

/** Timestamps of two authorities, where two are wanted; from v0.2 on the trusted root says that they have one operator. */
function twoAuthorities(version: TrustedRootVersion): CaseMaker {
  return async (sigstore) => {
    const more = await sigstore.factory.timestampAuthority("second");
    const signed = await sigstore.signMessage(ARTIFACT, {
      timestampAuthorities: [...sigstore.current.timestampAuthorities, more],
    });
    return caseOf(sigstore, signed, {
      trustedRoot: addTrust(sigstore, { timestampAuthorities: [more.instance] }, version),
      require: { signedTimestamps: 2 },
    });
  };
}

/** Times that are refused. */
export const TIME_LIES: readonly LieCase[] = [
  {
    name: "timestamps-two-wanted",
    step: "timestamp",
    expectedCode: "timestamp-threshold",
    describe: "one timestamp where two are wanted",
    make: messageCase({}, { require: { signedTimestamps: 2 } }),
  },
  {
    name: "timestamps-of-one-authority",
    step: "timestamp",
    expectedCode: "timestamp-threshold",
    describe: "two timestamps of one authority where two authorities are wanted",
    make: messageCase(
      ({ current: { timestampAuthorities } }) => ({
        timestampAuthorities: [...timestampAuthorities, ...timestampAuthorities],
      }),
      { require: { signedTimestamps: 2 } },
    ),
  },
  {
    name: "timestamps-of-one-operator",
    step: "timestamp",
    expectedCode: "timestamp-threshold",
    describe: "timestamps of two authorities of one operator where two are wanted",
    make: twoAuthorities("0.2"),
  },
  {
    name: "time-none-v2",
    step: "time",
    expectedCode: "time-threshold",
    describe: "an entry of Rekor v2 and no timestamp",
    make: messageCase({ timestamps: 0 }),
  },
  {
    name: "time-none-v1",
    step: "time",
    expectedCode: "time-threshold",
    describe: "an entry of Rekor v1 whose time no promise signs, and no timestamp",
    make: messageCase({ rekor: 1, hasPromise: false, timestamps: 0 }),
  },
  {
    name: "times-two-wanted",
    step: "time",
    expectedCode: "time-threshold",
    describe: "one time where two are wanted",
    make: messageCase({}, { require: { times: 2 } }),
  },
  {
    name: "integrated-time-wanted",
    step: "time",
    expectedCode: "integrated-time-threshold",
    describe: "a timestamp where a time promised by a log is wanted",
    make: messageCase({}, { require: { integratedTimes: 1 } }),
  },
  {
    name: "time-after-asked",
    step: "time",
    expectedCode: "time-too-late",
    describe: "a timestamp a millisecond later than the time that is asked about",
    make: messageCase({}, ({ nowMs }) => ({ latestTimeMs: nowMs + STAMPED_AFTER_MS - 1 })),
  },
  {
    name: "requirement-lowered",
    step: "tlog-entry",
    expectedCode: "tlog-threshold",
    describe: "no entry, and a question that asks for none: a lower number changes nothing",
    make: messageCase({ rekor: "none" }, { require: { tlogEntries: 0, scts: 0, times: 0 } }),
  },
];

/** Times that are accepted at the edge. */
export const TIME_EDGES: readonly EdgeCase[] = [
  {
    name: "timestamps-two-of-two",
    check: "timestamp-threshold",
    describe: "timestamps of two authorities where two are wanted",
    make: twoAuthorities("0.1"),
  },
  {
    name: "time-of-log-alone",
    check: "time-threshold",
    describe: "a time that a promise signs, and no timestamp",
    make: messageCase({ rekor: 1, timestamps: 0 }, { require: { integratedTimes: 1 } }),
  },
  {
    name: "times-two-of-two",
    check: "time-threshold",
    describe: "a timestamp and a promised time where two times are wanted",
    make: messageCase({ rekor: 1, timestamps: 1 }, { require: { times: 2 } }),
  },
  {
    name: "time-as-asked",
    check: "time-too-late",
    describe: "a timestamp of exactly the time that is asked about",
    make: messageCase({}, ({ nowMs }) => ({ latestTimeMs: nowMs + STAMPED_AFTER_MS })),
  },
  {
    name: "judged-twenty-years-later",
    check: "certificate-not-valid-then",
    describe: "judged when every certificate has long expired: the time of signing counts",
    make: messageCase({}, ({ nowMs }) => ({ nowMs: nowMs + 20 * YEAR_MS })),
  },
];
