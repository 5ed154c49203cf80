/**
 * Does a changed trusted root under which a bundle still verifies trust the same keys in the same roles? Decided without
 * the parsers under test.
 *
 * What the bundle needs must be there with the same key, and trusted at the times in question. The rest may change.
 */
import type { BundleMeaning } from "./bundle-meaning.ts";
import { Judgement } from "./judgement.ts";
import { at, hexAt, listAt, readPlain, textAt, timeAt, Unreadable } from "./plain.ts";
import { certificateParts, sctsOf } from "./tlv.ts";
import type { CertificateParts } from "./tlv.ts";

interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

/** A log of a trusted root; bytes as hex. */
interface LogMeaning extends Range {
  readonly logId: string;
  readonly key: string;
  readonly keyDetails: string;
  readonly checkpointKey: string;
  readonly label: string;
}

/** An authority of a trusted root. */
interface AuthorityMeaning extends Range {
  readonly certificates: readonly CertificateParts[];
  readonly label: string;
}

/** What a trusted root says. */
export interface RootMeaning {
  readonly mediaType: string;
  readonly tlogs: readonly LogMeaning[];
  readonly ctlogs: readonly LogMeaning[];
  readonly certificateAuthorities: readonly AuthorityMeaning[];
  readonly timestampAuthorities: readonly AuthorityMeaning[];
  /** Everything by which a timestamp may name a certificate of a timestamp authority, as `timestampParts` gives it. */
  readonly timestampSigners: ReadonlySet<string>;
}

/** Reads what a trusted root says. Throws where it cannot be read, in whatever way. */
export function rootMeaning(text: string): RootMeaning {
  const root = readPlain(text);
  const timestampAuthorities = listAt(root, "timestampAuthorities").map(authorityMeaning);
  const signers = timestampAuthorities.flatMap(({ certificates }) =>
    certificates.flatMap((one) => [one.issuer + one.serial, `80${one.keyId}`]),
  );
  return {
    mediaType: textAt(root, "mediaType"),
    tlogs: listAt(root, "tlogs").map(logMeaning),
    ctlogs: listAt(root, "ctlogs").map(logMeaning),
    certificateAuthorities: listAt(root, "certificateAuthorities").map(authorityMeaning),
    timestampAuthorities,
    timestampSigners: new Set(signers),
  };
}

function logMeaning(log: unknown): LogMeaning {
  const logId = hexAt(log, "logId", "keyId") ?? "";
  const keyDetails = at(log, "publicKey", "keyDetails");
  return {
    logId,
    key: hexAt(log, "publicKey", "rawBytes") ?? "",
    keyDetails: typeof keyDetails === "string" ? keyDetails : `number ${JSON.stringify(keyDetails)}`,
    checkpointKey: (hexAt(log, "checkpointKeyId", "keyId") ?? logId).slice(0, 8),
    label: textAt(log, "baseUrl") + textAt(log, "operator"),
    ...rangeOf(at(log, "publicKey", "validFor")),
  };
}

function authorityMeaning(authority: unknown): AuthorityMeaning {
  const label = ["organization", "commonName"].map((name) => textAt(authority, "subject", name));
  return {
    certificates: listAt(authority, "certChain", "certificates").map((one) =>
      readCertificate(hexAt(one, "rawBytes") ?? ""),
    ),
    label: [textAt(authority, "uri"), textAt(authority, "operator"), ...label].join(),
    ...rangeOf(at(authority, "validFor")),
  };
}

/** A certificate that cannot be read names nobody; whether it may stand there is not asked here. */
function readCertificate(raw: string): CertificateParts {
  try {
    return certificateParts(raw);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { raw, issuer: "", serial: "", subject: "", spki: "", extensions: "", keyId: "" };
  }
}

function rangeOf(range: unknown): Range {
  return { startMs: timeAt(range, "start") ?? Number.NaN, endMs: timeAt(range, "end") ?? Number.POSITIVE_INFINITY };
}

/** Compares a changed root under which `bundle` verifies with the root that it was. */
export function compareRoots(original: RootMeaning, mutantText: string, bundle: BundleMeaning): Judgement {
  const judgement = new Judgement();
  try {
    new RootComparison(original, rootMeaning(mutantText), bundle, judgement).run();
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof SyntaxError)) throw error;
    judgement.forbid(`unreadable to the second reader: ${error.message}`);
  }
  return judgement;
}

/** One comparison: which evidence of the bundle the changed root still knows, and whether it is trusted at its time. */
class RootComparison {
  readonly #original: RootMeaning;
  readonly #mutant: RootMeaning;
  readonly #bundle: BundleMeaning;
  readonly #judgement: Judgement;

  constructor(original: RootMeaning, mutant: RootMeaning, bundle: BundleMeaning, judgement: Judgement) {
    this.#original = original;
    this.#mutant = mutant;
    this.#bundle = bundle;
    this.#judgement = judgement;
  }

