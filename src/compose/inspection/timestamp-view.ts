/**
 * RFC 3161 timestamps as they show themselves.
 */
import { hexEncode } from "../../encoding/hex.ts";
import { momentText } from "../../encoding/time.ts";
import type { SignerInfo } from "../../formats/cms.ts";
import { parseTimestampRequest, parseTimestampResponse, parseTimestampToken } from "../../formats/rfc3161.ts";
import type { MessageImprint, TimestampToken } from "../../formats/rfc3161.ts";
import { certificateSummary, oidText } from "./certificate-view.ts";
import { viewOrReason } from "./view.ts";
import type { View } from "./view.ts";

/** A TimeStampResp in DER. */
export function timestampResponseView(der: Uint8Array): View {
  const { status, statusText, token } = parseTimestampResponse(der);
  return { status, statusText, ...(token === undefined ? {} : tokenView(token)) };
}

/** A TimeStampToken in DER. */
export function timestampTokenView(der: Uint8Array): View {
  return tokenView(parseTimestampToken(der));
}

/** A TimeStampReq in DER. */
export function timestampRequestView(der: Uint8Array): View {
  const { messageImprint, policy, nonce, certificatesWanted } = parseTimestampRequest(der);
  return { messageImprint: imprintView(messageImprint), policy, nonce: nonce?.toString(), certificatesWanted };
}

function tokenView({ tstInfo, signedData }: TimestampToken): View {
  return {
    time: momentText(tstInfo.genTimeMs),
    accuracyMs: tstInfo.accuracyMs,
    policy: tstInfo.policy,
    serialNumber: tstInfo.serialNumber.toString(),
    messageImprint: imprintView(tstInfo.messageImprint),
    nonce: tstInfo.nonce?.toString(),
    signers: signedData.signerInfos.map(signerView),
    certificates: signedData.certificates.map((der) => viewOrReason(() => certificateSummary(der))),
  };
}

const HASHES: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

function imprintView({ hashAlgorithm, digest }: MessageImprint): View {
  return { algorithm: HASHES[hashAlgorithm] ?? hashAlgorithm, digestHex: hexEncode(digest) };
}

function signerView({ signerId, digestAlgorithm, signatureAlgorithm }: SignerInfo): View {
  return {
    ...(signerId.kind === "issuerAndSerialNumber"
      ? { serialNumberHex: hexEncode(signerId.serialNumber) }
      : { subjectKeyIdHex: hexEncode(signerId.id) }),
    digestAlgorithm: HASHES[digestAlgorithm] ?? digestAlgorithm,
    signatureAlgorithm: oidText(signatureAlgorithm.oid),
  };
}
