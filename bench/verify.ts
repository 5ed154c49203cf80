/**
 * `verify/<kind>`: bundles verified per CPU second in one process, from the bytes of the file to the `VerificationResult`.
 *
 * The trusted root is loaded once, as a service would; nothing else can be remembered, since the bundles are a thousand
 * different ones. Beside us the floor and the packages of sigstore-js, in turn.
 */
import { exactIdentity, loadTrust, verify } from "../src/index.ts";
import { CORPUS_SIZE, makeCorpus } from "./corpus.ts";
import type { BundleKind, Corpus, Specimen } from "./corpus.ts";
import { spreadOf } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { recordOperations, runOperations } from "./floor.ts";
import { perCpuSecond, ratioOf, runRounds, valuesOf } from "./rounds.ts";
import type { Contestant } from "./rounds.ts";
import { loadSigstoreVerify } from "./sigstore-verify.ts";

const ROUNDS = 32;
/** A tenth of a second each, more or less: short against the changes of the machine's speed. */
const BUNDLES_A_ROUND = 64;
const PEER_BUNDLES_A_ROUND = 8;
const WARM_UP = 3000;
const PEER_WARM_UP = 60;

const UNIT = "bundles/CPU s";
const FLOOR = "floor";
const SIGSTORE_VERIFY = "@sigstore/verify 4.1.3";

/** Measures one kind of bundles. */
export async function measureVerify(kind: BundleKind): Promise<readonly Figure[]> {
  const corpus = await makeCorpus(kind);
  const ours = loadOurs(corpus);
  const theirs = loadSigstoreVerify(corpus);
  const specimenAt = (index: number): Specimen => elementAt(corpus.specimens, index);
  // The first verification learns what belongs to the trusted root; it is not written down.
  ours(specimenAt(0));
  const operations = recordOperations(kind, CORPUS_SIZE, (index) => ours(specimenAt(index)));
  const runFloor = (index: number): void => runOperations(elementAt(operations, index));
  const runOurs = (index: number): void => ours(specimenAt(index));
  const runTheirs = (index: number): void => theirs(specimenAt(index));
  perCpuSecond(0, WARM_UP, runFloor);
  perCpuSecond(0, WARM_UP, runOurs);
  perCpuSecond(0, PEER_WARM_UP, runTheirs);
  const name = `verify/${kind}`;
  const measurements = runRounds(
    [
      contestant(FLOOR, BUNDLES_A_ROUND, runFloor),
      contestant(name, BUNDLES_A_ROUND, runOurs),
      contestant(SIGSTORE_VERIFY, PEER_BUNDLES_A_ROUND, runTheirs),
    ],
    ROUNDS,
  );
  return [
    { peer: FLOOR, required: { atLeast: 0.8 } },
    { peer: SIGSTORE_VERIFY, required: { atLeast: 5.5 } },
  ].map(({ peer, required }) => ({
    name,
    unit: UNIT,
    value: spreadOf(valuesOf(measurements, name)),
    peer,
    peerValue: spreadOf(valuesOf(measurements, peer)),
    ratio: ratioOf(measurements, name, peer),
    required,
  }));
}

/** The public function on bytes; throws where the answer is anything but a yes. */
function loadOurs({ trustedRootJson, issuer, subject, nowMs }: Corpus): (specimen: Specimen) => void {
  const trust = loadTrust({ trustedRoot: trustedRootJson, source: "bench" });
  const identities = [exactIdentity(issuer, subject)];
  return ({ json, artifact }) => {
    const result = verify({ bundle: json, artifact: { kind: "bytes", bytes: artifact }, trust, identities, nowMs });
    if (result.verdict !== "verified")
      throw new Error(`expected a yes, got ${result.verdict}: ${result.failure?.message}`);
  };
}

function contestant(name: string, count: number, run: (index: number) => void): Contestant {
  return {
    name,
    measure: (round) => perCpuSecond(round * count, count, run),
  };
}

function elementAt<Element>(elements: readonly Element[], index: number): Element {
  const element = elements[index % elements.length];
  if (element === undefined) throw new Error("expected something to measure, got nothing");
  return element;
}
