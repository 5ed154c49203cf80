/**
 * Fulcio, docs/oid-info.md: the certificate extensions 1.3.6.1.4.1.57264.1.1–.24, who asked for the certificate and where.
 *
 * .1–.6 hold the bare octets of a text, .8–.24 a DER UTF8String; .7 is no extension but a kind of subject alternative name
 * (general-name.ts). Leaves out: what the values mean for trust (policy/).
 */
import { DerReader, der, TAG } from "../../encoding/der.ts";
import { octetText, utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { parsingAs } from "../parse-error.ts";
import type { Extension } from "./extension-list.ts";
import { OID } from "./oids.ts";

/** What a Fulcio certificate says about who asked for it; absent fields are not in the certificate. */
export interface FulcioExtensions {
  /** OIDC issuer: .8, in old certificates .1. */
  readonly issuer?: string;
  readonly githubWorkflowTrigger?: string;
  readonly githubWorkflowSha?: string;
  readonly githubWorkflowName?: string;
  readonly githubWorkflowRepository?: string;
  readonly githubWorkflowRef?: string;
  readonly buildSignerUri?: string;
  readonly buildSignerDigest?: string;
  readonly runnerEnvironment?: string;
  readonly sourceRepositoryUri?: string;
  readonly sourceRepositoryDigest?: string;
  readonly sourceRepositoryRef?: string;
  readonly sourceRepositoryIdentifier?: string;
  readonly sourceRepositoryOwnerUri?: string;
  readonly sourceRepositoryOwnerIdentifier?: string;
  readonly buildConfigUri?: string;
  readonly buildConfigDigest?: string;
  readonly buildTrigger?: string;
  readonly runInvocationUri?: string;
  readonly sourceRepositoryVisibilityAtSigning?: string;
  readonly deploymentEnvironment?: string;
  readonly tokenSubject?: string;
}

/** All of them but the issuer. */
export type FulcioExtensionsBesideIssuer = Omit<FulcioExtensions, "issuer">;

/** One row of the table: last arc, object identifier, field, name for people, and whether the text is bare or a UTF8String. */
export interface FulcioExtensionType {
  readonly n: number;
  readonly oid: string;
  readonly name: keyof FulcioExtensions;
  readonly label: string;
  /** What an error calls it. */
  readonly what: string;
  readonly encoding: "raw" | "utf8";
}

function row(n: number, name: keyof FulcioExtensions, label: string): FulcioExtensionType {
  const encoding = n < 7 ? "raw" : "utf8";
  return { n, oid: `${OID.fulcio}.${n}`, name, label, what: `the extension ${label}`, encoding };
}

/** The extensions by number; .1 and .8 both say the issuer, and .8 wins when both are there. */
export const FULCIO_EXTENSIONS: readonly FulcioExtensionType[] = [
  row(1, "issuer", "Issuer (deprecated)"),
  row(2, "githubWorkflowTrigger", "GitHub Workflow Trigger (deprecated)"),
  row(3, "githubWorkflowSha", "GitHub Workflow SHA (deprecated)"),
  row(4, "githubWorkflowName", "GitHub Workflow Name (deprecated)"),
  row(5, "githubWorkflowRepository", "GitHub Workflow Repository (deprecated)"),
  row(6, "githubWorkflowRef", "GitHub Workflow Ref (deprecated)"),
  row(8, "issuer", "Issuer"),
  row(9, "buildSignerUri", "Build Signer URI"),
  row(10, "buildSignerDigest", "Build Signer Digest"),
  row(11, "runnerEnvironment", "Runner Environment"),
  row(12, "sourceRepositoryUri", "Source Repository URI"),
  row(13, "sourceRepositoryDigest", "Source Repository Digest"),
  row(14, "sourceRepositoryRef", "Source Repository Ref"),
  row(15, "sourceRepositoryIdentifier", "Source Repository Identifier"),
  row(16, "sourceRepositoryOwnerUri", "Source Repository Owner URI"),
  row(17, "sourceRepositoryOwnerIdentifier", "Source Repository Owner Identifier"),
  row(18, "buildConfigUri", "Build Config URI"),
  row(19, "buildConfigDigest", "Build Config Digest"),
  row(20, "buildTrigger", "Build Trigger"),
  row(21, "runInvocationUri", "Run Invocation URI"),
  row(22, "sourceRepositoryVisibilityAtSigning", "Source Repository Visibility At Signing"),
  row(23, "deploymentEnvironment", "Deployment Environment"),
  row(24, "tokenSubject", "Token Subject"),
];

const TYPES_BY_OID: ReadonlyMap<string, FulcioExtensionType> = new Map(
  FULCIO_EXTENSIONS.map((type) => [type.oid, type]),
);

/**
 * The Fulcio extensions of a certificate; each one present is read, and a malformed one refuses them all.
 *
 * @throws SigstoreError `certificate-invalid`
 */
export function fulcioExtensions(certificate: { readonly extensions: readonly Extension[] }): FulcioExtensions {
  const { issuer, others } = fulcioIssuerAndOthers(certificate);
  return issuer === undefined ? others : { issuer, ...others };
}

/** The same with the issuer apart from the others. @throws SigstoreError `certificate-invalid` */
export function fulcioIssuerAndOthers(certificate: {
  readonly extensions: readonly Extension[];
  /** The certificate of which the values are slices: then their texts are cut from one. */
  readonly raw?: Uint8Array;
}): {
  readonly issuer: string | undefined;
  readonly others: FulcioExtensionsBesideIssuer;
} {
  let issuer: string | undefined;
  let oldIssuer: string | undefined;
  const others: Partial<Record<keyof FulcioExtensionsBesideIssuer, string>> = {};
  const raw = certificate.raw ?? NO_BYTES;
  const whole = octetText(raw);
  for (const extension of certificate.extensions) {
    const type = TYPES_BY_OID.get(extension.oid);
    if (type === undefined) continue;
    const text = textWithin(whole, raw, type, extension.value) ?? fulcioExtensionText(type, extension.value);
    if (type.name !== "issuer") others[type.name] = text;
    else if (type.n === DEPRECATED_ISSUER) oldIssuer = text;
    else issuer = text;
  }
  // Fulcio, docs/oid-info.md: .1.1 is "deprecated" in favour of .1.8.
  return { issuer: issuer ?? oldIssuer, others };
}

const DEPRECATED_ISSUER = 1;
const NO_BYTES = new Uint8Array(0);

/**
 * Text of an extension as a piece of the text of the whole certificate, one character an octet: twenty decodings less. Only for ASCII,
 * bare or in a UTF8String of one length octet that is all there is; undefined for all else, which is for the reader to judge.
 */
function textWithin(
  whole: string | undefined,
  raw: Uint8Array,
  type: FulcioExtensionType,
  value: Uint8Array,
): string | undefined {
  const offset = value.byteOffset - raw.byteOffset;
  const { length } = value;
  if (whole === undefined || value.buffer !== raw.buffer || offset < 0 || offset + length > raw.length)
    return undefined;
  const start = type.encoding === "raw" ? 0 : 2;
  if (start > 0 && (value[0] !== TAG.utf8String || length > 0x81 || value[1] !== length - 2)) return undefined;
  for (let index = start; index < length; index++) if ((value[index] ?? 0) > 0x7f) return undefined;
  return whole.slice(offset + start, offset + length);
}

/** Text of one extension of this type. @throws SigstoreError `certificate-invalid` */
function fulcioExtensionText(type: FulcioExtensionType, value: Uint8Array): string {
  return parsingAs("certificate-invalid", type.what, () => {
    if (type.encoding === "raw") return utf8Decode(value);
    const reader = new DerReader(value);
    const text = reader.utf8String();
    // Fulcio's own reader (pkg/certificate) refuses octets behind the string; readers that did not would see other values.
    reader.end();
    return text;
  });
}

/**
 * The extensions that say `values`, in the order of their numbers; the issuer is written twice (.1 and .8), and what is
 * empty is left out, both as Fulcio does.
 */
export function serializeFulcioExtensions(values: FulcioExtensions): Extension[] {
  const extensions: Extension[] = [];
  for (const { oid, name, encoding } of FULCIO_EXTENSIONS) {
    const text = values[name];
    if (text === undefined || text === "") continue;
    extensions.push({ oid, critical: false, value: encoding === "raw" ? utf8Encode(text) : der.utf8String(text) });
  }
  return extensions;
}

/** The type of a Fulcio extension by object identifier, or undefined. */
export function fulcioExtensionType(oid: string): FulcioExtensionType | undefined {
  return TYPES_BY_OID.get(oid);
}
