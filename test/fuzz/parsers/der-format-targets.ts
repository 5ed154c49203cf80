/**
 * The DER and TLS formats: keys, certificates with all their extensions, SCTs, CMS and RFC 3161.
 */
import { DerReader } from "../../../src/encoding/der.ts";
import { readAlgorithmIdentifier } from "../../../src/formats/algorithm-identifier.ts";
import { parseSignedData } from "../../../src/formats/cms.ts";
import {
  parseTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  serializeTimestampRequest,
  serializeTimestampResponse,
} from "../../../src/formats/rfc3161.ts";
import type { TimestampResponse } from "../../../src/formats/rfc3161.ts";
import {
  parseSigningCertificate,
  parseSigningCertificateV2,
  serializeSigningCertificateV2,
} from "../../../src/formats/rfc3161/signing-certificate.ts";
import type { EssCertificateId } from "../../../src/formats/rfc3161/signing-certificate.ts";
import { parseTstInfo, serializeTstInfo } from "../../../src/formats/rfc3161/tst-info.ts";
import type { TstInfo } from "../../../src/formats/rfc3161/tst-info.ts";
import {
  embeddedScts,
  leafIndexOfSct,
  parseSct,
  parseSctList,
  precertificateTbs,
  sctSignatureInput,
  serializeSct,
  serializeSctList,
} from "../../../src/formats/sct.ts";
import { parsePublicKeyPem, parseSpki, serializeSpki, spkiFromPkcs1 } from "../../../src/formats/spki.ts";
import {
  nameAttributes,
  nameText,
  parseCertificate,
  serializeCertificate,
  serializeTbsCertificate,
} from "../../../src/formats/x509/certificate.ts";
import type { Certificate } from "../../../src/formats/x509/certificate.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  serializeSubjectAlternativeNames,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from "../../../src/formats/x509/extensions.ts";
import { fulcioExtensions, serializeFulcioExtensions } from "../../../src/formats/x509/fulcio-extensions.ts";
import { ipAddressText, parseIpAddress } from "../../../src/formats/x509/ip-address.ts";
import { certificateIdentity } from "../../../src/policy/identity.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzTarget } from "../target.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, textTarget, tryAll } from "./parser-target.ts";
import type { RoundTrip } from "./parser-target.ts";