  run(): void {
    const judgement = this.#judgement;
    const { entries, timestamps, leaf } = this.#bundle;
    const stamped = timestamps
      .filter(({ parts }) => this.#isStampTrusted(parts.signer, parts.genTimeMs))
      .map(({ parts }) => parts.genTimeMs);
    const promised = entries.filter(
      (entry) => entry.promise !== undefined && this.#isLogTrusted(entry.logId, [Number(entry.integratedTime) * 1000]),
    );
    const times = [...stamped, ...promised.map((entry) => Number(entry.integratedTime) * 1000)];
    const live = entries.filter(
      (entry) => promised.includes(entry) || (entry.promise === undefined && this.#isLogTrusted(entry.logId, times)),
    );
    if (live.length === 0) judgement.forbid("no log entry is in a trusted log any more");
    if (leaf !== undefined) this.#compareIssuer(certificateParts(leaf), times);
    if (live.length < entries.length || stamped.length < timestamps.length) judgement.allow("root-less-evidence");
    if (this.#mutant.mediaType !== this.#original.mediaType) judgement.allow("media-type");
    if (judgement.allowed.size === 0) judgement.allow(this.#isAnythingChanged() ? "root-unused-part" : "notation");
  }

  /** True when the changed root holds the log with the same key, trusted at one of `times`, or at none where there are none. */
  #isLogTrusted(logId: string, times: readonly number[]): boolean {
    return this.#findLog(this.#original.tlogs, this.#mutant.tlogs, logId, times);
  }

  #findLog(
    originals: readonly LogMeaning[],
    mutants: readonly LogMeaning[],
    logId: string,
    times: readonly number[],
  ): boolean {
    const known = originals.filter((log) => log.logId === logId);
    const log = mutants.find(
      (one) =>
        one.logId === logId &&
        known.some(({ key }) => key === one.key) &&
        (times.length === 0 || times.some((time) => contains(one, time))),
    );
    if (log === undefined) return false;
    if (!known.some(({ label }) => label === log.label)) this.#judgement.allow("root-label");
    if (!known.some((one) => one.startMs === log.startMs && one.endMs === log.endMs))
      this.#judgement.allow("root-range");
    if (!known.some(({ keyDetails }) => keyDetails === log.keyDetails)) this.#judgement.allow("root-key-details");
    if (!known.some(({ checkpointKey }) => checkpointKey === log.checkpointKey))
      this.#judgement.allow("root-checkpoint-key");
    return true;
  }

  #isStampTrusted(signer: string, genTimeMs: number): boolean {
    const names = (one: CertificateParts): boolean => one.issuer + one.serial === signer || `80${one.keyId}` === signer;
    const known = this.#original.timestampAuthorities.flatMap(({ certificates }) => certificates).filter(names);
    const found = this.#mutant.timestampAuthorities.find(
      (authority) =>
        contains(authority, genTimeMs) &&
        authority.certificates.some((one) => names(one) && known.some(({ spki }) => spki === one.spki)),
    );
    if (found !== undefined) this.#noteAuthority(this.#original.timestampAuthorities, found);
    return found !== undefined;
  }

  #compareIssuer(leaf: CertificateParts, times: readonly number[]): void {
    if (times.length === 0) this.#judgement.forbid("no time is proved by a trusted party any more");
    const isIssuer = (one: CertificateParts): boolean => one.subject === leaf.issuer;
    const keys = this.#original.certificateAuthorities.flatMap(({ certificates }) =>
      certificates.filter(isIssuer).map(({ spki }) => spki),
    );
    const found = this.#mutant.certificateAuthorities.find(
      (authority) =>
        times.every((time) => contains(authority, time)) &&
        authority.certificates.some((one) => isIssuer(one) && keys.includes(one.spki)),
    );
    if (found === undefined) this.#judgement.forbid("the certificate's authority is not trusted at the time any more");
    else this.#noteAuthority(this.#original.certificateAuthorities, found);
    const { ctlogs } = this.#mutant;
    const scts = sctsOf(leaf);
    const live = scts.filter(({ logId, timeMs }) => this.#findLog(this.#original.ctlogs, ctlogs, logId, [timeMs]));
    if (live.length === 0) this.#judgement.forbid("no SCT is of a trusted CT log any more");
    if (live.length < scts.length) this.#judgement.allow("root-less-evidence");
  }

  #noteAuthority(originals: readonly AuthorityMeaning[], found: AuthorityMeaning): void {
    const like = originals.filter(({ certificates }) =>
      certificates.some(({ spki }) => found.certificates.some((one) => one.spki === spki)),
    );
    const isSame = (pick: (one: AuthorityMeaning) => unknown): boolean => like.some((one) => pick(one) === pick(found));
    if (!isSame(({ label }) => label)) this.#judgement.allow("root-label");
    if (!isSame(({ startMs, endMs }) => `${startMs} ${endMs}`)) this.#judgement.allow("root-range");
    if (!isSame(({ certificates }) => certificates.map(({ raw }) => raw).join())) this.#judgement.allow("root-anchor");
  }

  #isAnythingChanged(): boolean {
    return JSON.stringify(this.#original) !== JSON.stringify(this.#mutant);
  }
}

function contains({ startMs, endMs }: Range, timeMs: number): boolean {
  return timeMs >= startMs && timeMs <= endMs;
}
