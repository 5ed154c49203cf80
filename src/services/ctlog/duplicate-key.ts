/**
 * When two submissions to a CT log are one entry: when their SCTs would sign the same but for time and place (RFC 6962 §3.2).
 */
import { sha256 } from "../../crypto/digest.ts";
import { concatBytes } from "../../encoding/bytes.ts";
import type { SctEntry } from "../../formats/sct.ts";

/** 32 bytes, the same for the same entry. A precertificate that was only signed anew is the same. */
export function duplicateKeyOf(entry: SctEntry): Uint8Array {
  return entry.type === "x509"
    ? sha256(concatBytes(Uint8Array.of(0), entry.certificate))
    : sha256(concatBytes(Uint8Array.of(1), entry.issuerKeyHash, entry.tbs));
}
