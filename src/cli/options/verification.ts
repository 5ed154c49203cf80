/**
 * The options of `verify`, and what they ask of the verdict.
 */
import { formatRfc3339, parseRfc3339 } from "../../encoding/time.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { exactIdentity, patternIdentity } from "../../policy/identity.ts";
import type { IdentityExpectation } from "../../policy/identity.ts";
import { findProfile, PROFILE_NAMES } from "../../policy/profile.ts";
import type { ProfileName } from "../../policy/profile.ts";
import type { Requirements } from "../../verify/requirements.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import { shellWord } from "../terminal.ts";
import { INSTANCE_OPTION, TRUST_CONFIG_OPTION, TRUSTED_ROOT_OPTION } from "./instance.ts";
import { usageError } from "./parse.ts";

/** Names of `--require`, and the requirement each raises. */
const REQUIREMENT_NAMES: Readonly<Record<string, keyof Requirements>> = {
  times: "times",
  timestamps: "signedTimestamps",
  "integrated-times": "integratedTimes",
  tlog: "tlogEntries",
  scts: "scts",
};

/** The options of `verify`. */
export const VERIFICATION_OPTIONS: readonly OptionSpec[] = [
  { name: "identity", value: "SUBJECT", repeatable: true, summary: "who must have signed: e-mail address or URI" },
  { name: "identity-pattern", value: "RE2", repeatable: true, summary: "the same as a pattern of the whole subject" },
  { name: "issuer", value: "URL", summary: "the OIDC issuer that vouches for the identity" },
  { name: "key", value: "FILE", valueKind: "file", summary: "public key (PEM), for what was signed with a key" },
  { name: "bundle", value: "FILE", valueKind: "file", summary: "the bundle, if it is not beside the file; or -" },
  INSTANCE_OPTION,
  TRUSTED_ROOT_OPTION,
  TRUST_CONFIG_OPTION,
  { name: "profile", value: "NAME", choices: PROFILE_NAMES, summary: "what evidence is asked for" },
  { name: "require", value: "NAME=N,…", summary: `more: ${Object.keys(REQUIREMENT_NAMES).join(", ")}` },
  { name: "at", value: "TIME", summary: "refuse evidence later than this RFC 3339 time" },
  { name: "explain", summary: "print every check that was made" },
  { name: "offline", summary: "accepted: verifying never uses the network here" },
];

/** What the options ask of every verdict of this run. */
export interface VerificationWish {
  readonly identities?: readonly IdentityExpectation[];
  readonly profile?: ProfileName;
  readonly require?: Partial<Requirements>;
  readonly latestTimeMs?: number;
}

/**
 * Reads the options that need no file.
 *
 * @throws SigstoreError `usage`, `pattern-unsupported`
 */
export function readVerificationWish(request: ParsedArguments): VerificationWish {
  const identities = readIdentities(request);
  const profile = PROFILE_NAMES.find((name) => name === request.value("profile"));
  const requirements = request.value("require");
  const latest = request.value("at");
  return {
    ...(identities.length === 0 ? {} : { identities }),
    ...(profile === undefined ? {} : { profile }),
    ...(requirements === undefined
      ? {}
      : { require: readRequirements(requirements, findProfile(profile ?? "default").requirements) }),
    ...(latest === undefined ? {} : { latestTimeMs: readTime(latest) }),
  };
}

/** One issuer, any of several subjects. An identity without issuer says nothing: every issuer vouches for names of its own. */
function readIdentities(request: ParsedArguments): readonly IdentityExpectation[] {
  const subjects = request.values("identity");
  const patterns = request.values("identity-pattern");
  const issuer = request.value("issuer");
  const isNamed = subjects.length + patterns.length > 0;
  for (const subject of subjects) refuseSpace("identity", subject);
  for (const pattern of patterns) refuseSpace("identity-pattern", pattern);
  if (issuer !== undefined) refuseNoAddress(issuer);
  if (request.flag("key") && (isNamed || issuer !== undefined)) {
    throw usageError(
      "expected --key or an identity, got both",
      "what was signed with a key carries no identity: leave one of them out",
    );
  }
  if (!isNamed && issuer === undefined) return [];
  if (issuer === undefined) {
    throw usageError(
      "expected --issuer beside the identity, got none",
      "run without an identity first: it says who signed and through which issuer",
    );
  }
  if (!isNamed) {
    throw usageError(
      "expected --identity beside the issuer, got none",
      "an issuer vouches for everybody who has an account there: say who must have signed",
    );
  }
  return [
    ...subjects.map((subject) => exactIdentity(issuer, subject)),
    ...patterns.map((pattern) => readPattern(issuer, pattern)),
  ];
}

