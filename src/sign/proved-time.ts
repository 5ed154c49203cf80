/**
 * Is the time that a service proves the time of this signature?
 *
 * A certificate bounds it to ten minutes, whatever the clock of this machine says. A managed key has no such bounds: there
 * the clock decides, since a timestamp of another year would look like evidence for ever.
 */
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { isValidAt } from "../verify/authority-path.ts";
import { timeText } from "../verify/time.ts";
import type { VerifiedTime } from "../verify/time.ts";
import type { SigningContext } from "./signing-context.ts";
import type { SigningKey } from "./signing-key.ts";

/** How far clocks may be apart. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * Throws the code of a verifier's check for a time at which the certificate was not valid, `time-too-late` for one far from
 * now. Whether the certificate's issuers were valid then is checked with the whole bundle.
 */
export function checkProvedTime(time: VerifiedTime, key: SigningKey, { now }: SigningContext): void {
  if (key.kind === "certificate") return checkCertificateTime(time, key.certificate);
  const nowMs = now();
  if (Math.abs(time.timeMs - nowMs) <= TOLERANCE_MS) return;
  throw new SigstoreError(
    "time-too-late",
    `expected the time of signing, ${momentText(nowMs)} by the clock of this machine, got ${timeText(time)}`,
    { hint: "one of the two clocks is wrong" },
  );
}

/** Client specification 4.2: the certificate MUST be valid at every proved time. */
function checkCertificateTime(time: VerifiedTime, certificate: Certificate): void {
  if (isValidAt(certificate, time.timeMs)) return;
  throw new SigstoreError(
    time.source === "transparency-log" ? "tlog-integrated-time-outside-certificate" : "certificate-not-valid-then",
    `expected a signing time from ${momentText(certificate.notBeforeMs)} to ${momentText(certificate.notAfterMs)}, got ${timeText(time)}`,
  );
}
