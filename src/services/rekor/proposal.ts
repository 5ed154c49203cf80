/**
 * What clients of Rekor v2 propose (rekor-tiles, rekor_service.proto, CreateEntryRequest; hashedrekord.proto,
 * HashedRekordRequestV002): a signature over a digest, with its key or certificate, in proto3 JSON.
 *
 * Read strictly: unknown fields and broken base64 are refused here, missing values and wrong ones by admission.ts. Leaves out:
 * dsse, which Rekor v2 takes no more: an envelope is proposed by the digest of its pre-authentication encoding.
 */
import { parseJson } from "../../encoding/json.ts";
import { KEY_DETAILS_NUMBERS } from "../../formats/key-details.ts";
import { MessageReader, messageFields } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";

/** A proposed hashedrekord as it was sent; nothing in it is checked, and what was not sent is undefined. */
export interface Proposal {
  readonly digest: Uint8Array | undefined;
  readonly signature: Uint8Array | undefined;
  readonly verifier: ProposedVerifier | undefined;
}

/** Key or certificate, DER. */
export interface ProposedVerifier {
  readonly kind: "publicKey" | "x509Certificate";
  readonly rawBytes: Uint8Array | undefined;
  /** Name in PublicKeyDetails. */
  readonly keyDetails: string;
}

const REQUEST = messageFields("hashedRekordRequestV002");
const HASHED_REKORD = messageFields("digest", "signature");
const SIGNATURE = messageFields("content", "verifier");
const VERIFIER = messageFields("publicKey", "x509Certificate", "keyDetails");
const RAW_BYTES = messageFields("rawBytes");

/**
 * The proposal in the body of a request, or undefined when the request has none.
 * @throws SigstoreError `json-invalid`, `input-empty`, `utf8-invalid`, `input-too-large`, `entry-body-invalid`
 */
export function parseProposal(body: Uint8Array): Proposal | undefined {
  const value = parseJson(body, { maxBytes: LIMITS.requestBytes });
  const request = MessageReader.root(value, REQUEST, "entry-body-invalid", "request");
  const proposal = request.message("hashedRekordRequestV002", HASHED_REKORD);
  if (proposal === undefined) return undefined;
  const signature = proposal.message("signature", SIGNATURE);
  const verifier = signature?.message("verifier", VERIFIER);
  return {
    digest: proposal.bytes("digest"),
    signature: signature?.bytes("content"),
    verifier: verifier && readVerifier(verifier),
  };
}

function readVerifier(verifier: MessageReader): ProposedVerifier {
  const kind = verifier.oneOf(["publicKey", "x509Certificate"]) ?? "publicKey";
  return {
    kind,
    rawBytes: verifier.message(kind, RAW_BYTES)?.bytes("rawBytes"),
    keyDetails: verifier.enumeration("keyDetails", KEY_DETAILS_NUMBERS),
  };
}
