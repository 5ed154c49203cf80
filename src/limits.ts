/**
 * Every upper bound on what we accept from outside, in one place.
 *
 * A bound is generous for what honest clients write and small enough that reaching it costs us little time and memory.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound, by what it bounds; bytes, counts or characters as each says. */
export const LIMITS = {
  /** Bytes of a bundle file; the largest attestations seen carry SBOMs of some 10 MB. */
  bundleBytes: 64 * MIB,
  /** Bytes of a trusted root, signing config or client trust config. */
  trustFileBytes: 4 * MIB,
  /** Bytes of a lone certificate, key, checkpoint or timestamp file. */
  smallFileBytes: 1 * MIB,
  /** Nesting of JSON values. */
  jsonDepth: 64,
  /** Values of one JSON text: an empty object costs some 200 bytes of memory, and two of text. */
  jsonValues: 1_000_000,
  /** Nesting of DER elements. */
  derDepth: 32,
  /** Content octets of one DER object identifier. */
  oidBytes: 256,
  /** Bytes of one DER certificate. */
  certificateBytes: 64 * KIB,
  /** Certificates of one chain, in a bundle or a trusted root. */
  chainCertificates: 10,
  /** Extensions of one certificate. */
  certificateExtensions: 64,
  /** Names in one subject alternative name extension. */
  generalNames: 32,
  /** Attributes of one distinguished name. */
  nameAttributes: 64,
  /** SCTs in one list. */
  scts: 16,
  /** Certificates and signer infos in one CMS structure. */
  cmsCertificates: 16,
  cmsSigners: 4,
  /** Signed or unsigned attributes of one CMS signer. */
  cmsAttributes: 32,
  /** Bytes of one RFC 3161 response. */
  timestampBytes: 64 * KIB,
  /** Bytes of a timestamp request in JSON, as the original bounds it. */
  timestampJsonBytes: 1 * KIB,
  /** Octets of a timestamp's nonce or serial number, as one element. */
  timestampIntegerBytes: 64,
  /** Client specification 4.1: tlog entries and timestamps of one bundle. */
  tlogEntries: 32,
  timestamps: 32,
  /** Bytes of a log's identifier: a hash of its key; the longest hash that we know. */
  logIdBytes: 64,
  /** Bytes of one canonicalized entry body. */
  entryBodyBytes: 64 * MIB,
  /** Hashes of one inclusion proof: a tree has at most 2^64 leaves. */
  proofHashes: 64,
  /** Bytes and signature lines of one signed note; verifiers must take 16 signatures, and post-quantum ones have 5 kB each. */
  noteBytes: 256 * KIB,
  noteSignatures: 100,
  /** Signatures of one DSSE envelope that are read; verification wants exactly one. */
  dsseSignatures: 16,
  /** Subjects of one statement and digests of one subject. */
  statementSubjects: 1024,
  subjectDigests: 32,
  /** Logs and authorities of one trusted root, each kind. */
  trustedRootInstances: 256,
  /** Identities of one policy. */
  policyIdentities: 256,
  /** Characters of one identity pattern, and states of its compiled form. */
  patternLength: 1024,
  patternStates: 8192,
  /** Nested groups of one identity pattern, and times that one repetition may ask for (RE2: 1000). */
  patternDepth: 100,
  patternRepeats: 1000,
  /** Characters of one error message or check: what is hostile in it must not fill a screen or a log file. */
  messageLength: 1500,
  /** Bytes of an artifact that must be held whole in memory, as pure Ed25519 demands. */
  wholeMessageBytes: 512 * MIB,
  /** Bytes read from a character device, which may never end; terminals and /dev/null give less. */
  deviceBytes: 256 * MIB,
  /** Bits of an RSA modulus: the largest that the algorithm registry names. */
  rsaModulusBits: 4096,
  /** Memory of one scrypt derivation times its passes, 128·N·r·p: twice what cosign's largest parameters ask for. */
  scryptBytes: 256 * MIB,
  /** Iterations of PBKDF2 that an encrypted key may ask for: seconds of work; password stores ask for some 10^6. */
  pbkdf2Iterations: 10_000_000,
  /** Rounds of OpenSSH's bcrypt: some 20 ms each; ssh-keygen writes 16 or 24. */
  bcryptRounds: 512,
  /** Lines of a file of public keys; the largest accounts have some hundred. */
  publicKeyLines: 1000,
  /** Entries that wait for their turn in one log, and their bytes: some seconds of work. */
  logQueueEntries: 8192,
  logQueueBytes: 64 * MIB,
  /** Tiles and entry bundles of one log that its server remembers. */
  tileCacheBytes: 64 * MIB,
  /** Body and headers of one request to a service; rekor-tiles and fulcio take 4 MiB. */
  requestBytes: 4 * MIB,
  requestHeaderBytes: 16 * KIB,
  requestHeaders: 200,
  /** Entries of one commit of a log. */
  logBatchEntries: 4096,
  /** Characters of an identity token; those of CI systems have some two thousand. */
  identityTokenLength: 32 * KIB,
  /** Keys of one JSON Web Key set that are read. */
  jsonWebKeys: 100,
  /** Characters of an issuer's address in a token. */
  issuerLength: 1024,
  /** Issuers under patterns whose keys are kept at once. */
  issuersKept: 100,
  /** Bytes and fields of a form sent to the identity provider, and of the query of a login. */
  loginFormBytes: 16 * KIB,
  loginFormFields: 64,
  /** Bytes of a password, bytes of the file of users and how many it may hold. */
  passwordBytes: 1 * KIB,
  usersFileBytes: 16 * MIB,
  users: 20_000,
  /** Logins, codes and device codes that the identity provider remembers at once, and clients and accounts whose failures it counts. */
  loginsKept: 10_000,
  deviceCodesKept: 5_000,
  deviceCodesOfClient: 100,
  attemptsKept: 20_000,
  /** Passwords that are checked at once, each with tens of MiB, and those that may wait for it. */
  passwordsAtOnce: 2,
  passwordsWaiting: 64,
  /** Bytes of a request for a certificate. */
  certificateRequestBytes: 256 * KIB,
  /** Nested blocks and operands of one template of the certificate authority's settings. */
  templateDepth: 32,
  /** Bytes of a service's answer: a certificate chain, a key set, a login; of a log entry, which holds what was sent. */
  serviceAnswerBytes: 1 * MIB,
  logAnswerBytes: 64 * MIB,
  /** Bytes of a manifest or index: what the most generous registry takes, save one that takes all. */
  manifestBytes: 8 * MIB,
  /** Entries of an index and layers of a manifest. */
  ociDescriptors: 20_000,
  /** Bytes of a blob: a layer of an image, and of one that is held whole in memory. */
  blobBytes: 64 * 1024 * MIB,
  smallBlobBytes: 128 * MIB,
  /** Pages of one list of a registry (tags, referrers), and what they may hold together. */
  registryPages: 1000,
  registryListEntries: 100_000,
  /** Bytes of the small objects of registries that one command remembers. */
  registryCacheBytes: 64 * MIB,
  /** Redirects followed for one request, and seconds that a service may ask us to wait before the next try. */
  redirects: 5,
  retryAfterSeconds: 30,
} as const;
