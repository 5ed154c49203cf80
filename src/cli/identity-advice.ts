/**
 * What to do where somebody else signed than was named: the mistakes that people make in naming, told apart by the signer
 * that was found. That signer is verified, so that showing it misleads nobody; trusting it stays the user's choice.
 */
import { isSigstoreError } from "../errors.ts";
import { compilePattern, matchesPattern } from "../policy/pattern.ts";
import type { CertificateSigner } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { isPrintable, shellWord } from "./terminal.ts";

/** The mistake that was probably made, and how it is mended; nothing where it was probably none. */
export function adviseMismatch(request: ParsedArguments, signer: CertificateSigner): string | undefined {
  if (!isPrintable(signer.subject) || !isPrintable(signer.issuer)) return undefined;
  const issuer = request.value("issuer");
  if (issuer !== undefined && issuer !== signer.issuer) return issuerAdvice(issuer, signer.issuer);
  for (const subject of request.values("identity")) {
    const advice = subjectAdvice(subject, signer.subject);
    if (advice !== undefined) return advice;
  }
  return request.values("identity-pattern").some((pattern) => matches(`.*(?:${pattern}).*`, signer.subject))
    ? "a pattern must match the whole subject, and this one matches a part of it: say what stands before and after"
    : undefined;
}

function issuerAdvice(named: string, found: string): string | undefined {
  const write = `write --issuer ${shellWord(found)}`;
  if (trimmedSlash(named) === trimmedSlash(found)) return `only the slash at the end differs: ${write}`;
  if (`${trimmedSlash(named)}/auth` === found) return `the instance's own login has an address below it: ${write}`;
  if (named.replace(/^https?:/u, "") === found.replace(/^https?:/u, "")) return `only http and https differ: ${write}`;
  return undefined;
}

function trimmedSlash(text: string): string {
  return text.endsWith("/") ? text.slice(0, -1) : text;
}

function subjectAdvice(named: string, found: string): string | undefined {
  if (named.toLowerCase() === found.toLowerCase()) return "only upper and lower case differ, and they count";
  if (!named.includes("*")) return undefined;
  // A star of a shell or of a pattern: both mean "anything".
  const pattern = named.split(/\.?\*/u).map(escaped).join(".*");
  return pattern !== ".*" && matches(pattern, found)
    ? `--identity is exact, a star in it too; as a pattern it is --identity-pattern ${shellWord(pattern)}`
    : undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/\\?([.+?()[\]{}|^$\\])/gu, String.raw`\$1`);
}

function matches(pattern: string, text: string): boolean {
  try {
    return matchesPattern(compilePattern(pattern), text);
  } catch (error) {
    if (isSigstoreError(error)) return false;
    throw error;
  }
}
