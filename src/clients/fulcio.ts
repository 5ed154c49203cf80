/**
 * Client of a Fulcio certificate authority, `POST /api/v2/signingCert` (fulcio.proto; fulcio.md 1.1 to 1.4).
 *
 * Sends a certification request and the token as a bearer token, as sigstore-python does; reads the chain with embedded or
 * detached SCT alike: whether there is an SCT is judged by who asked. Leaves out: the v1beta API, trust bundle, configuration.
 */
import { base64Encode } from "../encoding/base64.ts";
import { parsePem, serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { CallOptions, CertificateAuthority, CertificateRequest } from "../sign/ports.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";
import { answerError } from "./http/http-error.ts";
import type { HttpRequest } from "./http/http-request.ts";
import { JsonAnswer } from "./http/json-answer.ts";

/** A certificate authority at `address`, its base address. */
export class FulcioClient implements CertificateAuthority {
  readonly address: string;
  readonly #http: HttpClient;

  constructor(address: string, http: HttpClient) {
    this.address = address;
    this.#http = http;
  }

  /** A certificate for the key of the request; errors as `HttpClient.send`. */
  async requestCertificate(
    { token, certificationRequest }: CertificateRequest,
    { signal }: CallOptions = {},
  ): Promise<readonly Uint8Array[]> {
    const secret = token.reveal();
    const pem = serializePem("CERTIFICATE REQUEST", certificationRequest);
    const request: HttpRequest = {
      service: "certificate authority",
      method: "POST",
      url: addressBelow(this.address, "api/v2/signingCert"),
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ certificateSigningRequest: base64Encode(utf8Encode(pem)) }),
      secrets: [secret],
      maxBytes: LIMITS.serviceAnswerBytes,
      // A second certificate would be recorded in the CT log for ever, and a token may be good only once.
      repeat: "untaken",
      signal,
    };
    const response = await this.#http.send(request).catch((error: unknown) => {
      throw explainTokenRefusal(error, token.issuer);
    });
    return readChain(request, response.bytes);
  }
}

/** The stock Fulcio answers every fault of a token with one sentence; what to look at is told here. Ours says it itself. */
function explainTokenRefusal(error: unknown, issuer: string): unknown {
  if (!isSigstoreError(error, "service-refused") || !/identity token/i.test(error.message)) return error;
  if (error.details["advice"] !== undefined) return error;
  return new SigstoreError(error.code, error.message, {
    hint: `the token is of ${issuer}: does this authority know that issuer, is the token still good, and made for the audience sigstore`,
    details: error.details,
  });
}

function readChain(request: HttpRequest, bytes: Uint8Array): readonly Uint8Array[] {
  const answer = JsonAnswer.parse(request, bytes);
  const signed = answer.find("signedCertificateEmbeddedSct") ?? answer.object("signedCertificateDetachedSct");
  const chain = signed.object("chain");
  const certificates = chain.texts("certificates");
  if (certificates.length === 0 || certificates.length > LIMITS.chainCertificates)
    throw answerError(request, `a chain of 1 to ${LIMITS.chainCertificates} certificates`, `${certificates.length}`);
  return certificates.map((text) => chain.read("certificates", () => onlyCertificate(text)));
}

function onlyCertificate(text: string): Uint8Array {
  const [block, ...others] = parsePem(text);
  if (block === undefined || others.length > 0 || block.label !== "CERTIFICATE")
    throw new SigstoreError("pem-invalid", "expected one certificate in PEM, got something else");
  return block.bytes;
}
