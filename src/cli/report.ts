/**
 * A verification result for people: first the answer, then who, when, where, and on whose word.
 *
 * The word "verified" stands only where it is true, and in "NOT verified".
 */
import { instances } from "../policy/instances/instances.ts";
import type { KeySigner, CertificateSigner, ResultTrust, VerificationResult } from "../verdict/result.ts";
import { entryAddress } from "./entry-address.ts";
import { isPrintable, printable, shellWord } from "./terminal.ts";
import type { Style } from "./terminal.ts";

const LABEL_WIDTH = 12;

/** A label and what stands beside it; values are printed safely. */
type Row = readonly [label: string, value: string];

/** How a result is shown. */
export interface ReportOptions {
  /** Where the bundle was found. */
  readonly bundlePath: string;
  readonly style: Style;
  /** With all that is known of the trusted root. */
  readonly isExplained: boolean;
}

/** The report of one result. */
export function resultReport(result: VerificationResult, name: string, options: ReportOptions): string {
  const { style } = options;
  const rows = [
    ...failureRows(result),
    ...whoRows(result),
    ...digestRows(result),
    ...evidenceRows(result),
    ...trustRows(result, options.bundlePath),
    ...(options.isExplained ? rootRows(result.trust) : []),
  ];
  const lines = rows.map(([label, value]) => `  ${style.faint(label.padEnd(LABEL_WIDTH))}${printable(value)}`);
  return `${headline(result, printable(name), style)}\n${lines.join("\n")}\n`;
}

/** Every check of `result` in order; one that failed is the last. */
export function checksReport({ checks }: VerificationResult, style: Style): string {
  const marks = { passed: style.good("ok  "), skipped: style.caution("skip"), failed: style.bad("FAIL") };
  return checks
    .map(
      ({ step, outcome, summary, code }) =>
        `  ${marks[outcome]}  ${step.padEnd(LABEL_WIDTH)}${printable(summary)}${code === undefined ? "" : ` [${code}]`}\n`,
    )
    .join("");
}

function headline(result: VerificationResult, name: string, style: Style): string {
  switch (result.verdict) {
    case "verified":
      return `${style.good("verified:")} ${name}`;
    case "sound":
      return `${style.caution("NOT verified:")} ${name}: the signature is sound, but nobody said whom to trust`;
    case "failed":
      return `${style.bad("FAILED:")} ${name}`;
    case "revoked":
      return `${style.bad("REVOKED:")} ${name}: ${printable(result.revocation.reason ?? "its signer or publisher took it back")}`;
  }
}

function failureRows({ failure }: VerificationResult): readonly Row[] {
  if (failure === undefined) return [];
  const hint: readonly Row[] = failure.hint === undefined ? [] : [["what to do", failure.hint]];
  return [["reason", failure.message], ["step", failure.step], ["code", failure.code], ...hint];
}

function whoRows({ signer, statement }: VerificationResult): readonly Row[] {
  const rows = signerRows(signer);
  if (statement === undefined) return rows;
  const others = statement.subjectCount > 1 ? ` and ${statement.subjectCount - 1} more` : "";
  return [...rows, ["statement", `${statement.predicateType} about ${statement.subject}${others}`]];
}

function signerRows(signer: VerificationResult["signer"]): readonly Row[] {
  if (signer === undefined) return [];
  return signer.kind === "key" ? keyRows(signer) : certificateRows(signer);
}

function keyRows({ fingerprintHex, hint }: KeySigner): readonly Row[] {
  return [["signed by", `key sha256:${fingerprintHex}${hint === "" ? "" : ` (hint ${hint})`}`]];
}

function certificateRows({ subject, issuer, extensions }: CertificateSigner): readonly Row[] {
  const { sourceRepositoryUri: source, sourceRepositoryDigest: digest, sourceRepositoryRef: ref } = extensions;
  const revision = [ref, digest].filter((part) => part !== undefined).join(", ");
  const from: readonly Row[] =
    source === undefined ? [] : [["source", revision === "" ? source : `${source} (${revision})`]];
  return [
    ["signed by", subject],
    ["issuer", issuer === "" ? "none: the certificate names nobody who vouched" : issuer],
    ...from,
  ];
}

