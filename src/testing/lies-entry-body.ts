/**
 * Log entries that are in the log and do not speak of this signature (client specification 4.4; Rekor v2 specification 6.1.4).
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
import {
  parseEntryBody,
  serializeDsse001,
  serializeHashedRekord001,
  serializeHashedRekord002,
  type Verifier002,
} from "../formats/rekor/entry-body.ts";
import type { Lie, Lies } from "./lie-hooks.ts";
import {
  ARTIFACT,
  caseOf,
  type CaseMaker,
  type EdgeCase,
  flipBit,
  type LieCase,
  messageCase,
  statementCase,
} from "./verification-case.ts";
import type { VirtualSigstore } from "./virtual-sigstore.ts";

const step = "entry-body";

const SOMETHING_ELSE = utf8Encode("something else");

/** The log takes in another body than that of the signature; kind and version stay. */
function otherBody(entryBody: Lie<Uint8Array>): Lies {
  return { entryBody };
}

/** Another signature in the body, found by its base64 text, as one bit of it is changed. */
function changeBodyText(change: (text: string) => string): Lie<Uint8Array> {
  return (body) => utf8Encode(change(utf8Decode(body)));
}

function changeJson(change: (body: JsonObject) => JsonObject): Lie<Uint8Array> {
  return changeBodyText((text) => JSON.stringify(change(JSON.parse(text) as JsonObject)));
}

/** A hashedrekord 0.0.2 with changed content. */
function changeHashedRekordV2(
  change: (content: Parameters<typeof serializeHashedRekord002>[0]) => Parameters<typeof serializeHashedRekord002>[0],
): Lie<Uint8Array> {
  return (bytes) => {
    const body = parseEntryBody(bytes);
    if (body.form !== "hashedrekord-0.0.2") throw new TypeError(`expected hashedrekord 0.0.2, got ${body.form}`);
    return serializeHashedRekord002(change(body));
  };
}

/** A hashedrekord 0.0.1 with changed content. */
function changeHashedRekordV1(
  change: (content: Parameters<typeof serializeHashedRekord001>[0]) => Parameters<typeof serializeHashedRekord001>[0],
): Lie<Uint8Array> {
  return (bytes) => {
    const body = parseEntryBody(bytes);
    if (body.form !== "hashedrekord-0.0.1") throw new TypeError(`expected hashedrekord 0.0.1, got ${body.form}`);
    return serializeHashedRekord001(change(body));
  };
}

/** A bundle for one thing with the entry that was logged for another signature, by another key, of another artifact. */
function entryOfOther(
  kind: "message" | "statement",
  options: { readonly rekor: 1 | 2; readonly entryKind?: "dsse" | "intoto" },
  entryFor: (other: OtherSignature) => LoggedEntry,
): CaseMaker {
  return async (sigstore) => {
    const other = await otherSignature(sigstore);
    const lies = { entryBody: () => entryFor(other).body };
    return kind === "message"
      ? messageCase({ ...options, lies })(sigstore)
      : statementCase({ ...options, lies })(sigstore);
  };
}

/** A signature by somebody else, over something else. */
interface OtherSignature {
  readonly signature: Uint8Array;
  readonly verifier: Verifier002;
  readonly envelope: DsseEnvelope;
}

