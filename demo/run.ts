/**
 * `npm run demo`: what a verification is, told step by step. A virtual Sigstore signs, everybody tries to cheat, and every
 * answer is checked: the demo fails when one is not as told.
 */
import { readFileSync } from "node:fs";
import { parseBundle } from "../src/formats/bundle/bundle.ts";
import { exactIdentity, findInstance, loadTrust, verify } from "../src/index.ts";
import type { ErrorCode, IdentityExpectation, Trust, Verdict, VerificationResult } from "../src/index.ts";
import { PERSON } from "../src/testing/identities.ts";
import { createVirtualSigstore, statementAbout } from "../src/testing/virtual-sigstore.ts";
import type { VirtualSigstore } from "../src/testing/virtual-sigstore.ts";
import { skipReason, vectorsPath } from "../test/vectors-path.ts";
import { answer, chapter, finish, say } from "./telling.ts";

const utf8 = new TextEncoder();
const HELLO = utf8.encode("hello, world\n");
const somebody = exactIdentity(PERSON.issuer, PERSON.subject);

/** One question to the verifier and the answer that it must give. */
interface Question {
  readonly about: string;
  readonly bundle: string | Uint8Array;
  readonly artifact?: Uint8Array;
  readonly trust: Trust;
  readonly identities?: readonly IdentityExpectation[];
  readonly nowMs: number;
  readonly expected: Verdict;
  readonly code?: ErrorCode;
}

const sigstore = await createVirtualSigstore({ seed: "demo", hasRotatedKeys: true });
const trust = loadTrust({ trustedRoot: sigstore.trustedRootJson, instance: "demo", source: "made by the demo" });
await tellGood(sigstore, trust);
await tellTampered(sigstore, trust);
await tellLies(sigstore, trust);
tellReal();
finish();

async function tellGood(instance: VirtualSigstore, by: Trust): Promise<void> {
  chapter("A virtual Sigstore signs hello.txt for dev@example.com, and we verify it");
  const { json } = await instance.signMessage(HELLO);
  const told = ask({
    about: "nobody has said yet whom to trust",
    bundle: json,
    trust: by,
    nowMs: instance.nowMs,
    expected: "sound",
  });
  if (told.signer?.kind === "certificate")
    say(`signed by ${told.signer.subject}, vouched for by ${told.signer.issuer}`);
  const verified = ask({
    about: "we say that we trust dev@example.com",
    bundle: json,
    trust: by,
    identities: [somebody],
    nowMs: instance.nowMs,
    expected: "verified",
  });
  for (const check of verified.checks) say(`${check.step.padEnd(12)} ${check.summary}`);
  const attested = await instance.signStatement(statementAbout(HELLO, "hello.txt"), { rekor: 1 });
  ask({
    about: "a provenance statement about hello.txt, logged in Rekor v1",
    bundle: attested.json,
    trust: by,
    identities: [somebody],
    nowMs: instance.nowMs,
    expected: "verified",
  });
}

async function tellTampered(instance: VirtualSigstore, by: Trust): Promise<void> {
  chapter("Somebody tampers");
  const { json } = await instance.signMessage(HELLO);
  const other = await instance.signMessage(utf8.encode("something else\n"));
  const common = { trust: by, identities: [somebody], nowMs: instance.nowMs, expected: "failed" } as const;
  ask({
    ...common,
    about: "the file was changed",
    bundle: json,
    artifact: utf8.encode("hello, w0rld\n"),
    code: "artifact-mismatch",
  });
  ask({ ...common, about: "the bundle of another file", bundle: other.json, code: "artifact-mismatch" });
  ask({
    ...common,
    about: "somebody else signed it",
    bundle: json,
    identities: [exactIdentity(PERSON.issuer, "boss@example.com")],
    code: "identity-mismatch",
  });
  ask({
    ...common,
    about: "the same name, vouched for by another issuer",
    bundle: json,
    identities: [exactIdentity("https://login.example.com", PERSON.subject)],
    code: "identity-mismatch",
  });
  ask({ ...common, about: "the bundle was cut off on the way", bundle: json.slice(0, 700), code: "json-invalid" });
  ask({
    ...common,
    about: "the evidence of time was taken out",
    bundle: withoutTimestamps(json),
    code: "time-threshold",
  });
}

async function tellLies(instance: VirtualSigstore, by: Trust): Promise<void> {
  chapter("The services themselves lie");
  const stranger = await createVirtualSigstore({ seed: "another instance" });
  const common = { trust: by, identities: [somebody], nowMs: instance.nowMs, expected: "failed" } as const;
  const foreign = await stranger.signMessage(HELLO);
  ask({
    ...common,
    about: "a certificate authority, log and clock of another instance",
    bundle: foreign.json,
    code: "tlog-log-unknown",
  });
  const foreignCa = await instance.signMessage(HELLO, { certificateAuthority: stranger.current.certificateAuthority });
  ask({
    ...common,
    about: "only the certificate authority is another's",
    bundle: foreignCa.json,
    code: "certificate-path-invalid",
  });
  const late = await instance.signMessage(HELLO, { timestampMs: instance.nowMs + 3_600_000 });
  ask({
    ...common,
    about: "the timestamp is of an hour after the certificate expired",
    bundle: late.json,
    code: "certificate-not-valid-then",
  });
  if (instance.retired === undefined) throw new Error("the demo's instance has retired keys");
  const retired = await instance.signMessage(HELLO, { parties: instance.retired });
  ask({
    ...common,
    about: "stolen keys of services that were retired half a year ago",
    bundle: retired.json,
    code: "timestamp-authority-not-valid-then",
  });
}

function tellReal(): void {
  chapter("Real bundles, with the trusted root that is built in");
  const folder = vectorsPath("sigstore-conformance", "bundle-verify");
  if (folder === undefined) {
    say(`skipped: ${String(skipReason)}`);
    return;
  }
  const real = loadTrust(findInstance("public"));
  const artifact = readFileSync(`${folder}/a.txt`);
  const beacon = exactIdentity(
    "https://token.actions.githubusercontent.com",
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
  );
  const common = { trust: real, artifact, identities: [beacon], nowMs: Date.now() } as const;
  const read = (name: string): Uint8Array => readFileSync(`${folder}/${name}/bundle.sigstore.json`);
  ask({
    ...common,
    about: "a bundle v0.3 made on GitHub Actions",
    bundle: read("happy-path-v0.3"),
    expected: "verified",
  });
  ask({
    ...common,
    about: "an attestation made there",
    bundle: read("happy-path-intoto-in-dsse-v3"),
    expected: "verified",
  });
  ask({
    ...common,
    about: "its inclusion proof with one bit changed",
    bundle: read("inclusion-proof-corrupted-hash_fail"),
    expected: "failed",
    code: "tlog-proof-invalid",
  });
  ask({
    ...common,
    about: "a bundle of the staging instance",
    bundle: read("bundle-from-wrong-instance_fail"),
    expected: "failed",
    code: "tlog-log-unknown",
  });
}

function ask(question: Question): VerificationResult {
  const { about, bundle, artifact = HELLO, expected, code, ...rest } = question;
  const result = verify({ bundle, artifact: { kind: "bytes", bytes: artifact }, ...rest });
  answer(about, result, result.verdict === expected && (code === undefined || result.failure?.code === code));
  return result;
}

function withoutTimestamps(json: string): string {
  const bundle = parseBundle(json);
  if (bundle.material.timestamps.length === 0) throw new Error("the demo's bundle has a timestamp");
  return json.replace(/"rfc3161Timestamps":\s*\[[^\]]*\]/, '"rfc3161Timestamps":[]');
}
