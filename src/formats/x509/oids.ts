/**
 * Object identifiers of X.509, CMS and timestamps as Sigstore uses them: RFC 5280, 6962, 5652, 3161, and Fulcio's own.
 *
 * The Fulcio certificate extensions .1.1–.1.24 have a table of their own in fulcio-extensions.ts.
 */

/** Object identifiers in dotted text, by the name the field knows them under. */
export const OID = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  certificatePolicies: "2.5.29.32",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  /** Extended key usages. */
  anyExtendedKeyUsage: "2.5.29.37.0",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  /** RFC 6962 §3.3 and §3.1. */
  sctList: "1.3.6.1.4.1.11129.2.4.2",
  poison: "1.3.6.1.4.1.11129.2.4.3",
  /** Fulcio: arc of the certificate extensions, type of a user name among the subject alternative names, policy of timestamps. */
  fulcio: "1.3.6.1.4.1.57264.1",
  fulcioUserName: "1.3.6.1.4.1.57264.1.7",
  sigstoreTimestampPolicy: "1.3.6.1.4.1.57264.2",
  /** CMS and RFC 3161: content types, attributes, digests. */
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  tstInfo: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
  /** Attributes of names. */
  commonName: "2.5.4.3",
  serialNumber: "2.5.4.5",
  countryName: "2.5.4.6",
  localityName: "2.5.4.7",
  stateOrProvinceName: "2.5.4.8",
  streetAddress: "2.5.4.9",
  organizationName: "2.5.4.10",
  organizationalUnitName: "2.5.4.11",
  postalCode: "2.5.4.17",
  organizationIdentifier: "2.5.4.97",
  domainComponent: "0.9.2342.19200300.100.1.25",
  userId: "0.9.2342.19200300.100.1.1",
  emailAddress: "1.2.840.113549.1.9.1",
} as const;
