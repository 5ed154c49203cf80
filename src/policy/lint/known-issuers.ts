/**
 * Issuers that the public instance accepts tokens from, as far as the lint needs to know them: whether they vouch for
 * people or for machines, and where the addresses of their machines lie (fulcio's identity configuration).
 */

/** An issuer that is known by its address. */
export interface KnownIssuer {
  readonly issuer: string;
  /** People are named by e-mail address, workloads by address (a URI). */
  readonly vouchesFor: "people" | "workloads";
  /** Host of the addresses that its workloads get, where there is but one. */
  readonly subjectHost?: string;
  /** Whether the certificate names another issuer, the one behind this broker. */
  readonly isBroker?: boolean;
  /** Whether longer addresses, such as those of an organisation's own issuer, belong to it. */
  readonly hasBranches?: boolean;
}

const KNOWN_ISSUERS: readonly KnownIssuer[] = [
  {
    issuer: "https://token.actions.githubusercontent.com",
    vouchesFor: "workloads",
    subjectHost: "github.com",
    hasBranches: true,
  },
  { issuer: "https://gitlab.com", vouchesFor: "workloads", subjectHost: "gitlab.com" },
  { issuer: "https://agent.buildkite.com", vouchesFor: "workloads", subjectHost: "buildkite.com" },
  { issuer: "https://oidc.circleci.com", vouchesFor: "workloads", hasBranches: true },
  { issuer: "https://oidc.codefresh.io", vouchesFor: "workloads" },
  { issuer: "https://container.googleapis.com", vouchesFor: "workloads", hasBranches: true },
  { issuer: "https://accounts.google.com", vouchesFor: "people" },
  { issuer: "https://github.com/login/oauth", vouchesFor: "people" },
  { issuer: "https://login.microsoftonline.com", vouchesFor: "people" },
  { issuer: "https://issuer.hello.coop", vouchesFor: "people" },
  { issuer: "https://oauth2.sigstore.dev/auth", vouchesFor: "people", isBroker: true },
  { issuer: "https://oauth2.sigstage.dev/auth", vouchesFor: "people", isBroker: true },
];

/** The known issuer of this address, a trailing slash apart; undefined for any other. */
export function findKnownIssuer(issuer: string): KnownIssuer | undefined {
  const address = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  return KNOWN_ISSUERS.find((known) => {
    return address === known.issuer || (known.hasBranches === true && address.startsWith(`${known.issuer}/`));
  });
}
