/**
 * RSA signatures over a digest (RFC 8017): RSASSA-PKCS1-v1_5 (§8.2, §9.2) and RSASSA-PSS (§8.1, §9.1), around the raw operation.
 *
 * PKCS #1 v1.5 is verified as the RFC says: the one right block is built and compared whole, nothing of a padding is ever parsed. PSS is
 * verified with a salt of the length that is named (certificates, CMS), or of any (Sigstore's registry names none): as Go does by default,
 * whose signers take the longest salt that fits. Signing takes a salt of the hash's length, which every verifier accepts. Leaves out the
 * raw operation: the platform's.
 */
import { concatBytes, equalBytes } from "../encoding/bytes.ts";
import { DIGEST_BYTES, digest, type HashAlgorithmName } from "./digest.ts";

/** RFC 8017 §9.2, note 1: what stands before the digest in DigestInfo (SEQUENCE, algorithm with NULL, OCTET STRING header). */
const DIGEST_INFO_PREFIX: Readonly<Record<HashAlgorithmName, Uint8Array>> = {
  sha256: digestInfoPrefix(0x01, 32),
  sha384: digestInfoPrefix(0x02, 48),
  sha512: digestInfoPrefix(0x03, 64),
};

function digestInfoPrefix(hash: number, length: number): Uint8Array {
  return Uint8Array.of(
    0x30,
    17 + length,
    0x30,
    0x0d,
    0x06,
    0x09,
    0x60,
    0x86,
    0x48,
    0x01,
    0x65,
    0x03,
    0x04,
    0x02,
    hash,
    0x05,
    0x00,
    0x04,
    length,
  );
}

/** Octets before the hash in what PSS hashes, and the octet that ends its block. */
const PSS_PADDING = new Uint8Array(8);
const PSS_TRAILER = 0xbc;

/** RFC 8017 §9.2 EMSA-PKCS1-v1_5: the block of `length` octets, at least 256 here, whose signature vouches for the digest. */
export function pkcs1v15Block(hash: HashAlgorithmName, messageDigest: Uint8Array, length: number): Uint8Array {
  const info = concatBytes(DIGEST_INFO_PREFIX[hash], messageDigest);
  const block = new Uint8Array(length).fill(0xff);
  block[0] = 0x00;
  block[1] = 0x01;
  block[length - info.length - 1] = 0x00;
  block.set(info, length - info.length);
  return block;
}

/**
 * RFC 8017 §9.1.2 EMSA-PSS-VERIFY with MGF1 by the same hash: true when `block`, as many octets as the modulus of `modulusBits` bits,
 * vouches for the digest with a salt of `saltBytes` octets, or of any number where that is undefined.
 */
export function isPssBlock(
  hash: HashAlgorithmName,
  messageDigest: Uint8Array,
  block: Uint8Array,
  modulusBits: number,
  saltBytes: number | undefined,
): boolean {
  const { encoded, unusedBits } = pssEncoded(block, modulusBits);
  // §8.1.2 step 2c: where the encoding is an octet shorter than the modulus, that octet must be zero.
  if (encoded.length < block.length && block[0] !== 0) return false;
  // "If the rightmost octet of EM does not have hexadecimal value 0xbc, output 'inconsistent' and stop."
  if (encoded[encoded.length - 1] !== PSS_TRAILER) return false;
  const maskLength = encoded.length - DIGEST_BYTES[hash] - 1;
  const maskedDataBlock = encoded.subarray(0, maskLength);
  const h = encoded.subarray(maskLength, encoded.length - 1);
  // "If the leftmost 8emLen - emBits bits of the leftmost octet in maskedDB are not all equal to zero, output 'inconsistent'."
  if ((maskedDataBlock[0] ?? 0) >> (8 - unusedBits) !== 0) return false;
  const dataBlock = exclusiveOr(maskedDataBlock, maskGeneration(hash, h, maskLength));
  dataBlock[0] = (dataBlock[0] ?? 0) & (0xff >> unusedBits);
  // PS is zeros, then comes 01, then the salt.
  const separator = dataBlock.findIndex((octet) => octet !== 0);
  if (dataBlock[separator] !== 0x01) return false;
  const salt = dataBlock.subarray(separator + 1);
  if (saltBytes !== undefined && salt.length !== saltBytes) return false;
  return equalBytes(digest(hash, concatBytes(PSS_PADDING, messageDigest, salt)), h);
}

/** RFC 8017 §9.1.1 EMSA-PSS-ENCODE: the block for a modulus of `modulusBits` bits. */
export function pssBlock(
  hash: HashAlgorithmName,
  messageDigest: Uint8Array,
  salt: Uint8Array,
  modulusBits: number,
): Uint8Array {
  const block = new Uint8Array(Math.ceil(modulusBits / 8));
  const { encoded, unusedBits } = pssEncoded(block, modulusBits);
  const h = digest(hash, concatBytes(PSS_PADDING, messageDigest, salt));
  const maskLength = encoded.length - h.length - 1;
  const dataBlock = new Uint8Array(maskLength);
  dataBlock[maskLength - salt.length - 1] = 0x01;
  dataBlock.set(salt, maskLength - salt.length);
  encoded.set(exclusiveOr(dataBlock, maskGeneration(hash, h, maskLength)));
  encoded[0] = (encoded[0] ?? 0) & (0xff >> unusedBits);
  encoded.set(h, maskLength);
  encoded[encoded.length - 1] = PSS_TRAILER;
  return block;
}

/** The encoding inside a block, one bit shorter than the modulus, and how many bits of its first octet it leaves zero. */
function pssEncoded(
  block: Uint8Array,
  modulusBits: number,
): { readonly encoded: Uint8Array; readonly unusedBits: number } {
  const length = Math.ceil((modulusBits - 1) / 8);
  return { encoded: block.subarray(block.length - length), unusedBits: 8 * length - (modulusBits - 1) };
}

/** RFC 8017 B.2.1 MGF1. */
function maskGeneration(hash: HashAlgorithmName, seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(length);
  const counted = concatBytes(seed, new Uint8Array(4));
  for (let counter = 0, offset = 0; offset < length; counter++) {
    // A mask has less than 256 blocks: at most 512 octets are masked.
    counted[counted.length - 1] = counter;
    const block = digest(hash, counted);
    mask.set(block.subarray(0, length - offset), offset);
    offset += block.length;
  }
  return mask;
}

function exclusiveOr(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((octet, index) => octet ^ (right[index] ?? 0));
}
