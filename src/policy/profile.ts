/**
 * Profiles: named sets of requirements. A trusted root that lacks logs or authorities never lowers what is asked; only a
 * profile that the user named does, and it is bound to certificate authorities by fingerprint, never to a host name.
 */
import { sha256 } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import { DEFAULT_REQUIREMENTS } from "../verify/requirements.ts";
import type { Requirements } from "../verify/requirements.ts";
import type { VerifiedBundle } from "../verify/verify-bundle.ts";
import { GITHUB_CERTIFICATE_AUTHORITIES } from "./instances/github.ts";

/** A named set of requirements. */
export interface Profile {
  readonly name: ProfileName;
  readonly requirements: Requirements;
  /** SHA-256 (hex) of the certificate authorities to which the profile is bound; absent: any authority of the trusted root. */
  readonly authorities?: readonly string[];
}

/** The profiles that exist. */
export type ProfileName = "default" | "github";

const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  default: { name: "default", requirements: DEFAULT_REQUIREMENTS },
  // GitHub's private instance has no transparency log and no CT log: a timestamp of its own authority is the evidence.
  github: {
    name: "github",
    requirements: { tlogEntries: 0, scts: 0, signedTimestamps: 1, integratedTimes: 0, times: 1 },
    authorities: GITHUB_CERTIFICATE_AUTHORITIES,
  },
};

/** The names of all profiles. */
export const PROFILE_NAMES: readonly ProfileName[] = ["default", "github"];

/** The profile of this name; throws `TypeError` for one that does not exist. */
export function findProfile(name: ProfileName): Profile {
  if (!PROFILE_NAMES.includes(name))
    throw new TypeError(`expected a profile (${PROFILE_NAMES.join(", ")}), got another`);
  return PROFILES[name];
}

/** Throws `profile-mismatch` when `verified` was not signed under one of the authorities that `profile` is bound to. */
export function checkProfile(profile: Profile, verified: VerifiedBundle): void {
  if (profile.authorities === undefined) return;
  if (verified.signer.kind === "certificate") {
    // Every link of the path was verified: one certificate of it that is listed vouches for what is below.
    const { path } = verified.signer.certificate;
    const { authorities } = profile;
    if (path.some(({ certificate }) => authorities.includes(hexEncode(sha256(certificate.raw))))) return;
  }
  throw new SigstoreError(
    "profile-mismatch",
    `expected a certificate of an authority that the profile ${profile.name} is bound to, got another signer`,
    {
      hint: "leave the profile out, or use the trusted root of that instance",
    },
  );
}
