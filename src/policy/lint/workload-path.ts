/**
 * What is too broad about the path of a workload's address.
 *
 * GitHub's subjects are `https://github.com/OWNER/REPOSITORY/.github/workflows/FILE@REF`, GitLab's
 * `https://gitlab.com/GROUP/PROJECT//FILE@REF`; other hosts have no form that could be relied on.
 */
import type { Address } from "./address.ts";
import { aboutSubject } from "./finding.ts";
import type { LintFinding } from "./finding.ts";
import { findKnownIssuer } from "./known-issuers.ts";
import { hasMark, MARK, outlineText } from "./outline.ts";

const REF_PREFIX = { branch: "refs/heads/", tag: "refs/tags/" } as const;
const WORKFLOW = "https://HOST/OWNER/REPOSITORY/.github/workflows/FILE@REF";

/** Judges the path of an address whose host is fixed; `issuer` is the issuer's outline. */
export function judgePath(address: Address, issuer: string): LintFinding[] {
  const path = address.path ?? "";
  const findings = path.includes(MARK.dot) ? [pathDot(path)] : [];
  const open = firstOpen(path);
  if (open === -1) return isForge(address, issuer) ? [...findings, ...judgeWholePath(address)] : findings;
  if (open === 0) return [...findings, wholeHost(address)];
  if (isForge(address, issuer)) return [...findings, ...judgeForgePath(address, path, open)];
  if (path.endsWith(MARK.anything)) findings.push(endOpen(path.slice(0, -MARK.anything.length)));
  return findings;
}

/** Index of the first mark that stands for any text or any name; -1 without. */
function firstOpen(path: string): number {
  const places = [MARK.anything, MARK.anyName].map((mark) => path.indexOf(mark)).filter((place) => place !== -1);
  return places.length === 0 ? -1 : Math.min(...places);
}

function isForge(address: Address, issuer: string): boolean {
  const host = address.host.replaceAll(MARK.dot, ".");
  if (host === "github.com" || host === "gitlab.com") return true;
  if ((address.path ?? "").includes("/.github/workflows/")) return true;
  const known = findKnownIssuer(issuer);
  return known?.subjectHost === "github.com" || known?.subjectHost === "gitlab.com";
}

/** Nothing is open: on a forge a subject that names no workflow file and no ref never occurs. */
function judgeWholePath(address: Address): LintFinding[] {
  const path = address.path ?? "";
  if (path.includes("@") || hasMark(path)) return [];
  const message = "subjects of this host go on with the workflow's file and ref: it never matches";
  return [
    aboutSubject(
      "warning",
      "never-matches",
      message,
      `write ${WORKFLOW.replace("HOST", address.host)}, or a pattern that ends in /.*`,
    ),
  ];
}

function judgeForgePath(address: Address, path: string, open: number): LintFinding[] {
  const before = path.slice(0, open);
  const names = before.split("/");
  const started = names.at(-1) ?? "";
  if (names.length === 1) return [nameOpen("owner", started)];
  if (names.length === 2)
    return [started === "" ? wholeOrganisation(address, before) : nameOpen("repository", started)];
  const at = path.lastIndexOf("@");
  if (at === -1 || open < at) return [anyWorkflow(before)];
  return judgeRef(path.slice(at + 1));
}

function judgeRef(ref: string): LintFinding[] {
  if (ref === MARK.anything) {
    const message = "the workflow may run on any branch, any tag and any pull request's merge ref";
    return [aboutSubject("info", "any-ref", message, "end in @refs/heads/main or @refs/tags/.*")];
  }
  if (ref === REF_PREFIX.branch + MARK.anything) {
    const message = "the workflow may run on any branch: whoever may push a branch can sign";
    return [aboutSubject("info", "any-branch", message, "name the branch, as in @refs/heads/main")];
  }
  if (!ref.startsWith(REF_PREFIX.tag) || !ref.endsWith(MARK.anything)) return [];
  const message = "the workflow may run on any such tag: whoever may push a tag can sign";
  return [
    aboutSubject(
      "info",
      "any-tag",
      message,
      "name the tag where one version is meant, and protect tags in the repository",
    ),
  ];
}

function pathDot(path: string): LintFinding {
  const at = path.indexOf(MARK.dot);
  const near = outlineText(path.slice(0, at)).slice(-12);
  const message = `the dot after ${JSON.stringify(near)} stands for any character`;
  return aboutSubject("info", "path-dot", message, "escape it where a dot is meant: \\.");
}

function wholeHost({ host }: Address): LintFinding {
  const readable = outlineText(host);
  return aboutSubject(
    "warning",
    "whole-host",
    `everybody with an account at ${readable} can sign`,
    `name owner, repository and workflow: ${WORKFLOW.replace("HOST", readable)}`,
  );
}

function wholeOrganisation({ host }: Address, before: string): LintFinding {
  const owner = outlineText(before).replace(/\/$/u, "");
  const message = `every workflow of every repository of ${owner} can sign, also of repositories yet to come`;
  const advice = `name repository and workflow: ${WORKFLOW.replace("HOST/OWNER", `${outlineText(host)}/${owner}`)}`;
  return aboutSubject("warning", "whole-organisation", message, advice);
}

function nameOpen(what: "owner" | "repository", started: string): LintFinding {
  const name = outlineText(started);
  const message = `every ${what} whose name begins with ${name} matches, ${name}-evil too`;
  return aboutSubject("warning", "name-open", message, `write the slash after the ${what}'s name: ${name}/.*`);
}

function anyWorkflow(before: string): LintFinding {
  const message = `every workflow of ${outlineText(before).split("/").slice(0, 2).join("/")}, on any ref, can sign`;
  return aboutSubject(
    "info",
    "any-workflow",
    message,
    "name the workflow's file and ref: …/\\.github/workflows/FILE@refs/tags/.*",
  );
}

function endOpen(before: string): LintFinding {
  const message = `anything may follow ${JSON.stringify(outlineText(before).slice(-40))}`;
  return aboutSubject("info", "end-open", message, "write the end of the subject too, if you know it");
}
