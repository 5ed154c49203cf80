/**
 * What is wrong with the issuer that an identity names, and with issuer and subject together.
 */
import { isOpenHost, readAddress, readEmailAddress } from "./address.ts";
import { aboutIssuer } from "./finding.ts";
import type { LintFinding } from "./finding.ts";
import { findKnownIssuer } from "./known-issuers.ts";
import type { KnownIssuer } from "./known-issuers.ts";
import { hasMark, MARK, outlineText } from "./outline.ts";

/** Judges one outline of the issuer. */
export function judgeIssuer(outline: string): LintFinding[] {
  if (outline === MARK.anything) {
    const message = "it accepts every issuer: whoever runs one that the instance takes can claim any subject";
    return [
      aboutIssuer(
        "warning",
        "matches-everything",
        message,
        "name the issuer exactly, as in https://accounts.google.com",
      ),
    ];
  }
  const address = readAddress(outline);
  if (address === undefined) return [notAnAddress(outline)];
  const findings = [...judgeScheme(address), ...judgeSpelling(outline)];
  if (isOpenHost(address.host)) {
    findings.push(
      aboutIssuer(
        "warning",
        "host-open",
        `${outlineText(outline)} fixes no host, so that strangers' issuers match too`,
        "name the issuer exactly",
      ),
    );
  } else if (address.host.includes(MARK.dot)) {
    const host = outlineText(address.host);
    findings.push(
      aboutIssuer(
        "warning",
        "host-dot",
        `the dot in ${host} stands for any character`,
        `escape it, or name the issuer exactly: https://${host}`,
      ),
    );
  } else if (hasMark(outline)) {
    findings.push(
      aboutIssuer(
        "info",
        "issuer-pattern",
        `${outlineText(outline)} accepts several issuers`,
        "list an identity for each issuer that you trust",
      ),
    );
  }
  return findings;
}

/** RFC 6761 §6.3, RFC 1122 §3.2.1.3: what stays on this machine needs no protection on the way. */
const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

function judgeScheme({ scheme, host }: { readonly scheme: string; readonly host: string }): LintFinding[] {
  if (scheme === "https" || (scheme === "http" && LOOPBACK.test(host))) return [];
  const message = `${scheme} protects nothing on the way: whoever sits on the network can be this issuer`;
  return [aboutIssuer("warning", "issuer-plain-http", message, "use an issuer with https")];
}

function judgeSpelling(outline: string): LintFinding[] {
  const known = findKnownIssuer(outline);
  if (known?.isBroker === true) {
    const message = "certificates name the provider behind this login page, not the page: it never matches";
    return [
      aboutIssuer(
        "warning",
        "issuer-is-broker",
        message,
        "write https://accounts.google.com, https://github.com/login/oauth or https://login.microsoftonline.com",
      ),
    ];
  }
  if (known === undefined || outline !== `${known.issuer}/`) return [];
  return [
    aboutIssuer(
      "warning",
      "issuer-spelling",
      "this issuer has no slash at its end: it never matches",
      `write ${known.issuer}`,
    ),
  ];
}

function notAnAddress(outline: string): LintFinding {
  if (outline.startsWith(MARK.anything) || outline.startsWith(MARK.anyName)) {
    const message = `anything may stand before ${JSON.stringify(outlineText(outline).replace(/^\*/u, ""))}, also a stranger's host`;
    return aboutIssuer("warning", "start-open", message, "name the issuer exactly, from https:// on");
  }
  const message = "issuers are addresses that begin with https://: it never matches";
  return aboutIssuer("warning", "issuer-not-address", message, `write https://${outlineText(outline)}`);
}

/** Judges whether this issuer vouches for this kind of subject at all. Both are outlines. */
export function judgeTogether(issuer: string, subject: string): LintFinding[] {
  const known = findKnownIssuer(issuer);
  if (known === undefined) return [];
  const address = readAddress(subject);
  if (known.vouchesFor === "workloads") {
    if (address === undefined) return readEmailAddress(subject) === undefined ? [] : [emailOfWorkload(known)];
    return judgeSubjectHost(known, address.host);
  }
  if (address === undefined) return [];
  const message = `${known.issuer} vouches for people by e-mail address, not for addresses of workloads: it never matches`;
  const advice =
    "write the issuer of the workload, as in https://token.actions.githubusercontent.com for GitHub Actions";
  return [aboutIssuer("warning", "workload-with-personal-issuer", message, advice)];
}

function emailOfWorkload({ issuer }: KnownIssuer): LintFinding {
  const message = `${issuer} vouches for workloads by address, not for people by e-mail address: it never matches`;
  const advice =
    "write the issuer that the person logs in with, as in https://accounts.google.com or https://github.com/login/oauth";
  return aboutIssuer("warning", "email-with-workload-issuer", message, advice);
}

function judgeSubjectHost({ issuer, subjectHost }: KnownIssuer, host: string): LintFinding[] {
  if (subjectHost === undefined || hasMark(host) || host.toLowerCase() === subjectHost) return [];
  const message = `${issuer} vouches for workloads at ${subjectHost}, not at ${host}: it never matches`;
  return [
    aboutIssuer(
      "warning",
      "host-unlike-issuer",
      message,
      `write a subject that begins with https://${subjectHost}/, or another issuer`,
    ),
  ];
}
