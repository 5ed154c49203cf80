/**
 * Issuing of timestamps in the virtual Sigstore.
 */
import { DIGEST_OID } from "../authority/algorithm-identifier.ts";
import {
  certificatesFor,
  essHashOf,
  signedAttributes,
  signTimestampToken,
  tstInfoFields,
} from "../authority/timestamp.ts";
import { digest } from "../crypto/digest.ts";
import type { HashAlgorithmName } from "../formats/hash-algorithm.ts";
import { serializeTimestampResponse, serializeTstInfo, type TimestampRequest } from "../formats/rfc3161.ts";
import type { TimestampLies } from "./lie-hooks.ts";
import type { VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";

/** What a timestamp is asked for. */
export interface VirtualTimestampRequest {
  readonly authority: VirtualTimestampAuthority;
  /** The bytes whose digest is stamped. */
  readonly stamped: Uint8Array;
  readonly hash: HashAlgorithmName;
  readonly certificates: "leaf" | "chain" | undefined;
  readonly serialNumber: Uint8Array;
  readonly genTimeMs: number;
  readonly lies: TimestampLies;
}

/** Issues a timestamp: the response, DER. The steps are those of `signTimestamp`, with a lie at each. */
export async function issueVirtualTimestamp(issuing: VirtualTimestampRequest): Promise<Uint8Array> {
  const {
    authority: { authority },
    genTimeMs,
    serialNumber,
    lies,
  } = issuing;
  const request = requestOf(issuing);
  const issuance = {
    serialNumber,
    genTimeMs,
    accuracyMs: 1000,
    ...(issuing.certificates && { certificates: issuing.certificates }),
  };
  const fields = tstInfoFields(authority, request, issuance);
  const tstInfo = serializeTstInfo(lies.tstInfo?.(fields) ?? fields);
  const parts = {
    tstInfo,
    attributes: signedAttributes(authority, tstInfo, genTimeMs, essHashOf(request)),
    certificates: certificatesFor(authority, request, issuance),
  };
  const honestToken = await signTimestampToken(authority, lies.timestampParts?.(parts) ?? parts);
  const response = serializeTimestampResponse({ status: 0, token: lies.timestampToken?.(honestToken) ?? honestToken });
  return lies.timestamp?.(response) ?? response;
}

function requestOf({ stamped, hash, certificates, lies }: VirtualTimestampRequest): TimestampRequest {
  const honest: TimestampRequest = {
    messageImprint: { hashAlgorithm: DIGEST_OID[hash], digest: digest(hash, stamped) },
    certificatesWanted: certificates !== undefined,
    extensions: [],
  };
  return lies.timestampRequest?.(honest) ?? honest;
}
