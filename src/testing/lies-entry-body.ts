/**
 * Entries that are in the log and do not speak of this signature (client specification 4.4; Rekor v2 specification 6.1.4).
 */
import {
  dsseV1Entry,
  dsseV2Entry,
  hashedRekordV1Entry,
  hashedRekordV2Entry,
  intotoV1Entry,
  type LoggedEntry,
} from "../authority/entry.ts";
import { digest } from "../crypto/digest.ts";
import type { JsonObject } from "../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import type { DsseEnvelope } from "../formats/dsse.ts";
import { serializeStatement } from "../formats/in-toto.ts";
import {
  type HashedRekord001,
  type HashedRekord002,
  parseEntryBody,
  serializeDsse001,
  serializeHashedRekord001,
  serializeHashedRekord002,
  type Verifier002,
} from "../formats/rekor/entry-body.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import type { Lie } from "./lie-hooks.ts";
import type { SigningOptions } from "./signing-options.ts";
import {
  ARTIFACT,
  type CaseMaker,
  type EdgeCase,
  flipBit,
  type LieCase,
  messageCase,
  statementCase,
} from "./verification-case.ts";
import { statementAbout, type VirtualSigstore } from "./virtual-sigstore.ts";

const step = "entry-body";

const SOMETHING_ELSE = utf8Encode("something else");

/** Another body under the same kind and version. */
function changeBody(change: Lie<Uint8Array>): Lie<LoggedEntry> {
  return ({ body, kindVersion }) => ({ kindVersion, body: change(body) });
}

function changeJson(change: Lie<JsonObject>): Lie<Uint8Array> {
  return (body) => utf8Encode(JSON.stringify(change(JSON.parse(utf8Decode(body)) as JsonObject)));
}

/** A hashedrekord 0.0.1 of Rekor v1 that records something else. */
function recordingV1(change: Lie<HashedRekord001>): SigningOptions {
  const body: Lie<Uint8Array> = (bytes) => {
    const parsed = parseEntryBody(bytes);
    if (parsed.form !== "hashedrekord-0.0.1") throw new TypeError(`expected hashedrekord 0.0.1, got ${parsed.form}`);
    return serializeHashedRekord001(change(parsed));
  };
  return { rekor: 1, lies: { loggedEntry: changeBody(body) } };
}

/** A hashedrekord 0.0.2 of Rekor v2 that records something else. */
function recordingV2(change: Lie<HashedRekord002>): SigningOptions {
  const body: Lie<Uint8Array> = (bytes) => {
    const parsed = parseEntryBody(bytes);
    if (parsed.form !== "hashedrekord-0.0.2") throw new TypeError(`expected hashedrekord 0.0.2, got ${parsed.form}`);
    return serializeHashedRekord002(change(parsed));
  };
  return { rekor: 2, lies: { loggedEntry: changeBody(body) } };
}

function otherSignatureBytes<Content extends { readonly signature: Uint8Array }>(content: Content): Content {
  return { ...content, signature: flipBit(content.signature) };
}

function digestOf<Content extends HashedRekord001 | HashedRekord002>(bytes: Uint8Array): Lie<Content> {
  return (content) => ({ ...content, digest: digest(content.digestAlgorithm, bytes) });
}

/** A dsse body that records its signature twice. */
const signatureTwice: Lie<Uint8Array> = (bytes) => {
  const parsed = parseEntryBody(bytes);
  if (parsed.form !== "dsse-0.0.1") throw new TypeError(`expected dsse 0.0.1, got ${parsed.form}`);
  return serializeDsse001({ ...parsed, signatures: [...parsed.signatures, ...parsed.signatures] });
};

/** A signature by somebody else, over an envelope with something else. */
interface OtherSignature {
  readonly signature: Uint8Array;
  readonly envelope: DsseEnvelope;
  readonly verifier: Verifier002;
}

async function signOther(sigstore: VirtualSigstore): Promise<OtherSignature> {
  const { bundle, certificate = ARTIFACT } = await sigstore.signPayload("application/vnd.in-toto+json", SOMETHING_ELSE);
  if (bundle.content.kind !== "dsseEnvelope") throw new TypeError("expected a bundle with an envelope");
  const { envelope } = bundle.content;
  const [signature = ARTIFACT] = envelope.signatures.map((one) => one.signature);
  return {
    signature,
    envelope,
    verifier: { kind: "x509Certificate", rawBytes: certificate, keyDetails: "PKIX_ECDSA_P256_SHA_256" },
  };
}

/** The entry of another signature in the place of the bundle's own. */
function entryOfOther(
  options: SigningOptions,
  entryFor: (other: OtherSignature) => LoggedEntry,
): (sigstore: VirtualSigstore) => Promise<SigningOptions> {
  return async (sigstore) => {
    const entry = entryFor(await signOther(sigstore));
    return { ...options, lies: { loggedEntry: () => entry } };
  };
}