/** Of several patterns, says which is wrong. */
function readPattern(issuer: string, pattern: string): IdentityExpectation {
  try {
    return patternIdentity(issuer, pattern);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    const { code, message, hint, details } = error;
    throw new SigstoreError(code, `--identity-pattern ${pattern}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      details,
      cause: error,
    });
  }
}

/** A space at the end comes with copying, and is hard to see in what does not match. */
function refuseSpace(option: string, value: string): void {
  if (value.trim() === value) return;
  throw usageError(
    `expected no space around the value of --${option}, got ${JSON.stringify(value)}`,
    `write --${option} ${shellWord(value.trim())}`,
  );
}

/** Certificates name an issuer by its address (OpenID Connect Core 1.0, section 2: "iss … is a case-sensitive URL"). */
function refuseNoAddress(issuer: string): void {
  refuseSpace("issuer", issuer);
  if (/^[a-z][a-z0-9+.-]*:\/\/./iu.test(issuer)) return;
  throw usageError(
    `expected a URL after --issuer, got ${issuer}`,
    /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[:/].*)?$/iu.test(issuer)
      ? `write --issuer ${shellWord(`https://${issuer}`)}`
      : "for example: --issuer https://accounts.google.com; patterns are for subjects only",
  );
}

function readRequirements(text: string, base: Requirements): Partial<Requirements> {
  const raised: Partial<Record<keyof Requirements, number>> = {};
  for (const part of text.split(",")) {
    const [name = "", number = ""] = part.trim().split(/=(.*)/su);
    const requirement = Object.hasOwn(REQUIREMENT_NAMES, name) ? REQUIREMENT_NAMES[name] : undefined;
    if (requirement === undefined)
      throw usageError(
        `expected one of ${Object.keys(REQUIREMENT_NAMES).join(", ")} in --require, got ${name === "" ? "nothing" : name}`,
      );
    if (raised[requirement] !== undefined) throw usageError(`expected ${name} once in --require, got it twice`);
    raised[requirement] = raisedNumber(name, number, base[requirement]);
  }
  return raised;
}

function raisedNumber(name: string, text: string, base: number): number {
  if (!/^[0-9]{1,2}$/u.test(text))
    throw usageError(`expected a number up to 99 after ${name}= in --require, got ${text === "" ? "nothing" : text}`);
  const number = Number(text);
  if (number >= base) return number;
  throw usageError(
    `expected at least ${base} after ${name}= in --require, got ${number}`,
    "--require only raises what is asked for; only a --profile asks for less",
  );
}

function readTime(text: string): number {
  try {
    return parseRfc3339(text);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw usageError(`expected an RFC 3339 time after --at, got ${text}`, `for example: --at ${meantTime(text)}`);
  }
}

/** A date, a time without zone or with a space, seconds since 1970: what was probably meant, as it must be written. */
function meantTime(text: string): string {
  const isSeconds = /^[0-9]{9,10}$/u.test(text);
  const candidates = isSeconds
    ? [formatRfc3339(Number(text) * 1000)]
    : [`${text}T23:59:59Z`, `${text.replace(" ", "T")}Z`, text.replace(" ", "T").toUpperCase()];
  return candidates.find(isTime) ?? "2026-03-19T17:26:26Z";
}

function isTime(text: string): boolean {
  try {
    parseRfc3339(text);
    return true;
  } catch (error) {
    if (isSigstoreError(error)) return false;
    throw error;
  }
}
