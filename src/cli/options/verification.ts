/**
 * The options of `verify`, and what they ask of the verdict.
 */
import { parseRfc3339 } from "../../encoding/time.ts";
import { isSigstoreError } from "../../errors.ts";
import { exactIdentity, patternIdentity } from "../../policy/identity.ts";
import type { IdentityExpectation } from "../../policy/identity.ts";
import { findProfile, PROFILE_NAMES } from "../../policy/profile.ts";
import type { ProfileName } from "../../policy/profile.ts";
import type { Requirements } from "../../verify/requirements.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import { usageError } from "./parse.ts";

/** Names of `--require`, and the requirement each raises. */
const REQUIREMENT_NAMES: Readonly<Record<string, keyof Requirements>> = {
  times: "times",
  timestamps: "signedTimestamps",
  "integrated-times": "integratedTimes",
  tlog: "tlogEntries",
  scts: "scts",
};

/** The instances whose trusted roots are built in. */
export const INSTANCE_CHOICES = ["public", "staging", "github"] as const;

/** The options of `verify`. */
export const VERIFICATION_OPTIONS: readonly OptionSpec[] = [
  { name: "identity", value: "SUBJECT", repeatable: true, summary: "who must have signed: e-mail address or URI" },
  { name: "identity-pattern", value: "RE2", repeatable: true, summary: "the same as a pattern of the whole subject" },
  { name: "issuer", value: "URL", summary: "the OIDC issuer that vouches for the identity" },
  { name: "key", value: "FILE", valueKind: "file", summary: "public key (PEM), for what was signed with a key" },
  { name: "bundle", value: "FILE", valueKind: "file", summary: "the bundle, if it is not beside the file; or -" },
  { name: "trusted-root", value: "FILE", valueKind: "file", summary: "whose logs and authorities count" },
  { name: "instance", value: "NAME", choices: INSTANCE_CHOICES, summary: "a built-in trusted root" },
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
    ...patterns.map((pattern) => patternIdentity(issuer, pattern)),
  ];
}

function readRequirements(text: string, base: Requirements): Partial<Requirements> {
  const raised: Partial<Record<keyof Requirements, number>> = {};
  for (const part of text.split(",")) {
    const [name = "", number = ""] = part.split(/=(.*)/su);
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
    throw usageError(`expected an RFC 3339 time after --at, got ${text}`, "for example: --at 2026-03-19T17:26:26Z");
  }
}
