/**
 * What is too broad about one outline of a subject: hosts, names and ends that strangers can meet.
 */
import { isOpenHost, readAddress, readEmailAddress } from "./address.ts";
import type { Address, EmailAddress } from "./address.ts";
import { aboutSubject } from "./finding.ts";
import type { LintFinding } from "./finding.ts";
import { hasMark, MARK, outlineText } from "./outline.ts";
import { judgePath } from "./workload-path.ts";

/** Judges one outline of the subject; `issuer` is the issuer's outline, for what depends on it. */
export function judgeSubject(outline: string, issuer: string): LintFinding[] {
  if (outline === MARK.anything) return [matchesEverything()];
  const address = readAddress(outline);
  if (address !== undefined) return judgeAddress(outline, address, issuer);
  if (outline.startsWith(MARK.anything) && !isDomainOpenOnly(outline)) return [startOpen(outline)];
  const email = readEmailAddress(outline);
  if (email !== undefined) return judgeEmailAddress(email);
  if (hasMark(outline)) return [hostOpen(outline)];
  return looksLikeHost(outline) ? [neverMatches(outline)] : [];
}

/** `.*@example\.com`: what is open is the name before the @ alone, which is said in its own words. */
function isDomainOpenOnly(outline: string): boolean {
  const email = readEmailAddress(outline);
  return email !== undefined && !email.domain.includes(MARK.anything);
}

function judgeAddress(outline: string, address: Address, issuer: string): LintFinding[] {
  const host = judgeHost(outline, address.host);
  if (host.some(({ code }) => code === "host-open")) return host;
  return [...host, ...judgePath(address, issuer)];
}

function judgeHost(outline: string, host: string): LintFinding[] {
  if (isOpenHost(host)) return [hostOpen(outline)];
  const findings: LintFinding[] = [];
  if (host.includes(MARK.dot)) findings.push(hostDot(host));
  if (host.includes(MARK.anyName) || host.includes(MARK.varying)) {
    findings.push(
      aboutSubject(
        "info",
        "any-subdomain",
        `${outlineText(host)} accepts every host of that domain`,
        "name the host in full",
      ),
    );
  }
  return findings;
}

function judgeEmailAddress({ user, domain }: EmailAddress): LintFinding[] {
  if (isOpenHost(domain)) {
    const message = `the domain of the e-mail address is open, so that strangers' mail domains match too`;
    return [
      aboutSubject("warning", "host-open", message, "write the domain in full, its dots escaped: alice@example\\.com"),
    ];
  }
  const findings = domain.includes(MARK.dot) ? [hostDot(domain)] : [];
  if (user === MARK.anything || user === MARK.anyName) {
    const message = `everybody with an address at ${outlineText(domain)} can sign`;
    findings.push(aboutSubject("warning", "whole-email-domain", message, "list the addresses of those whom you trust"));
  }
  return findings;
}

function matchesEverything(): LintFinding {
  const message = "it accepts every subject: anybody who can log in somewhere can sign";
  return aboutSubject(
    "warning",
    "matches-everything",
    message,
    "verify without an identity to see who signed, and write that down",
  );
}

function startOpen(outline: string): LintFinding {
  const message = `anything may stand before ${JSON.stringify(outlineText(outline).replace(/^\*/u, ""))}, also a stranger's host`;
  const advice = "begin with scheme and host, as in https://github\\.com/…: a pattern matches the whole subject";
  return aboutSubject("warning", "start-open", message, advice);
}

function hostOpen(outline: string): LintFinding {
  const message = `${outlineText(outline)} fixes no host, so that strangers' hosts match too`;
  return aboutSubject(
    "warning",
    "host-open",
    message,
    "begin with scheme and host and the slash after it, as in https://github\\.com/…",
  );
}

function hostDot(host: string): LintFinding {
  const readable = outlineText(host);
  const message = `the dot in ${readable} stands for any character, so that ${readable.replace(".", "x")} matches too`;
  return aboutSubject("warning", "host-dot", message, `escape it: ${readable.replaceAll(".", "\\.")}`);
}

function looksLikeHost(outline: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+\//iu.test(outline);
}

function neverMatches(outline: string): LintFinding {
  const message = "it has no scheme, and subjects that are addresses begin with one: it never matches";
  return aboutSubject("warning", "never-matches", message, `write https://${outline}`);
}