/** A body with PEM or DER of another certificate. */
function certificateOfOther(version: 1 | 2): CaseMaker {
  return messageCase(async (sigstore) => {
    const { verifier } = await signOther(sigstore);
    if (version === 2) return recordingV2((content) => ({ ...content, verifier }));
    const loggedEntry: Lie<LoggedEntry> = ({ body }) => {
      const parsed = parseEntryBody(body);
      if (parsed.form !== "hashedrekord-0.0.1") throw new TypeError(`expected hashedrekord 0.0.1, got ${parsed.form}`);
      return hashedRekordV1Entry({ ...parsed, algorithm: parsed.digestAlgorithm }, verifier);
    };
    return { rekor: 1, lies: { loggedEntry } };
  });
}

/** intoto 0.0.1, as the first attestations had it: key and hashes, no signature. */
const toIntoto001: Lie<LoggedEntry> = ({ body }) => {
  const parsed = parseEntryBody(body);
  if (parsed.form !== "intoto-0.0.2") throw new TypeError(`expected intoto 0.0.2, got ${parsed.form}`);
  const toOld = changeJson(({ spec }) => {
    const { content } = spec as {
      readonly content: { readonly envelope: { readonly signatures: readonly JsonObject[] } } & JsonObject;
    };
    const { envelope, ...hashes } = content;
    return {
      apiVersion: "0.0.1",
      kind: "intoto",
      spec: { content: hashes, publicKey: envelope.signatures[0]?.["publicKey"] ?? "" },
    };
  });
  return { kindVersion: { kind: "intoto", version: "0.0.1" }, body: toOld(body) };
};

