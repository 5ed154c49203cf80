import type { Target } from "../../compose/verify-artifact.ts";
/**
 * What a TARGET is: the user writes a name, the program finds out what kind of thing it names (DESIGN.md, section 4).
 *
 * `-` is standard input; `file:`, `image:`, `git:` and `log:` in front decide; an existing path is a file; `sha256:…` is a
 * digest, and a file of such a name must be called `file:sha256:…`. Addresses, images, commits and log entries are
 * recognised and refused in words: this version does not read them.
 */
import { hexDecode } from "../../encoding/hex.ts";
import { isPresent } from "../../files/beside.ts";
import { usageError } from "./parse.ts";

const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;

const DIGEST_LIKE = /^sha-?[0-9]{3}:/iu;

const FILES_ONLY = "this version signs and verifies files and digests";

/** What cannot be read yet, and what to do instead; the first that fits. */
const LATER_FORMS: readonly (readonly [form: RegExp, what: string, hint: string])[] = [
  [/^image:|^(?:oci|docker):\/\//iu, "an image", FILES_ONLY],
  [/^git:|^git\+[a-z]+:\/\//iu, "a git commit or tag", FILES_ONLY],
  [/^log:/iu, "a log entry", "sigstore inspect shows an entry's body from a file"],
  [/^[a-z][a-z0-9+.-]*:\/\//iu, "an address", "download it first; to verify it, the bundle beside it too"],
];

/**
 * What `word` names. Whether a file can be read is found out when it is.
 *
 * @throws SigstoreError `usage`
 */
export function findTarget(word: string, inputDescriptor: number): Target {
  if (word === "-") return { kind: "stream", descriptor: inputDescriptor, name: "standard input" };
  if (word.startsWith("file:")) return fileTarget(word.slice("file:".length), word);
  const later = LATER_FORMS.find(([form]) => form.test(word));
  if (later !== undefined) throw usageError(`expected a file, a digest or -, got ${later[1]}: ${word}`, later[2]);
  if (isPresent(word)) return presentTarget(word);
  const digest = /^(?<algorithm>[a-z0-9-]+):(?<digits>[^/]*)$/iu.exec(word)?.groups;
  if (digest !== undefined && /^(?:sha|md|blake|b2)/iu.test(word))
    return digestTarget(word, (digest["algorithm"] ?? "").toLowerCase(), digest["digits"] ?? "");
  refuseLookalikes(word);
  return { kind: "file", path: word };
}

/** Whoever may put a file into this folder must not choose what is verified where a digest is meant. */
function presentTarget(word: string): Target {
  if (!DIGEST_LIKE.test(word)) return { kind: "file", path: word };
  throw usageError(
    `expected a file or a digest, got a word that is both: there is a file named ${word}`,
    `write file:${word} for the file; for the digest, go where no such file is`,
  );
}

/** `file:NAME`; a file URL (RFC 8089) without host is taken for the path that it holds. */
function fileTarget(rest: string, word: string): Target {
  const path = rest.replace(/^\/\/(?=\/)/u, "");
  if (path === "") throw usageError(`expected a path after file:, got ${word}`);
  // What is said of such a file must not read as if it were said of the digest.
  return DIGEST_LIKE.test(path) ? { kind: "file", path, name: word } : { kind: "file", path };
}

function digestTarget(word: string, algorithm: string, digits: string): Target {
  if (algorithm !== "sha256" && algorithm !== "sha384" && algorithm !== "sha512") {
    throw usageError(
      `expected sha256:, sha384: or sha512: and a digest, got ${algorithm}:`,
      "a weaker or other digest proves nothing about the file",
    );
  }
  const expected = DIGEST_BYTES[algorithm] * 2;
  if (!/^[0-9a-f]*$/iu.test(digits))
    throw usageError(`expected ${expected} hex digits after ${algorithm}:, got other characters in ${word}`);
  if (digits.length !== expected)
    throw usageError(`expected ${expected} hex digits after ${algorithm}:, got ${digits.length}`);
  return { kind: "digest", algorithm, digest: hexDecode(digits), name: `${algorithm}:${digits.toLowerCase()}` };
}

/** No file of that name is here, and it reads like something else. */
function refuseLookalikes(word: string): void {
  if (/^[0-9a-f]{64}$/iu.test(word))
    throw usageError(`expected a file or a digest, got 64 hex digits: ${word}`, `a digest is written sha256:${word}`);
  const slash = word.indexOf("/");
  const host = slash > 0 ? word.slice(0, slash) : "";
  // DESIGN.md 4: "what begins with a registry's host (a dot, a port or localhost before the first slash) an image reference".
  const isRegistry = host === "localhost" || (/[.:]/u.test(host) && host !== "." && host !== "..");
  if (!isRegistry || isPresent(host)) return;
  throw usageError(
    `expected a file, a digest or -, got ${word}: no such file, and it reads like an image reference`,
    "this version signs and verifies no images; if it should be a file, is its path right?",
  );
}