/** All targets of the DER formats. */
export function derFormatTargets(corpus: Corpus): readonly FuzzTarget[] {
  const { certificates, publicKeys, timestamps, timestampTokens, tstInfos, sctLists, scts } = corpus;
  return [
    bytesTarget("der", {
      name: "formats/spki",
      corpus: publicKeys,
      read: parseSpki,
      again: (info) => [info, parseSpki(serializeSpki(info))],
    }),
    bytesTarget("der", {
      name: "formats/pkcs1",
      corpus: publicKeys.map((spki) => parseSpki(spki).keyBytes),
      read: spkiFromPkcs1,
    }),
    textTarget({ name: "formats/public-key-pem", corpus: corpus.pemTexts, read: parsePublicKeyPem }),
    bytesTarget("der", {
      name: "formats/certificate",
      corpus: certificates,
      read: readCertificate,
      again: certificateRoundTrip,
    }),
    bytesTarget("der", {
      name: "formats/extensions",
      corpus: certificates,
      read: readMutatedExtensions(certificates),
      again: extensionsRoundTrip,
    }),
    bytesTarget("bytes", {
      name: "formats/sct-list",
      corpus: sctLists,
      read: parseSctList,
      again: (list) => [list, parseSctList(serializeSctList(list))],
    }),
    bytesTarget("bytes", {
      name: "formats/sct",
      corpus: scts,
      read: (bytes) => tryAll(parseSct(bytes), leafIndexOfSct),
      again: (sct) => [sct, parseSct(serializeSct(sct))],
    }),
    bytesTarget("der", { name: "formats/cms", corpus: timestampTokens, read: parseSignedData }),
    bytesTarget("der", {
      name: "formats/timestamp",
      corpus: timestamps,
      read: parseTimestampResponse,
      again: timestampRoundTrip,
    }),
    bytesTarget("der", { name: "formats/timestamp-token", corpus: timestampTokens, read: parseTimestampToken }),
    bytesTarget("der", { name: "formats/tst-info", corpus: tstInfos, read: parseTstInfo, again: tstInfoRoundTrip }),
    bytesTarget("der", {
      name: "formats/timestamp-request",
      corpus: corpus.timestampRequests,
      read: parseTimestampRequest,
      again: (request) => [request, parseTimestampRequest(serializeTimestampRequest(request))],
    }),
    bytesTarget("der", {
      name: "formats/signing-certificate",
      corpus: corpus.signingCertificates,
      read: parseSigningCertificate,
    }),
    bytesTarget("der", {
      name: "formats/signing-certificate-v2",
      corpus: corpus.signingCertificates,
      read: parseSigningCertificateV2,
      again: signingCertificateRoundTrip,
    }),
    textTarget({
      name: "formats/ip-address",
      corpus: ["127.0.0.1", "::", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:0:1"],
      read: parseIpAddress,
      again: (octets) => (octets === undefined ? undefined : [octets, parseIpAddress(ipAddressText(octets) ?? "")]),
    }),
    bytesTarget("der", {
      name: "formats/algorithm-identifier",
      corpus: certificates.map((der) => parseCertificate(der).signatureAlgorithm.raw),
      read: (bytes) => readAlgorithmIdentifier(new DerReader(bytes)),
    }),
  ];
}

function readCertificate(bytes: Uint8Array): Certificate {
  const certificate = parseCertificate(bytes);
  tryAll(
    certificate,
    ({ issuer }) => nameText(issuer),
    ({ subject }) => nameAttributes(subject),
  );
  return readExtensions(certificate);
}

function readExtensions(certificate: Certificate): Certificate {
  tryAll(
    certificate,
    basicConstraints,
    keyUsage,
    extendedKeyUsage,
    subjectKeyIdentifier,
    authorityKeyIdentifier,
    subjectAlternativeNames,
    fulcioExtensions,
    certificateIdentity,
  );
  tryAll(certificate, ({ spki }) => parseSpki(spki));
  return tryAll(certificate, (one) => embeddedScts(one).map((sct) => readSct(one, sct)));
}

function readSct(certificate: Certificate, sct: ReturnType<typeof parseSct>): void {
  tryAll(sct, leafIndexOfSct);
  const entry = {
    type: "precertificate",
    issuerKeyHash: new Uint8Array(32),
    tbs: precertificateTbs(certificate),
  } as const;
  sctSignatureInput({ timestampMs: sct.timestampMs, extensions: sct.extensions, entry });
}

/** Puts the input into each extension of a sound certificate in turn: so it gets past the certificate's own form. */
function readMutatedExtensions(certificates: readonly Uint8Array[]): (bytes: Uint8Array) => Certificate {
  const [first = new Uint8Array(0)] = certificates;
  const sound = parseCertificate(first);
  return (bytes) => {
    const mutated = parseCertificate(bytes).extensions;
    for (const { value } of mutated)
      readExtensions({ ...sound, extensions: sound.extensions.map((one) => ({ ...one, value })) });
    return readExtensions({ ...sound, extensions: mutated });
  };
}

function certificateRoundTrip(certificate: Certificate): RoundTrip {
  const { raw, tbs, ...value } = certificate;
  const fields = {
    ...certificate,
    signatureAlgorithm: certificate.signatureAlgorithm.raw,
    issuer: certificate.issuer.raw,
    subject: certificate.subject.raw,
  };
  const written = serializeCertificate(
    serializeTbsCertificate(fields),
    certificate.signatureAlgorithm.raw,
    certificate.signature,
  );
  const { raw: newRaw, tbs: newTbs, ...again } = parseCertificate(written);
  if (newRaw.length > raw.length + 64 || newTbs.length > tbs.length + 64)
    throw new FuzzFailure("expected a certificate of the same length or so");
  return [value, again];
}

/** The names and Fulcio extensions of a certificate; what is empty is not written. */
function extensionsRoundTrip(certificate: Certificate): RoundTrip {
  let pair: RoundTrip;
  tryAll(certificate, (one) => {
    const names = subjectAlternativeNames(one);
    if (names.length > 0)
      pair = [names, subjectAlternativeNames({ extensions: [serializeSubjectAlternativeNames(names)] })];
  });
  tryAll(certificate, (one) => {
    const values = Object.fromEntries(Object.entries(fulcioExtensions(one)).filter(([, text]) => text !== ""));
    pair = [
      [pair?.[0], values],
      [pair?.[1], fulcioExtensions({ extensions: serializeFulcioExtensions(values) })],
    ];
  });
  return pair;
}

function timestampRoundTrip({ status, statusText, token }: TimestampResponse): RoundTrip {
  const parts = {
    status,
    ...(statusText === undefined ? {} : { statusText }),
    ...(token === undefined ? {} : { token: token.signedData.raw }),
  };
  const again = parseTimestampResponse(serializeTimestampResponse(parts));
  return [
    [status, statusText, token?.tstInfo],
    [again.status, again.statusText, again.token?.tstInfo],
  ];
}

/** Our writer takes whole milliseconds of accuracy only, as many as a number holds exactly. */
function tstInfoRoundTrip(tstInfo: TstInfo): RoundTrip {
  if (!Number.isSafeInteger(tstInfo.accuracyMs ?? 0)) return undefined;
  const { raw: _, ...value } = tstInfo;
  const { raw: __, ...again } = parseTstInfo(serializeTstInfo(tstInfo));
  return [value, again];
}

function signingCertificateRoundTrip([first]: readonly EssCertificateId[]): RoundTrip {
  return first === undefined ? undefined : [[first], parseSigningCertificateV2(serializeSigningCertificateV2(first))];
}
