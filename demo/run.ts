/**
 * `npm run demo`: a Sigstore of one's own is started, signed with and verified against; everybody tries to cheat, and every
 * answer is checked: the demo fails when one is not as told.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactIdentity, findInstance, loadTrust } from "../src/index.ts";
import { PERSON } from "../src/testing/identities.ts";
import { createVirtualSigstore, statementAbout } from "../src/testing/virtual-sigstore.ts";
import { skipReason, vectorsPath } from "../test/vectors-path.ts";
import { tellInstance } from "./instance-story.ts";
import { ask, chapter, finish, say } from "./telling.ts";

const HELLO = new TextEncoder().encode("hello, world\n");
const back = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "sigstore-demo-"));
try {
  process.chdir(folder);
  await tellInstance(folder);
} finally {
  process.chdir(back);
  rmSync(folder, { recursive: true, force: true });
}
await tellLies();
tellReal();
finish();

/** What no instance of ours does: services that are lied about, made by the virtual Sigstore. */
async function tellLies(): Promise<void> {
  chapter("The services themselves lie");
  const instance = await createVirtualSigstore({ seed: "demo", hasRotatedKeys: true });
  const stranger = await createVirtualSigstore({ seed: "another instance" });
  const common = {
    trust: loadTrust({ trustedRoot: instance.trustedRootJson, instance: "demo", source: "made by the demo" }),
    artifact: HELLO,
    identities: [exactIdentity(PERSON.issuer, PERSON.subject)],
    nowMs: instance.nowMs,
    expected: "failed",
  } as const;
  const attested = await instance.signStatement(statementAbout(HELLO, "hello.txt"), { rekor: 1 });
  ask({
    ...common,
    about: "not yet: a provenance statement about hello.txt, logged in Rekor v1",
    bundle: attested.json,
    expected: "verified",
  });
  const foreignCa = await instance.signMessage(HELLO, { certificateAuthority: stranger.current.certificateAuthority });
  ask({
    ...common,
    about: "the certificate authority is another's",
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
  const vectors = vectorsPath("sigstore-conformance", "bundle-verify");
  if (vectors === undefined) {
    say(`skipped: ${String(skipReason)}`);
    return;
  }
  const beacon = exactIdentity(
    "https://token.actions.githubusercontent.com",
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
  );
  const common = {
    trust: loadTrust(findInstance("public")),
    artifact: readFileSync(`${vectors}/a.txt`),
    identities: [beacon],
    nowMs: Date.now(),
  } as const;
  const read = (name: string): Uint8Array => readFileSync(`${vectors}/${name}/bundle.sigstore.json`);
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
