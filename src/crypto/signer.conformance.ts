/**
 * What every implementation of the Signer port must do, as cases for any test runner.
 *
 * The signer in memory passes them in signer.test.ts; adapters of key services and hardware run them against theirs.
 */
import { equalBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isAlgorithmOfKey } from "./algorithms.ts";
import { digest } from "./digest.ts";
import type { Signer } from "./signer.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

/** One case: `run` rejects with an Error that says what was expected when the signer does not behave. */
export interface SignerConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const MESSAGE = utf8Encode("what the signer port is asked to sign\n");
const LARGE_MESSAGE_BYTES = 1 << 20;
const CONCURRENT_CALLS = 16;

/** The cases for the signers that `makeSigner` hands out: the same key each time, fresh or shared. */
export function signerConformance(makeSigner: () => Promise<Signer>): readonly SignerConformanceCase[] {
  const withSigner = (name: string, check: (signer: Signer) => Promise<void>): SignerConformanceCase => ({
    name,
    run: async () => check(await makeSigner()),
  });
  return [
    withSigner("its algorithm is one of its key", async ({ algorithm, publicKey }) => {
      expect(
        isAlgorithmOfKey(algorithm, publicKey),
        `an algorithm of a ${publicKey.keyType} key, got ${algorithm.name}`,
      );
    }),
    withSigner("its key stays the same", async ({ publicKey }) => {
      expect(equalBytes(publicKey.spki, (await makeSigner()).publicKey.spki), "the same public key from every signer");
    }),
    withSigner("a signature over a message verifies", async (signer) => signsMessage(signer, MESSAGE)),
    withSigner("a signature over an empty message verifies", async (signer) => signsMessage(signer, new Uint8Array(0))),
    withSigner("a signature over a large message verifies", async (signer) =>
      signsMessage(signer, new Uint8Array(LARGE_MESSAGE_BYTES).fill(7)),
    ),
    withSigner("a part of a larger buffer is signed alone", async (signer) =>
      signsMessage(signer, MESSAGE.subarray(3, 9)),
    ),
    withSigner("a signature is for its message alone", async (signer) => {
      const signature = await signer.sign(MESSAGE);
      expect(
        !verifySignature(signer.publicKey, signer.algorithm, MESSAGE.subarray(1), signature),
        "no signature over another message",
      );
    }),
    withSigner("calls may run at once", async (signer) => {
      const messages = Array.from({ length: CONCURRENT_CALLS }, (_, index) => utf8Encode(`message ${index}`));
      await Promise.all(messages.map(async (message) => signsMessage(signer, message)));
    }),
    withSigner("a digest is signed where the algorithm has one, and only there", signsDigest),
    withSigner("a digest of another length is refused", refusesOtherDigest),
  ];
}

async function signsMessage(signer: Signer, message: Uint8Array): Promise<void> {
  const before = message.slice();
  const signature = await signer.sign(message);
  expect(equalBytes(message, before), "the message left as it was");
  expect(verifySignature(signer.publicKey, signer.algorithm, message, signature), "a signature that verifies");
}

async function signsDigest(signer: Signer): Promise<void> {
  const { algorithm, publicKey } = signer;
  expect(
    (signer.signDigest === undefined) === (algorithm.hash === undefined),
    "signDigest exactly where the algorithm has a hash",
  );
  if (algorithm.hash === undefined || signer.signDigest === undefined) return;
  const messageDigest = digest(algorithm.hash, MESSAGE);
  const signature = await signer.signDigest(messageDigest);
  expect(
    verifySignature(publicKey, algorithm, MESSAGE, signature),
    "a signature over the digest that verifies over the message",
  );
  expect(
    verifyDigestSignature(publicKey, algorithm, messageDigest, signature),
    "a signature over the digest that verifies over the digest",
  );
}

async function refusesOtherDigest(signer: Signer): Promise<void> {
  if (signer.signDigest === undefined) return;
  let refusal: unknown;
  try {
    await signer.signDigest(new Uint8Array(20));
  } catch (error) {
    refusal = error;
  }
  expect(refusal instanceof TypeError, "a TypeError for a digest of 20 octets");
}

function expect(condition: boolean, expected: string): void {
  if (!condition) throw new Error(`expected ${expected}`);
}
