/**
 * Client of a certificate transparency log over HTTP (RFC 6962 §4.1 and §4.2): the submission API that CTFE, static CT logs and ours
 * have alike.
 *
 * The answer is read strictly; whether the log signed it, who asked judges. Leaves out: reading a log.
 */
import { keyIdentifier, type PublicKey } from "../crypto/keys.ts";
import { base64Encode } from "../encoding/base64.ts";
import { ByteReader, equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import type { Sct } from "../formats/sct.ts";
import { LIMITS } from "../limits.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";
import { answerError } from "./http/http-error.ts";
import type { HttpRequest } from "./http/http-request.ts";
import { JsonAnswer } from "./http/json-answer.ts";

/** RFC 5246 §7.4.1.4.1: what RFC 6962 §2.1.4 lets logs sign with. */
const SHA256 = 4;
const SIGNATURES: readonly number[] = [1, 3];

/** A log at its submission prefix. It satisfies the port `CertificateTransparencyLog` of the certificate authority. */
export class CtLogClient {
  readonly address: string;
  readonly publicKey: PublicKey;
  readonly #http: HttpClient;

  /** @param address what stands before `/ct/v1/add-pre-chain` */
  constructor(address: string, publicKey: PublicKey, http: HttpClient) {
    this.address = address;
    this.publicKey = publicKey;
    this.#http = http;
  }

  /** The SCT for a precertificate: `chain` is DER, the precertificate first, its issuer next; errors as `HttpClient.send`. */
  addPrecertificate(chain: readonly Uint8Array[]): Promise<Sct> {
    return this.#add("add-pre-chain", chain);
  }

  /** The SCT for a certificate; as {@link addPrecertificate}. */
  addChain(chain: readonly Uint8Array[]): Promise<Sct> {
    return this.#add("add-chain", chain);
  }

  async #add(endpoint: string, chain: readonly Uint8Array[]): Promise<Sct> {
    const request: HttpRequest = {
      service: "certificate transparency log",
      method: "POST",
      url: addressBelow(this.address, `ct/v1/${endpoint}`),
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ chain: chain.map((one) => base64Encode(one)) }),
      maxBytes: LIMITS.serviceAnswerBytes,
      // RFC 6962 §3: the same certificate again gets the same SCT, or another one of the same entry; neither does harm.
      repeat: "always",
    };
    const { bytes } = await this.#http.send(request);
    return this.#readSct(request, JsonAnswer.parse(request, bytes));
  }

  #readSct(request: HttpRequest, answer: JsonAnswer): Sct {
    if (answer.integer("sct_version") !== 0n) throw answerError(request, "an SCT of version 0 (v1)", "another version");
    const logId = answer.bytes("id");
    if (!equalBytes(logId, keyIdentifier(this.publicKey)))
      throw answerError(
        request,
        `an SCT of the log ${hexEncode(keyIdentifier(this.publicKey))}`,
        `one of ${hexEncode(logId)}`,
      );
    const extensions = answer.findBytes("extensions") ?? new Uint8Array(0);
    if (extensions.length > 0xffff) throw answerError(request, "extensions of at most 65535 bytes", "more");
    const signed = answer.read("signature", () => readSignature(answer.bytes("signature")));
    if (signed.hashAlgorithm !== SHA256 || !SIGNATURES.includes(signed.signatureAlgorithm))
      throw answerError(
        request,
        "a signature of ECDSA or RSA with SHA-256",
        `algorithms ${signed.hashAlgorithm} and ${signed.signatureAlgorithm}`,
      );
    return { version: 0, logId, timestampMs: answer.integer("timestamp"), extensions, ...signed };
  }
}

/** RFC 5246 §4.7: a digitally-signed struct. */
function readSignature(bytes: Uint8Array): Pick<Sct, "hashAlgorithm" | "signatureAlgorithm" | "signature"> {
  const reader = new ByteReader(bytes, "signature");
  const hashAlgorithm = reader.u8();
  const signatureAlgorithm = reader.u8();
  const signature = reader.vector16();
  reader.end();
  return { hashAlgorithm, signatureAlgorithm, signature };
}
