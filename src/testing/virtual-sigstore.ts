/**
 * A whole Sigstore in memory: certificate authority, CT logs, Rekor v1 and v2, timestamp authorities, and the trusted root
 * that makes them known. No network, a fixed clock, keys from a seed.
 *
 * What it signs is made by the functions that the services use. It can lie in any one point (lies.ts). Leaves out: login,
 * HTTP, and everything durable.
 */
import { digest } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { IN_TOTO_PAYLOAD_TYPE, serializeStatement, STATEMENT_TYPE_V1, type Statement } from "../formats/in-toto.ts";
import {
  serializeTrustedRoot,
  TRUSTED_ROOT_MEDIA_TYPES,
  type TrustedRoot,
  type ValidityRange,
} from "../formats/trusted-root.ts";
import { cosignatureSigner } from "../tlog/cosignature.ts";
import type { NoteSigner } from "../tlog/signed-note.ts";
import type { SignedBundle, SigningOptions } from "./signing-options.ts";
import { type ContentToSign, signContent } from "./signing.ts";
import { VirtualKeys } from "./virtual-keys.ts";
import type { VirtualLog } from "./virtual-log.ts";
import { PartyFactory, type VirtualParties } from "./virtual-parties.ts";
import {
  type CompleteOptions,
  DEFAULT_OPTIONS,
  type VirtualSigstoreOptions,
  YEAR_MS,
} from "./virtual-sigstore-options.ts";
import type { VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";

/**
 * Makes a virtual Sigstore: `const sigstore = await createVirtualSigstore({ seed: "docs" })`. Then sign with
 * `await sigstore.signMessage(artifact, { rekor: 1 })`, whose `json` is the bundle, and judge with `sigstore.trustedRootJson`.
 */
export async function createVirtualSigstore(options: VirtualSigstoreOptions = {}): Promise<VirtualSigstore> {
  const complete: CompleteOptions = { ...DEFAULT_OPTIONS, ...options };
  const keys = new VirtualKeys(complete.seed);
  const factory = new PartyFactory(complete, keys);
  const current = await makeParties(factory, complete, "", undefined);
  const retired = complete.hasRotatedKeys
    ? await makeParties(
        factory,
        { ...complete, rekorV1Shards: 1, rekorV2Shards: 1 },
        "old-",
        retiredRange(complete.nowMs),
      )
    : undefined;
  return new VirtualSigstore(complete, keys, factory, current, retired);
}

/** What was in use a year ago: from two years to half a year before now. */
function retiredRange(nowMs: number): ValidityRange {
  return { startMs: nowMs - 2 * YEAR_MS, endMs: nowMs - YEAR_MS / 2 };
}

async function makeParties(
  factory: PartyFactory,
  options: CompleteOptions,
  prefix: string,
  validFor: ValidityRange | undefined,
): Promise<VirtualParties> {
  const party = validFor === undefined ? {} : { validFor };
  const timestampAuthorities: VirtualTimestampAuthority[] = [];
  for (const label of labels(`${prefix}timestamp`, options.timestampAuthorities))
    timestampAuthorities.push(await factory.timestampAuthority(label, party));
  return {
    certificateAuthority: await factory.certificateAuthority(`${prefix}fulcio`, party),
    ctLogs: labels(`${prefix}ctfe`, options.ctLogs).map((label) => factory.ctLog(label, party)),
    rekorV1: labels(`${prefix}rekor`, options.rekorV1Shards).map((label, shard) =>
      factory.log(1, label, {
        ...party,
        treeId: BigInt(shard + 1),
        firstIndex: BigInt(shard * options.earlierEntries),
      }),
    ),
    rekorV2: labels(`${prefix}log2026`, options.rekorV2Shards).map((label) => factory.log(2, label, party)),
    timestampAuthorities,
  };
}

function labels(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}-${index + 1}`));
}

/** A virtual Sigstore; make it with `createVirtualSigstore`. */
export class VirtualSigstore {
  readonly nowMs: number;
  readonly current: VirtualParties;
  /** What was in use a year ago; of `hasRotatedKeys` alone. */
  readonly retired: VirtualParties | undefined;
  readonly keys: VirtualKeys;
  /** Makes further parties, which no trusted root knows unless you put them there. */
  readonly factory: PartyFactory;
  readonly #options: CompleteOptions;
  #signatures = 0;
  #trustedRootJson: string | undefined;

  constructor(
    options: CompleteOptions,
    keys: VirtualKeys,
    factory: PartyFactory,
    current: VirtualParties,
    retired: VirtualParties | undefined,
  ) {
    this.nowMs = options.nowMs;
    this.current = current;
    this.retired = retired;
    this.keys = keys;
    this.factory = factory;
    this.#options = options;
  }

  /** Everything that this instance asks its users to believe, the oldest first. */
  get trustedRoot(): TrustedRoot {
    const all = this.retired === undefined ? [this.current] : [this.retired, this.current];
    return {
      mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.1"],
      tlogs: all.flatMap(({ rekorV1, rekorV2 }) => [...rekorV1, ...rekorV2].map((log) => log.instance)),
      ctlogs: all.flatMap(({ ctLogs }) => ctLogs.map((log) => log.instance)),
      certificateAuthorities: all.map(({ certificateAuthority }) => certificateAuthority.instance),
      timestampAuthorities: all.flatMap(({ timestampAuthorities }) =>
        timestampAuthorities.map(({ instance }) => instance),
      ),
    };
  }

  /** The trusted root as v0.1 JSON. */
  get trustedRootJson(): string {
    this.#trustedRootJson ??= serializeTrustedRoot(this.trustedRoot, "0.1");
    return this.#trustedRootJson;
  }

  /** Signs bytes as they are: a bundle with a message signature. */
  async signMessage(artifact: Uint8Array, options: SigningOptions = {}): Promise<SignedBundle> {
    return this.#sign({ kind: "message", bytes: artifact }, options);
  }

  /** Signs an in-toto statement: a bundle with a DSSE envelope. */
  async signStatement(statement: Statement, options: SigningOptions = {}): Promise<SignedBundle> {
    return this.signPayload(IN_TOTO_PAYLOAD_TYPE, serializeStatement(statement), options);
  }

  /** Signs any payload in a DSSE envelope. */
  async signPayload(payloadType: string, payload: Uint8Array, options: SigningOptions = {}): Promise<SignedBundle> {
    return this.#sign({ kind: "envelope", payloadType, payload }, options);
  }

  /** The log of this version that is in use. */
  activeLog(version: 1 | 2, parties: VirtualParties = this.current): VirtualLog {
    const log = (version === 1 ? parties.rekorV1 : parties.rekorV2).at(-1);
    if (log === undefined) throw new TypeError(`expected a virtual Sigstore with Rekor v${version}, got one without`);
    return log;
  }

  async #sign(content: ContentToSign, options: SigningOptions): Promise<SignedBundle> {
    const { atMs = this.nowMs, parties = this.current, algorithm = "PKIX_ECDSA_P256_SHA_256" } = options;
    this.#signatures += 1;
    const label = options.managedKey === undefined ? `leaf ${this.#signatures}` : `managed ${options.managedKey.hint}`;
    return signContent(
      content,
      {
        keys: this.keys,
        signer: this.keys.signer(label, algorithm),
        certificateAuthority: options.certificateAuthority ?? parties.certificateAuthority,
        ctLogs: options.ctLogs ?? parties.ctLogs,
        logs: options.logs ?? this.#logsFor(options, parties),
        timestampAuthorities: options.timestampAuthorities ?? timestampAuthoritiesFor(options, parties),
        witnesses: this.#witnesses(options.witnesses ?? 0, atMs),
        atMs,
      },
      options,
    );
  }

  #logsFor({ rekor = 2 }: SigningOptions, parties: VirtualParties): readonly VirtualLog[] {
    if (rekor === "none") return [];
    if (rekor === "both") return [this.activeLog(1, parties), this.activeLog(2, parties)];
    return [this.activeLog(rekor, parties)];
  }

  #witnesses(count: number, atMs: number): readonly NoteSigner[] {
    return labels("witness", count).map((label) =>
      cosignatureSigner(
        `${label}.${this.#options.domain}`,
        this.keys.signer(label, "PKIX_ED25519"),
        BigInt(Math.floor(atMs / 1000)),
      ),
    );
  }
}

function timestampAuthoritiesFor(
  options: SigningOptions,
  { timestampAuthorities }: VirtualParties,
): readonly VirtualTimestampAuthority[] {
  const { rekor = 2, hasPromise = true, logs } = options;
  const isPromised =
    hasPromise && (logs === undefined ? rekor === 1 || rekor === "both" : logs.some(({ version }) => version === 1));
  const count = options.timestamps ?? (isPromised ? 0 : 1);
  if (count > timestampAuthorities.length)
    throw new TypeError(`expected ${count} timestamp authorities, got ${timestampAuthorities.length}`);
  return timestampAuthorities.slice(0, count);
}

/** A statement v1 about `artifact`, with its SHA-256. */
export function statementAbout(
  artifact: Uint8Array,
  name = "artifact",
  predicateType = "https://slsa.dev/provenance/v1",
): Statement {
  const digests = new Map([["sha256", hexEncode(digest("sha256", artifact))]]);
  return {
    type: STATEMENT_TYPE_V1,
    subjects: [{ name, digests }],
    predicateType,
    predicate: { buildDefinition: { buildType: "https://example.com/build" } },
  };
}
