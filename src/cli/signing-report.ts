/**
 * What became of a signing, for people and as JSON: what was written where, who signed, where the record is, and how others
 * verify it.
 */
import type { SigningInstance } from "../compose/instance.ts";
import type { SigningOutcome } from "../compose/sign-artifacts.ts";
import { targetName } from "../compose/verify-artifact.ts";
import { hexEncode } from "../encoding/hex.ts";
import { describeVerified } from "../verdict/describe.ts";
import { API_VERSION } from "../verdict/result.ts";
import type { ResultTime, ResultTlogEntry } from "../verdict/result.ts";
import { entryAddress } from "./entry-address.ts";
import { optionWord } from "./report.ts";
import { printable, shellWord } from "./terminal.ts";
import type { Style } from "./terminal.ts";

/** A signature that was made. */
export type Signed = Extract<SigningOutcome, { readonly kind: "signed" }>;

/** One signature as a document (docs/schemas/signing-result.json). */
export interface SigningResult {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "SigningResult";
  readonly target: string;
  /** Absent where the bundle went to standard output. */
  readonly bundle?: string;
  readonly digest: { readonly sha256: string };
  readonly signer: { readonly issuer: string; readonly subject: string };
  readonly instance: string;
  readonly times: readonly ResultTime[];
  /** `address` opens the entry, where a page for it is known. */
  readonly tlogEntries: readonly (ResultTlogEntry & { readonly address?: string })[];
  /** The words of the command with which others verify it. */
  readonly verifyCommand: readonly string[];
}

/** `signed` as a document. */
export function signingResult(signed: Signed, instance: SigningInstance): SigningResult {
  const { task, bundle, identity, digest } = signed;
  const { times, tlogEntries } = describeVerified(bundle.verified, undefined);
  return {
    apiVersion: API_VERSION,
    kind: "SigningResult",
    target: targetName(task.target),
    ...(task.bundlePath === undefined ? {} : { bundle: task.bundlePath }),
    digest: { sha256: hexEncode(digest) },
    signer: { issuer: identity.issuer, subject: identity.subject },
    instance: instance.name,
    times,
    tlogEntries: tlogEntries.map((entry) => {
      const address = entryAddress(instance.name, instance.address, entry.log, entry.logIndex);
      return address === undefined ? entry : { ...entry, address };
    }),
    verifyCommand: verifyWords(signed, instance),
  };
}

/** The words of the command with which others verify `signed`. */
function verifyWords({ task, identity }: Signed, { verifyOptions }: SigningInstance): readonly string[] {
  const name = targetName(task.target);
  const isBeside = task.bundlePath === `${name}.sigstore.json`;
  const word = task.target.kind === "stream" ? "-" : name;
  const end = word.startsWith("-") && word !== "-" ? ["--"] : [];
  return [
    "sigstore",
    "verify",
    ...verifyOptions,
    ...(isBeside ? [] : ["--bundle", task.bundlePath ?? "BUNDLE"]),
    ...optionWord("identity", identity.subject),
    ...optionWord("issuer", identity.issuer),
    ...end,
    word,
  ];
}

const LABEL_WIDTH = 12;

/** A line of the report of one signature among several; of a lone one the details too. */
export function signedReport(result: SigningResult, style: Style, isAlone: boolean): string {
  const { target, bundle = "standard output", signer, tlogEntries, times } = result;
  const head = `${style.good("signed:")} ${printable(target)}`;
  const entries = tlogEntries.map(({ log, logIndex, address }) => [`${logIndex} in ${log}`, address] as const);
  if (!isAlone) {
    const places = entries.map(([place, address]) => address ?? `log entry ${place}`).join(", ");
    return `${head} → ${printable(bundle)}  ${style.faint(printable(places))}\n`;
  }
  const rows: readonly (readonly [string, string])[] = [
    ["bundle", bundle],
    ["signed by", signer.subject],
    ["issuer", signer.issuer],
    ...times.map(({ time, origin }) => ["signed at", `${time} (${origin})`] as const),
    ...entries.flatMap(([place, address]) => [
      ["log entry", place] as const,
      ...(address === undefined ? [] : [["look it up", address] as const]),
    ]),
  ];
  return `${head}\n${rows.map(([label, value]) => `  ${style.faint(label.padEnd(LABEL_WIDTH))}${printable(value)}\n`).join("")}`;
}

/** How others verify it: what they do once, where they must be told of the instance, and the command. */
export function verifyAdvice({ verifyCommand }: SigningResult, instance: SigningInstance): string {
  const command = `  ${verifyCommand.map(shellWord).join(" ")}\n`;
  const once = trustWords(instance);
  return once === undefined
    ? `others verify it with:\n${command}`
    : `others verify it with, once:\n  ${once}\nand then:\n${command}`;
}

/** Others have no authority of the instance's own making either: they need its file. */
function trustWords({ isOwn, address, trust, caCertificates }: SigningInstance): string | undefined {
  if (!isOwn) return undefined;
  const where = address === undefined ? "FILE" : shellWord(address);
  const authority = caCertificates === undefined ? "" : " --ca-file tls-ca.pem";
  return `sigstore trust use ${where} --fingerprint ${trust.fingerprintHex}${authority}`;
}
