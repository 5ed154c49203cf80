/**
 * Which services to ask: selection from a signing config (protobuf-specs sigstore_trustroot.proto, SigningConfig and
 * ServiceConfiguration; sigstore-go pkg/root/signing_config.go).
 *
 * A pure function of the config, the moment and a source of chance. Of the services valid now, those of the highest
 * supported API version count, of each operator the newest; then ANY takes one of them, ALL all, EXACT so many.
 */
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { ServiceEndpoint, ServiceSelection, SigningConfig } from "../formats/signing-config.ts";

/** The services for one signature. */
export interface SelectedServices {
  readonly certificateAuthority: ServiceEndpoint;
  readonly identityProvider: ServiceEndpoint | undefined;
  readonly tlogs: readonly ServiceEndpoint[];
  readonly timestampAuthorities: readonly ServiceEndpoint[];
}

/** On what a selection depends besides the config. */
export interface SelectionConditions {
  readonly nowMs: number;
  /** A number from 0 to below 1, another one each time. */
  readonly random: () => number;
}

/** API versions that our clients speak. A Fulcio of version 1 is the one with addresses under /api/v2/. */
const SUPPORTED = { certificateAuthority: [1], identityProvider: [1], tlog: [2, 1], timestampAuthority: [1] } as const;

/**
 * The services for a keyless signature. An identity provider may be absent, as tokens come from elsewhere too.
 *
 * @throws SigstoreError `signing-service-missing` when none of a kind is valid now in a version we speak, or fewer than EXACT asks
 */
export function selectServices(config: SigningConfig, conditions: SelectionConditions): SelectedServices {
  const [identityProvider] = eligible(config.identityProviders, SUPPORTED.identityProvider, conditions.nowMs);
  const [certificateAuthority] = eligible(
    config.certificateAuthorities,
    SUPPORTED.certificateAuthority,
    conditions.nowMs,
  );
  if (certificateAuthority === undefined)
    throw missing("certificate authority", config.certificateAuthorities, SUPPORTED.certificateAuthority, conditions);
  return { certificateAuthority, identityProvider, ...selectEvidence(config, conditions) };
}

/** The identity provider alone, for a login. @throws SigstoreError `signing-service-missing` */
export function selectIdentityProvider(config: SigningConfig, nowMs: number): ServiceEndpoint {
  const [identityProvider] = eligible(config.identityProviders, SUPPORTED.identityProvider, nowMs);
  if (identityProvider !== undefined) return identityProvider;
  throw missing("identity provider", config.identityProviders, SUPPORTED.identityProvider, { nowMs });
}

/** Logs and timestamp authorities alone: all that a signature with a managed key asks. Errors as `selectServices`. */
export function selectEvidence(
  config: SigningConfig,
  conditions: SelectionConditions,
): Pick<SelectedServices, "tlogs" | "timestampAuthorities"> {
  return {
    tlogs: select("transparency log", config.tlogs, SUPPORTED.tlog, selectionOf(config, "tlogSelection"), conditions),
    timestampAuthorities: select(
      "timestamp authority",
      config.timestampAuthorities,
      SUPPORTED.timestampAuthority,
      selectionOf(config, "timestampSelection"),
      conditions,
    ),
  };
}

/** v0.1 has no selectors: any one of its services will do. */
function selectionOf(
  config: SigningConfig,
  name: "tlogSelection" | "timestampSelection",
): ServiceSelection | undefined {
  return config.version === "0.1" ? { selector: "ANY" } : config[name];
}

function select(
  what: string,
  services: readonly ServiceEndpoint[],
  versions: readonly number[],
  selection: ServiceSelection | undefined,
  conditions: SelectionConditions,
): readonly ServiceEndpoint[] {
  if (services.length === 0) return [];
  // sigstore_trustroot.proto: a selector that is not set is UNDEFINED, and clients MUST NOT guess.
  if (selection === undefined)
    throw new SigstoreError("signing-config-invalid", `expected a selector for the ${what}, got none`);
  const found = eligible(services, versions, conditions.nowMs);
  const needed = selection.selector === "EXACT" ? selection.count : 1;
  if (found.length === 0) throw missing(what, services, versions, conditions);
  if (found.length < needed) throw tooFew(what, needed, found);
  return selection.selector === "ALL" ? found : pick(found, needed, conditions.random);
}

/** The newest service of each operator, newest first, of the highest supported version that has any valid now. */
function eligible(
  services: readonly ServiceEndpoint[],
  versions: readonly number[],
  nowMs: number,
): readonly ServiceEndpoint[] {
  const valid = services.filter((service) => isValid(service, nowMs)).toSorted((a, b) => startOf(b) - startOf(a));
  for (const version of versions) {
    const operators = new Set<string>();
    const newest = valid.filter(({ majorApiVersion, operator }) => {
      if (majorApiVersion !== version || operators.has(operator)) return false;
      operators.add(operator);
      return true;
    });
    if (newest.length > 0) return newest;
  }
  return [];
}

/** Both ends of a range belong to it. */
function isValid({ validFor }: ServiceEndpoint, nowMs: number): boolean {
  return validFor === undefined || (validFor.startMs <= nowMs && nowMs <= (validFor.endMs ?? Number.POSITIVE_INFINITY));
}

function startOf({ validFor }: ServiceEndpoint): number {
  return validFor?.startMs ?? Number.NEGATIVE_INFINITY;
}

/** `count` of `services` by chance, each at most once. */
function pick(services: readonly ServiceEndpoint[], count: number, random: () => number): readonly ServiceEndpoint[] {
  const left = [...services];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}

function missing(
  what: string,
  services: readonly ServiceEndpoint[],
  versions: readonly number[],
  { nowMs }: Pick<SelectionConditions, "nowMs">,
): SigstoreError {
  const listed = services.map(({ url, majorApiVersion, validFor }) => {
    const until = validFor?.endMs === undefined ? "" : `, until ${momentText(validFor.endMs)}`;
    return `${url} (version ${majorApiVersion}${until})`;
  });
  return new SigstoreError(
    "signing-service-missing",
    `expected a ${what} of version ${versions.join(" or ")} that is valid at ${momentText(nowMs)}, got ${listed.join(", ") || "none"}`,
    { hint: "refresh the signing config of the instance, and check the clock of this machine", details: { what } },
  );
}

function tooFew(what: string, needed: number, found: readonly ServiceEndpoint[]): SigstoreError {
  return new SigstoreError(
    "signing-service-missing",
    `expected ${needed} of the service ${what} from distinct operators, got ${found.length}`,
    { hint: "the signing config asks for more services than it lists", details: { what } },
  );
}