/** What was judged, by its shortest digest: for whoever wants to compare it by eye. */
function digestRows({ artifact }: VerificationResult): readonly Row[] {
  const { sha256, sha384, sha512 } = artifact.digests;
  if (sha256 !== undefined) return [["digest", `sha256:${sha256}`]];
  if (sha384 !== undefined) return [["digest", `sha384:${sha384}`]];
  return sha512 === undefined ? [] : [["digest", `sha512:${sha512}`]];
}

const TIME_SOURCES = { "timestamp-authority": "timestamp of", "transparency-log": "entry in" } as const;

function evidenceRows({ times, tlogEntries, trust }: VerificationResult): readonly Row[] {
  return [
    ...times.map(({ time, source, origin }): Row => ["signed at", `${time} (${TIME_SOURCES[source]} ${origin})`]),
    ...tlogEntries.flatMap(({ log, logIndex }): readonly Row[] => {
      const address = entryAddress(trust.instance, trust.source, log, logIndex);
      return [
        ["log entry", `${logIndex} in ${log}`],
        ...(address === undefined ? [] : [["look it up", address] as const]),
      ];
    }),
  ];
}

function trustRows({ trust, matchedIdentity }: VerificationResult, bundlePath: string): readonly Row[] {
  const { profile } = trust;
  const matched: readonly Row[] =
    matchedIdentity?.pattern === true ? [["matched", `${matchedIdentity.subject} (${matchedIdentity.issuer})`]] : [];
  const named: readonly Row[] = profile === "default" ? [] : [["profile", profile]];
  return [...matched, ["bundle", bundlePath], ["trust", trustText(trust)], ...named];
}

/** Whose trusted root was used, where it came from and how old it is. */
function trustText({ instance, source, ageDays }: ResultTrust): string {
  const age = ageText(ageDays);
  const title = instances.find((one) => one.instance === instance)?.title;
  if (title !== undefined) return `${title}, built in, ${age}`;
  if (instance.startsWith("custom:")) return `the file ${source}, ${age}`;
  return `your instance ${instance} (${source}), ${age}`;
}

function ageText(days: number | undefined): string {
  if (days === undefined) return "of unknown age";
  if (days < 0) return "newer than this machine's clock, which may be wrong";
  return `${days} ${days === 1 ? "day" : "days"} old`;
}

/** What identifies the trusted root: for bug reports, and for those who want to compare. */
function rootRows({ instance, source, fingerprintHex }: ResultTrust): readonly Row[] {
  return [
    ["instance", instance],
    ["root from", source],
    ["root digest", `sha256:${fingerprintHex}`],
  ];
}

/** The command that trusts the signer of a sound result, or why none is offered. `options` are those already given. */
export function trustAdvice(signer: CertificateSigner, options: readonly string[], target: string): string {
  if (signer.issuer === "") {
    return "without an issuer nobody vouches for this identity: no command is offered to trust it\n";
  }
  if (!isPrintable(signer.subject) || !isPrintable(signer.issuer)) {
    return "this identity holds characters that do not show as what they are: no command is offered to trust it\n";
  }
  const named = [optionWord("identity", signer.subject), optionWord("issuer", signer.issuer)].flat();
  const end = target.startsWith("-") && target !== "-" ? ["--"] : [];
  const words = ["sigstore", "verify", ...options, ...named, ...end, target];
  return `if that is whom you expected, say so:\n  ${words.map(shellWord).join(" ")}\n`;
}

/** An option and its value as words of a command line. */
export function optionWord(name: string, value: string): readonly string[] {
  return value.startsWith("-") && value !== "-" ? [`--${name}=${value}`] : [`--${name}`, value];
}
