/**
 * RFC 3161: timestamp requests, responses and tokens, read and written. This module gathers the parts of rfc3161/.
 */
export { parseTimestampRequest, serializeTimestampRequest, type TimestampRequest } from "./rfc3161/request.ts";
export {
  parseTimestampResponse,
  parseTimestampToken,
  serializeTimestampResponse,
  type TimestampResponse,
  type TimestampToken,
} from "./rfc3161/response.ts";
export {
  parseSigningCertificate,
  parseSigningCertificateV2,
  serializeSigningCertificateV2,
} from "./rfc3161/signing-certificate.ts";
export { type MessageImprint, serializeTstInfo, type TstInfoFields } from "./rfc3161/tst-info.ts";
