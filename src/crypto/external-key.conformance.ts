/**
 * What every implementation of the ExternalKey port must do, as cases for any test runner.
 *
 * The key in memory passes them in external-key.test.ts; adapters of key services, PKCS #11 and clusters run them against theirs.
 */
import { equalBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isAlgorithmOfKey, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from "./algorithms.ts";
import { digest } from "./digest.ts";
import { type ExternalKey, isMessageAlgorithm, signerOfExternalKey } from "./external-key.ts";
import { signerConformance, type SignerConformanceCase } from "./signer.conformance.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

const MESSAGE = utf8Encode("what the key is asked to sign\n");
const CONCURRENT_CALLS = 8;

/** The cases for the keys that `makeKey` hands out: the same key each time, fresh or shared. */
export function externalKeyConformance(makeKey: () => Promise<ExternalKey>): readonly SignerConformanceCase[] {
  const withKey = (name: string, check: (key: ExternalKey) => Promise<void>): SignerConformanceCase => ({
    name,
    run: async () => check(await makeKey()),
  });
  return [
    withKey("it names algorithms, each once, all of its key", async (key) => namesAlgorithms(key)),
    withKey("its key and its algorithms stay the same", async (key) => staysTheSame(key, await makeKey())),
    withKey("it signs messages exactly where an algorithm has no hash", async (key) => {
      const isNeeded = key.algorithms.some((algorithm) => isMessageAlgorithm(algorithm));
      expect((key.signMessage !== undefined) === isNeeded, "signMessage exactly where an algorithm signs no digest");
    }),
    withKey("its signatures verify, by every algorithm that it names", async (key) => {
      for (const algorithm of key.algorithms) await signs(key, algorithm, MESSAGE);
    }),
    withKey("digests and messages are left as they were", leavesBytes),
    withKey("a part of a larger buffer is signed alone", async (key) => {
      for (const algorithm of key.algorithms) await signs(key, algorithm, MESSAGE.subarray(3, 9));
    }),
    withKey("calls may run at once", async (key) => {
      const calls = Array.from({ length: CONCURRENT_CALLS }, (_, index) => utf8Encode(`message ${index}`));
      await Promise.all(
        key.algorithms.flatMap((algorithm) => calls.map(async (message) => signs(key, algorithm, message))),
      );
    }),
    withKey("an algorithm that it does not name is refused", refusesOthers),
    withKey("a digest of another length is refused", refusesOtherDigest),
    ...signerCases(makeKey),
  ];
}

/** Whatever a Signer must do, a signer of this key must do by every algorithm. */
function signerCases(makeKey: () => Promise<ExternalKey>): readonly SignerConformanceCase[] {
  const casesOf = (algorithm: SignatureAlgorithm | undefined): readonly SignerConformanceCase[] =>
    signerConformance(async () => signerOfExternalKey(await makeKey(), algorithm));
  return casesOf(undefined).map(({ name }, index) => ({
    name: `as a signer by each algorithm: ${name}`,
    run: async () => {
      for (const algorithm of (await makeKey()).algorithms) await casesOf(algorithm)[index]?.run();
    },
  }));
}

function namesAlgorithms({ algorithms, publicKey }: ExternalKey): void {
  expect(algorithms.length > 0, "at least one algorithm");
  expect(new Set(algorithms.map(({ name }) => name)).size === algorithms.length, "each algorithm once");
  for (const algorithm of algorithms)
    expect(isAlgorithmOfKey(algorithm, publicKey), `algorithms of a ${publicKey.keyType} key, got ${algorithm.name}`);
}

function staysTheSame(first: ExternalKey, second: ExternalKey): void {
  expect(equalBytes(first.publicKey.spki, second.publicKey.spki), "the same public key each time");
  const names = [first, second].map(({ algorithms }) => algorithms.map(({ name }) => name).join(", "));
  expect(names[0] === names[1], "the same algorithms each time");
}

async function signs(key: ExternalKey, algorithm: SignatureAlgorithm, message: Uint8Array): Promise<void> {
  const signature = await signatureOf(key, algorithm, message);
  expect(
    verifySignature(key.publicKey, algorithm, message, signature),
    `a signature by ${algorithm.name} that verifies`,
  );
  expect(
    !verifySignature(key.publicKey, algorithm, message.subarray(1), signature),
    `no signature by ${algorithm.name} over another message`,
  );
  if (isMessageAlgorithm(algorithm)) return;
  const messageDigest = digest(algorithm.hash, message);
  expect(
    verifyDigestSignature(key.publicKey, algorithm, messageDigest, signature),
    `a signature by ${algorithm.name} that verifies over the digest`,
  );
}

async function signatureOf(key: ExternalKey, algorithm: SignatureAlgorithm, message: Uint8Array): Promise<Uint8Array> {
  if (!isMessageAlgorithm(algorithm)) return key.signDigest(algorithm, digest(algorithm.hash, message));
  expect(key.signMessage !== undefined, `signMessage for ${algorithm.name}`);
  return (await key.signMessage?.(algorithm, message)) ?? new Uint8Array(0);
}

async function leavesBytes(key: ExternalKey): Promise<void> {
  for (const algorithm of key.algorithms) {
    const octets = isMessageAlgorithm(algorithm) ? MESSAGE.slice() : digest(algorithm.hash, MESSAGE);
    const before = octets.slice();
    await (isMessageAlgorithm(algorithm) ? key.signMessage?.(algorithm, octets) : key.signDigest(algorithm, octets));
    expect(equalBytes(octets, before), "what is signed left as it was");
  }
}

async function refusesOthers(key: ExternalKey): Promise<void> {
  const others = SIGNATURE_ALGORITHMS.filter(({ keyType }) => keyType !== key.publicKey.keyType);
  for (const algorithm of others) {
    if (isMessageAlgorithm(algorithm)) continue;
    await expectTypeError(key.signDigest(algorithm, digest(algorithm.hash, MESSAGE)), algorithm.name);
  }
}

async function refusesOtherDigest(key: ExternalKey): Promise<void> {
  for (const algorithm of key.algorithms) {
    if (isMessageAlgorithm(algorithm)) continue;
    await expectTypeError(key.signDigest(algorithm, new Uint8Array(20)), "a digest of 20 octets");
  }
}

async function expectTypeError(call: Promise<unknown>, what: string): Promise<void> {
  let refusal: unknown;
  try {
    await call;
  } catch (error) {
    refusal = error;
  }
  expect(refusal instanceof TypeError, `a TypeError for ${what}`);
}

function expect(condition: boolean, expected: string): void {
  if (!condition) throw new Error(`expected ${expected}`);
}