async function otherSignature(sigstore: VirtualSigstore): Promise<OtherSignature> {
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

function otherDigest(): { readonly digestAlgorithm: "sha256"; readonly digest: Uint8Array } {
  return { digestAlgorithm: "sha256", digest: digest("sha256", SOMETHING_ELSE) };
}

/** The entry of a dsse body that records the signature twice. */
const signatureTwice: Lie<Uint8Array> = (bytes) => {
  const body = parseEntryBody(bytes);
  if (body.form !== "dsse-0.0.1") throw new TypeError(`expected dsse 0.0.1, got ${body.form}`);
  return serializeDsse001({ ...body, signatures: [...body.signatures, ...body.signatures] });
};

/** A body of a kind that records no signature. */
function unsupportedKind(kind: string, version: string): CaseMaker {
  return messageCase({
    rekor: 1,
    lies: {
      entryBody: () => utf8Encode(JSON.stringify({ apiVersion: version, kind, spec: {} })),
      tlogEntry: (entry) => ({ ...entry, kindVersion: { kind, version } }),
      // The promise covers the body that was logged, so it holds.
    },
  });
}

/** intoto 0.0.1, as sigstore's first attestations had it: key and hashes, no signature. */
const intoto001: CaseMaker = statementCase({
  rekor: 1,
  entryKind: "intoto",
  lies: {
    entryBody: changeJson((body) => {
      const { content } = body["spec"] as {
        content: { envelope: { signatures: { publicKey: string }[] }; hash: JsonObject; payloadHash: JsonObject };
      };
      const publicKey = content.envelope.signatures[0]?.publicKey ?? "";
      return {
        apiVersion: "0.0.1",
        kind: "intoto",
        spec: { content: { hash: content.hash, payloadHash: content.payloadHash }, publicKey },
      };
    }),
    tlogEntry: (entry) => ({ ...entry, kindVersion: { kind: "intoto", version: "0.0.1" } }),
  },
});

/** Entries that do not speak of the bundle's signature. */
export const ENTRY_BODY_LIES: readonly LieCase[] = [
  {
    name: "entry-kind-unknown",
    step,
    expectedCode: "tlog-entry-kind-unsupported",
    describe: "an entry of a kind that records no signature of ours",
    make: unsupportedKind("rekord", "0.0.1"),
  },
  {
    name: "entry-kind-intoto-0.0.1",
    step,
    expectedCode: "tlog-entry-kind-unsupported",
    describe: "an intoto 0.0.1 entry, which does not record the signature",
    make: intoto001,
  },
  {
    name: "entry-kind-dsse-of-message",
    step,
    expectedCode: "tlog-entry-kind-unsupported",
    describe: "a dsse entry for a message signature",
    make: messageCase(async (sigstore) => {
      const other = await otherSignature(sigstore);
      return {
        rekor: 1,
        lies: {
          entryBody: () => dsseV1Entry(other.envelope, other.verifier).body,
          tlogEntry: (entry) => ({ ...entry, kindVersion: { kind: "dsse", version: "0.0.1" } }),
        },
      };
    }),
  },
  {
    name: "entry-kind-other-name",
    step,
    expectedCode: "tlog-entry-kind-mismatch",
    describe: "an entry that the bundle calls dsse and the body hashedrekord",
    make: messageCase({
      lies: { tlogEntry: (entry) => ({ ...entry, kindVersion: { kind: "dsse", version: entry.kindVersion.version } }) },
    }),
  },
  {
    name: "entry-kind-other-version",
    step,
    expectedCode: "tlog-entry-kind-mismatch",
    describe: "an entry that the bundle calls 0.0.1 and the body 0.0.2",
    make: messageCase({
      lies: { tlogEntry: (entry) => ({ ...entry, kindVersion: { kind: entry.kindVersion.kind, version: "0.0.1" } }) },
    }),
  },
  {
    name: "entry-other-signature-v1",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a hashedrekord 0.0.1 entry for another signature by the same certificate over the same artifact",
    make: messageCase({
      rekor: 1,
      lies: otherBody(changeHashedRekordV1((content) => ({ ...content, signature: flipBit(content.signature) }))),
    }),
  },
  {
    name: "entry-other-signature-v2",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a hashedrekord 0.0.2 entry for another signature",
    make: messageCase({
      rekor: 2,
      lies: otherBody(changeHashedRekordV2((content) => ({ ...content, signature: flipBit(content.signature) }))),
    }),
  },
  {
    name: "entry-other-signature-envelope",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a hashedrekord 0.0.2 entry for another signature over the same envelope",
    make: statementCase({
      rekor: 2,
      lies: otherBody(changeHashedRekordV2((content) => ({ ...content, signature: flipBit(content.signature) }))),
    }),
  },
  {
    name: "entry-two-signatures",
    step,
    expectedCode: "tlog-entry-signature-mismatch",
    describe: "a dsse entry that records two signatures",
    make: statementCase({ rekor: 1, lies: otherBody(signatureTwice) }),
  },
  {
    name: "entry-other-key-v1",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "a hashedrekord 0.0.1 entry with another certificate",
    make: messageCase(async (sigstore) => {
      const { verifier } = await otherSignature(sigstore);
      return {
        rekor: 1,
        lies: otherBody((body) => {
          const parsed = parseEntryBody(body);
          if (parsed.form !== "hashedrekord-0.0.1")
            throw new TypeError(`expected hashedrekord 0.0.1, got ${parsed.form}`);
          return hashedRekordV1Entry({ ...parsed, algorithm: parsed.digestAlgorithm }, verifier).body;
        }),
      };
    }),
  },
  {
    name: "entry-other-key-v2",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "a hashedrekord 0.0.2 entry with another certificate",
    make: messageCase(async (sigstore) => {
      const { verifier } = await otherSignature(sigstore);
      return { rekor: 2, lies: otherBody(changeHashedRekordV2((content) => ({ ...content, verifier }))) };
    }),
  },
  {
    name: "entry-key-instead-of-certificate",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "an entry with the bare key of the certificate",
    make: async (sigstore) => {
      const label = { managedKey: { hint: "bare" } };
      const { publicKey } = await sigstore.signMessage(ARTIFACT, label);
      const verifier: Verifier002 = { kind: "publicKey", rawBytes: publicKey, keyDetails: "PKIX_ECDSA_P256_SHA_256" };
      return messageCase({ rekor: 2, lies: otherBody(changeHashedRekordV2((content) => ({ ...content, verifier }))) })(
        sigstore,
      );
    },
  },
  {
    name: "entry-other-key-details",
    step,
    expectedCode: "tlog-entry-key-mismatch",
    describe: "an entry that calls a P-256 key an RSA key",
    make: messageCase({
      rekor: 2,
      lies: otherBody(
        changeHashedRekordV2((content) => ({
          ...content,
          verifier: { ...content.verifier, keyDetails: "PKIX_RSA_PKCS1V15_2048_SHA256" },
        })),
      ),
    }),
  },
  {
    name: "entry-other-digest-v1",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a hashedrekord 0.0.1 entry for another artifact",
    make: messageCase({
      rekor: 1,
      lies: otherBody(changeHashedRekordV1((content) => ({ ...content, ...otherDigest() }))),
    }),
  },
  {
    name: "entry-other-digest-v2",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a hashedrekord 0.0.2 entry for another artifact",
    make: messageCase({
      rekor: 2,
      lies: otherBody(changeHashedRekordV2((content) => ({ ...content, ...otherDigest() }))),
    }),
  },
  {
    name: "entry-digest-of-payload",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a hashedrekord 0.0.2 entry over the payload instead of the envelope's pre-authentication encoding",
    make: statementCase({
      rekor: 2,
      lies: otherBody(changeHashedRekordV2((content) => ({ ...content, ...otherDigest() }))),
    }),
  },
  {
    name: "entry-other-payload-dsse-v1",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a dsse 0.0.1 entry for another payload",
    make: entryOfOther("statement", { rekor: 1 }, ({ envelope, verifier }) => dsseV1Entry(envelope, verifier)),
  },
  {
    name: "entry-other-payload-dsse-v2",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "a dsse 0.0.2 entry for another payload",
    make: entryOfOther("statement", { rekor: 2, entryKind: "dsse" }, ({ envelope, verifier }) =>
      dsseV2Entry(envelope, verifier),
    ),
  },
  {
    name: "entry-other-payload-intoto",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "an intoto 0.0.2 entry for another payload",
    make: entryOfOther("statement", { rekor: 1, entryKind: "intoto" }, ({ envelope, verifier }) =>
      intotoV1Entry(envelope, verifier),
    ),
  },
  {
    name: "entry-of-other-file",
    step,
    expectedCode: "tlog-entry-digest-mismatch",
    describe: "the honest entry of another signature, by another certificate, of another file",
    make: entryOfOther("message", { rekor: 2 }, ({ signature, verifier }) =>
      hashedRekordV2Entry({ signature, algorithm: "sha256", digest: otherDigest().digest }, verifier),
    ),
  },
  {
    name: "entry-body-garbage",
    step,
    expectedCode: "entry-body-invalid",
    describe: "a body that is no JSON",
    make: messageCase({ lies: otherBody(() => SOMETHING_ELSE) }),
  },
  {
    name: "entry-body-field-unknown",
    step,
    expectedCode: "entry-body-invalid",
    describe: "a body with a field that no entry has",
    make: messageCase({ lies: otherBody(changeJson((body) => ({ ...body, comment: "trust me" }))) }),
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
    make: async (sigstore) =>
      caseOf(sigstore, await sigstore.signMessage(ARTIFACT, { managedKey: { hint: "release" } })),
  },
  {
    name: "entry-not-canonical",
    check: "entry-body-invalid",
    describe: "a body whose members stand in another order than RFC 8785 has",
    make: messageCase({
      lies: otherBody(
        changeJson(({ apiVersion, kind, spec }) => ({
          spec: spec ?? null,
          kind: kind ?? null,
          apiVersion: apiVersion ?? null,
        })),
      ),
    }),
  },
];
