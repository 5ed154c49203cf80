import assert from "node:assert/strict";
import { test } from "node:test";
import { VERIFICATION_ERROR_CODES } from "../errors.ts";
import type { CertificateSigner } from "../verdict/result.ts";
import { ADVICE, OTHERWISE } from "./advice-by-code.ts";
import { verifyCommand } from "./commands/verify.ts";
import { adviseMismatch } from "./identity-advice.ts";
import { parseArguments } from "./options/parse.ts";

/** Where the library always says what to do, or where the circumstances do. */
const ADVISED_ELSEWHERE: ReadonlySet<string> = new Set([
  "bundle-proof-missing",
  "bundle-root-certificate",
  "signature-invalid",
  "artifact-mismatch",
  "statement-subject-mismatch",
  "time-too-late",
  "identity-mismatch",
  // no source of revocation exists yet
  "revoked",
]);

test("every refusal of the verifier says what to do", () => {
  const silent = VERIFICATION_ERROR_CODES.filter(
    (code) => ADVICE[code] === undefined && OTHERWISE[code] === undefined && !ADVISED_ELSEWHERE.has(code),
  );
  assert.deepEqual(silent, []);
});

function signer(subject: string, issuer: string): CertificateSigner {
  return {
    kind: "certificate",
    issuer,
    subject,
    subjectKind: "uri",
    extensions: {},
    certificateAuthority: "CN=authority",
    serialNumberHex: "01",
    fingerprintHex: "00",
    notBefore: "2024-03-01T12:00:00Z",
    notAfter: "2024-03-01T12:10:00Z",
  };
}

const ISSUER = "https://issuer.example";
const RELEASE = "https://github.com/a+b/app/.github/workflows/release.yml@refs/tags/v1";

function advice(found: CertificateSigner, ...words: string[]): string | undefined {
  return adviseMismatch(parseArguments(verifyCommand, [...words, "file"]), found);
}

test("mistakes in naming an identity are told apart", () => {
  const named = (...words: string[]): string | undefined =>
    advice(signer(RELEASE, ISSUER), "--issuer", ISSUER, ...words);
  assert.match(named("--identity", RELEASE.toUpperCase()) ?? "", /^only upper and lower case differ/);
  assert.match(
    named("--identity", "https://github.com/a+b/*") ?? "",
    /--identity-pattern 'https:\/\/github\\.com\/a\\\+b\/\.\*'$/,
  );
  assert.match(named("--identity", "https://github.com/a+b/.*@refs/tags/v1") ?? "", /a star in it too/);
  assert.match(named("--identity-pattern", "a\\+b") ?? "", /matches a part of it/);
  assert.match(
    advice(signer(RELEASE, ISSUER), "--issuer", `${ISSUER}/`, "--identity", RELEASE) ?? "",
    /^only the slash at the end differs: write --issuer https:\/\/issuer\.example$/,
  );
});

test("where nothing is wrong but the signer, nothing is guessed", () => {
  const named = (...words: string[]): string | undefined =>
    advice(signer(RELEASE, ISSUER), "--issuer", ISSUER, ...words);
  assert.equal(named("--identity", "dev@example.com"), undefined);
  assert.equal(named("--identity", ".*"), undefined);
  assert.equal(named("--identity", "https://github.com/other/*"), undefined);
  assert.equal(named("--identity-pattern", "other"), undefined);
  assert.equal(advice(signer(RELEASE, ISSUER), "--issuer", "https://x.example", "--identity", RELEASE), undefined);
});

test("what does not show as what it is draws no advice", () => {
  const hidden = signer(`${RELEASE}\u{202e}`, ISSUER);
  assert.equal(advice(hidden, "--issuer", ISSUER, "--identity", "https://github.com/*"), undefined);
});
