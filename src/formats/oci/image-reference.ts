/**
 * Names of images as Docker reads them (distribution/reference, "Grammar"; OCI distribution specification 1.1, "Pulling manifests").
 *
 * What stands before the first slash is a registry when it has a dot or a port or is localhost; otherwise the registry is
 * docker.io, where a name without a slash lies below `library/`.
 */
import { SigstoreError } from "../../errors.ts";
import { isOciDigest } from "./digest.ts";
import type { OciDigest } from "./digest.ts";

/** A repository of a registry. */
export interface RepositoryName {
  /** Host and port as they are asked: `index.docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Below it: `library/alpine`. */
  readonly repository: string;
}

/** One image of a repository. With a digest the tag is only what a person called it. */
export interface ImageReference extends RepositoryName {
  readonly tag: string | undefined;
  readonly digest: OciDigest | undefined;
}

/** The registry that names without a registry mean. */
export const DOCKER_HUB = "index.docker.io";
const DEFAULT_TAG = "latest";
/** distribution/reference: "the total length of the repository name" with its host. */
const MOST_CHARACTERS = 255;

const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const REGISTRY = new RegExp(
  String.raw`^(?<host>${LABEL}(?:\.${LABEL})*|\[[0-9A-Fa-f:.]{2,45}\])(?::(?<port>\d{1,5}))?$`,
);

/** The image that `text` names; without tag and digest, the tag `latest`. @throws SigstoreError `image-reference-invalid` */
export function parseImageReference(text: string): ImageReference {
  const [named, digestText, ...more] = text.split("@");
  if (named === undefined || named === "" || more.length > 0) throw invalid(text, "a name with at most one @");
  const digest = digestText === undefined ? undefined : digestIn(text, digestText);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  // Without a slash all that is there is a name: "localhost:5000" is the tag 5000, as Docker reads it.
  const name = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag))
    throw invalid(text, "a tag of letters, digits, dots, dashes and underscores");
  const isBare = tag === undefined && digest === undefined;
  return { ...splitName(text, name), tag: isBare ? DEFAULT_TAG : tag, digest };
}

/** The repository that `text` names. @throws SigstoreError `image-reference-invalid`, also for a name with a tag or digest */
export function parseRepositoryName(text: string): RepositoryName {
  return splitName(text, text);
}

/** Host and port of a registry that stands alone, as in `login`. @throws SigstoreError `image-reference-invalid` */
export function parseRegistryName(text: string): string {
  const name = text.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
  if (!isRegistry(name)) throw invalid(text, "the host of a registry, such as ghcr.io or localhost:5000");
  return canonicalRegistry(name);
}

/** The reference in full: registry, repository, tag and digest. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${formatRepositoryName(reference)}${tag}${digest}`;
}

/** The repository in full. */
export function formatRepositoryName({ registry, repository }: RepositoryName): string {
  return `${registry}/${repository}`;
}

function splitName(text: string, name: string): RepositoryName {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  // Docker takes any capital letter for a host's, too; written in lower case that would be another image, so it is no name here.
  const hasRegistry = /[.:]/.test(first) || first.toLowerCase() === "localhost";
  const registry = hasRegistry ? canonicalRegistry(first) : DOCKER_HUB;
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  const repository = registry === DOCKER_HUB && !rest.includes("/") ? `library/${rest}` : rest;
  if (!isRegistry(registry)) throw invalid(text, "the host of a registry before the first slash");
  if (!REPOSITORY.test(repository)) throw invalid(text, repositoryHint(repository));
  if (registry.length + repository.length >= MOST_CHARACTERS)
    throw invalid(text, `a name of at most ${MOST_CHARACTERS} characters`);
  return { registry, repository };
}

function isRegistry(name: string): boolean {
  const found = REGISTRY.exec(name)?.groups;
  if (found === undefined || !URL.canParse(`http://${name}/`)) return false;
  const { host, port } = found;
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return false;
  // Readers of addresses take 1.2.3 and 0x7f.1 for other hosts than these letters say.
  return host?.startsWith("[") === true || new URL(`http://${name}/`).hostname === host?.toLowerCase();
}

/** All names of Docker's registry are one, so that an image has one name. Hosts are not case-sensitive. */
function canonicalRegistry(name: string): string {
  const lower = name.toLowerCase();
  return lower === "docker.io" || lower === "registry-1.docker.io" ? DOCKER_HUB : lower;
}

function digestIn(text: string, digest: string): OciDigest {
  if (isOciDigest(digest)) return digest;
  throw invalid(text, "a digest such as sha256: and 64 lower-case hex digits after the @");
}

function repositoryHint(repository: string): string {
  return /[A-Z]/.test(repository)
    ? "a repository in lower case"
    : "a repository of lower-case letters, digits, and single dots, dashes, underscores and slashes between them";
}

function invalid(text: string, expected: string): SigstoreError {
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return new SigstoreError(
    "image-reference-invalid",
    `expected ${expected}, got the image name ${JSON.stringify(shown)}`,
    {
      hint: "an image is named like ghcr.io/owner/app:1.0 or localhost:5000/app@sha256:…",
    },
  );
}
