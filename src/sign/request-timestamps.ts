/**
 * Timestamps over the signature (RFC 3161 §2.4; client specification 2.1.6): asked for with a nonce, and checked.
 *
 * SHA-256 of the raw signature; no certificates in the answer, as verifiers have them from the trusted root.
 */
import { sha256 } from "../crypto/digest.ts";
import { randomBytes } from "../crypto/random.ts";
import { SigstoreError } from "../errors.ts";
import { parseTimestampRequest, parseTimestampResponse, serializeTimestampRequest } from "../formats/rfc3161.ts";
import { OID } from "../formats/x509/oids.ts";
import { DigestedMessage } from "../verify/artifact.ts";
import { CheckLog } from "../verify/checks.ts";
import { verifyTimestamps } from "../verify/timestamp.ts";
import type { TimestampAuthority } from "./ports.ts";
import { checkProvedTime } from "./proved-time.ts";
import { holdToAnswer } from "./service-answer.ts";
import type { SigningContext } from "./signing-context.ts";
import type { SigningKey } from "./signing-key.ts";
import { askTogether } from "./together.ts";

const NONCE_BYTES = 8;

/** A timestamp of each authority of `context`, DER responses in their order; errors as `signMessage`. */
export async function requestTimestamps(
  signature: Uint8Array,
  key: SigningKey,
  context: SigningContext,
): Promise<readonly Uint8Array[]> {
  const calls = context.timestampAuthorities.map(
    (authority) => async (signal: AbortSignal) => requestTimestamp(signature, key, authority, { ...context, signal }),
  );
  return askTogether(calls, context.signal);
}

async function requestTimestamp(
  signature: Uint8Array,
  key: SigningKey,
  authority: TimestampAuthority,
  context: SigningContext,
): Promise<Uint8Array> {
  const request = serializeTimestampRequest({
    messageImprint: { hashAlgorithm: OID.sha256, digest: sha256(signature) },
    nonce: randomBytes(NONCE_BYTES),
    certificatesWanted: false,
  });
  const response = await authority.requestTimestamp(request, { signal: context.signal });
  const asked = { service: "timestamp authority", address: authority.address };
  holdToAnswer(asked, "a timestamp", () => checkTimestamp(response, request, signature, key, context));
  return response;
}

function checkTimestamp(
  response: Uint8Array,
  request: Uint8Array,
  signature: Uint8Array,
  key: SigningKey,
  context: SigningContext,
): void {
  const log = new CheckLog();
  log.enter("timestamp");
  const [timestamp] = verifyTimestamps([response], new DigestedMessage(signature), context.trust, log);
  const [skipped] = log.checks;
  if (timestamp === undefined)
    throw new SigstoreError(skipped?.code ?? "timestamp-authority-unknown", skipped?.summary ?? "got no timestamp");
  // RFC 3161 §2.4.2: "The nonce field MUST be present if it was present in the TimeStampReq. In such a case it MUST equal the value".
  if (parseTimestampResponse(response).token?.tstInfo.nonce !== parseTimestampRequest(request).nonce)
    throw new SigstoreError("timestamp-invalid", "expected the nonce of our request in the timestamp, got another");
  checkProvedTime(timestamp, key, context);
}