/** Entries that do not speak of the bundle's signature. */
export const ENTRY_BODY_LIES: readonly LieCase[] = [
  {
    name: "entry-kind-unknown",
    step,
    expectedCode: "tlog-entry-kind-unsupported",
    describe: "an entry of a kind that no client of Sigstore writes",
    make: messageCase({
      rekor: 1,
      lies: {
        loggedEntry: () => ({
          kindVersion: { kind: "rekord", version: "0.0.1" },
          body: utf8Encode(JSON.stringify({ apiVersion: "0.0.1", kind: "rekord", spec: {} })),
        }),
      },
    }),
  },
  {
    name: "entry-kind-intoto-0.0.1",
    step,
    expectedCode: "tlog-entry-kind-unsupported",
    describe: "an intoto 0.0.1 entry, which does not record the signature",
    make: statementCase({ rekor: 1, entryKind: "intoto", lies: { loggedEntry: toIntoto001 } }),
  },
  {
    name: "entry-kind-dsse-of-message",
    step,
    expectedCode: "tlog-entry-kind-unsupported",
    describe: "a dsse entry for a message signature",
    make: messageCase(entryOfOther({ rekor: 1 }, ({ envelope, verifier }) => dsseV1Entry(envelope, verifier))),
  },
  {
    name: "entry-kind-other-name",
    step,
    expectedCode: "tlog-entry-kind-mismatch",
    describe: "an entry that the bundle calls dsse and the body hashedrekord",
    make: messageCase({
      lies: { loggedEntry: ({ body }) => ({ body, kindVersion: { kind: "dsse", version: "0.0.2" } }) },
    }),
  },
  {
    name: "entry-kind-other-version",
    step,
    expectedCode: "tlog-entry-kind-mismatch",
    describe: "an entry that the bundle calls 0.0.1 and the body 0.0.2",
    make: messageCase({
      lies: { loggedEntry: ({ body }) => ({ body, kindVersion: { kind: "hashedrekord", version: "0.0.1" } }) },
    }),
  },
  {
    name: "entry-other-signature-v1",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a hashedrekord 0.0.1 entry for another signature by the same certificate over the same artifact",
    make: messageCase(recordingV1(otherSignatureBytes)),
  },
  {
    name: "entry-other-signature-v2",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a hashedrekord 0.0.2 entry for another signature by the same certificate over the same artifact",
    make: messageCase(recordingV2(otherSignatureBytes)),
  },
  {
    name: "entry-other-signature-envelope",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a hashedrekord 0.0.2 entry for another signature over the same envelope",
    make: statementCase(recordingV2(otherSignatureBytes)),
  },
  {
    name: "entry-two-signatures",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a dsse entry that records two signatures",
    make: statementCase({ rekor: 1, lies: { loggedEntry: changeBody(signatureTwice) } }),
  },
  {
    name: "entry-other-key-v1",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "a hashedrekord 0.0.1 entry with another certificate",
    make: certificateOfOther(1),
  },
  {
    name: "entry-other-key-v2",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "a hashedrekord 0.0.2 entry with another certificate",
    make: certificateOfOther(2),
  },
  {
    name: "entry-key-instead-of-certificate",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "an entry with the bare key of the certificate",
    make: messageCase(
      recordingV2((content) => {
        const { spki } = parseCertificate(content.verifier.rawBytes);
        return { ...content, verifier: { ...content.verifier, kind: "publicKey", rawBytes: spki } };
      }),
    ),
  },
  {
    name: "entry-other-key-details",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "an entry that calls a P-256 key an RSA key",
    make: messageCase(
      recordingV2((content) => ({
        ...content,
        verifier: { ...content.verifier, keyDetails: "PKIX_RSA_PKCS1V15_2048_SHA256" },
      })),
    ),
  },
  {
    name: "entry-other-digest-v1",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a hashedrekord 0.0.1 entry for another artifact",
    make: messageCase(recordingV1(digestOf(SOMETHING_ELSE))),
  },
  {
    name: "entry-other-digest-v2",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a hashedrekord 0.0.2 entry for another artifact",
    make: messageCase(recordingV2(digestOf(SOMETHING_ELSE))),
  },
  {
    name: "entry-digest-of-payload",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a hashedrekord 0.0.2 entry over the payload instead of its pre-authentication encoding",
    make: statementCase(recordingV2(digestOf(serializeStatement(statementAbout(ARTIFACT))))),
  },
  {
    name: "entry-other-payload-dsse-v1",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a dsse 0.0.1 entry for another payload",
    make: statementCase(entryOfOther({ rekor: 1 }, ({ envelope, verifier }) => dsseV1Entry(envelope, verifier))),
  },
  {
    name: "entry-other-payload-dsse-v2",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a dsse 0.0.2 entry for another payload",
    make: statementCase(entryOfOther({ rekor: 2 }, ({ envelope, verifier }) => dsseV2Entry(envelope, verifier))),
  },
  {
    name: "entry-other-payload-intoto",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "an intoto 0.0.2 entry for another payload",
    make: statementCase(entryOfOther({ rekor: 1 }, ({ envelope, verifier }) => intotoV1Entry(envelope, verifier))),
  },
  {
    name: "entry-of-other-file",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "the honest entry of another signature, by another certificate, of another file",
    make: messageCase(
      entryOfOther({ rekor: 2 }, ({ signature, verifier }) =>
        hashedRekordV2Entry({ signature, algorithm: "sha256", digest: digest("sha256", SOMETHING_ELSE) }, verifier),
      ),
    ),
  },
  {
    name: "entry-body-garbage",
    step,
    expectedCode: "entry-body-invalid",
    describe: "a body that is no JSON",
    make: messageCase({ lies: { loggedEntry: changeBody(() => SOMETHING_ELSE) } }),
  },
  {
    name: "entry-body-field-unknown",
    step,
    expectedCode: "entry-body-invalid",
    describe: "a body with a field that no entry has",
    make: messageCase({
      lies: { loggedEntry: changeBody(changeJson((body) => ({ ...body, comment: "trust me" }))) },
    }),
  },
];

/** Entries of every kind that do speak of the bundle's signature. */
export const ENTRY_BODY_EDGES: readonly EdgeCase[] = [
  {
    name: "entry-dsse-v1",
    check: "tlog-entry-kind-unsupported",
    describe: "a dsse 0.0.1 entry",
    make: statementCase({ rekor: 1, entryKind: "dsse" }),
  },
  {
    name: "entry-dsse-v2",
    check: "tlog-entry-kind-unsupported",
    describe: "a dsse 0.0.2 entry",
    make: statementCase({ rekor: 2, entryKind: "dsse" }),
  },
  {
    name: "entry-intoto",
    check: "tlog-entry-kind-unsupported",
    describe: "an intoto 0.0.2 entry",
    make: statementCase({ rekor: 1, entryKind: "intoto" }),
  },
  {
    name: "entry-hashedrekord-of-envelope",
    check: "tlog-entry-kind-unsupported",
    describe: "a hashedrekord 0.0.2 entry over an envelope",
    make: statementCase({ rekor: 2 }),
  },
  {
    name: "entry-bare-key",
    check: "tlog-entry-key-mismatch",
    describe: "an entry with the bare key of a bundle that has no certificate",
    make: messageCase({ managedKey: { hint: "release" } }),
  },
  {
    name: "entry-not-canonical",
    check: "entry-body-invalid",
    describe: "a body whose members stand in another order than RFC 8785 has",
    make: messageCase({
      lies: {
        loggedEntry: changeBody(changeJson((body) => Object.fromEntries(Object.entries(body).toReversed()))),
      },
    }),
  },
];
