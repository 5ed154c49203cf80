/**
 * An instance of one's own: started, trusted, signed with by a real login, verified; and then everybody tries to cheat.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseRfc3339 } from "../src/encoding/time.ts";
import { exactIdentity, loadTrust } from "../src/index.ts";
import type { Trust } from "../src/index.ts";
import { startInstance } from "../src/services/instance/start.ts";
import type { RunningInstance } from "../src/services/instance/start.ts";
import { PERSON_AT_BROWSER } from "../test/instance-login.ts";
import { Shell } from "./shell.ts";
import { ask, chapter, count, say } from "./telling.ts";

const HELLO = "hello, world\n";
const BROWSER = join(import.meta.dirname, "..", "test", "instance-login.ts");
/** Of what the command says, the login page's address is long and opens by itself here. */
const isAddressOfLogin = (line: string): boolean => line.includes("/auth/authorize?");

/** Tells the story in `folder`, which must be the folder of the process. */
export async function tellInstance(folder: string): Promise<void> {
  const [instance, other] = await start(folder);
  try {
    await tellSigning(instance, folder);
    tellTampering(instance, folder);
    await tellStranger(instance, other, folder);
  } finally {
    await Promise.all([instance.stop(), other.stop()]);
  }
}

async function start(folder: string): Promise<readonly [RunningInstance, RunningInstance]> {
  chapter("A Sigstore of your own: login, certificate authority, logs and timestamps in one process");
  console.log("  $ sigstore up --dev");
  const beforeMs = performance.now();
  const options = { port: 0, dev: true, log: () => undefined };
  const instance = await startInstance({ ...options, folder: join(folder, "instance") });
  say(`${instance.url} is up, from nothing, in ${Math.round(performance.now() - beforeMs)} ms`);
  return [instance, await startInstance({ ...options, folder: join(folder, "other") })];
}

async function tellSigning(instance: RunningInstance, folder: string): Promise<void> {
  const shell = new Shell({ SIGSTORE_HOME: join(folder, "home"), BROWSER: `${process.execPath} ${BROWSER}` });
  await succeed(shell, ["trust", "use", instance.url, "--fingerprint", instance.fingerprintHex]);
  chapter("A file is signed, without a key to mind: who signs is proved by a login");
  writeFileSync("hello.txt", HELLO);
  await succeed(shell, ["sign", "hello.txt"]);
  chapter("Who signed it? And do we trust them?");
  const { exitCode, said } = await shell.run(["verify", "hello.txt"]);
  count(exitCode === 4 && said.includes(PERSON_AT_BROWSER), `exit code ${exitCode}`);
  await succeed(shell, ["verify", "hello.txt", "--identity", PERSON_AT_BROWSER, "--issuer", instance.issuer]);
}

async function succeed(shell: Shell, words: readonly string[]): Promise<void> {
  const { exitCode } = await shell.run(words, isAddressOfLogin);
  count(exitCode === 0, `exit code ${exitCode}`);
}

/** What a user of `instance` asks about hello.txt. */
function commonQuestion(instance: RunningInstance): {
  readonly trust: Trust;
  readonly artifact: Uint8Array;
  readonly identities: readonly ReturnType<typeof exactIdentity>[];
  readonly nowMs: number;
  readonly expected: "failed";
} {
  const trustedRoot = readFileSync(join(instance.folder, "trust", "trusted_root.json"));
  return {
    trust: loadTrust({ trustedRoot, instance: instance.name, source: instance.url }),
    artifact: readFileSync("hello.txt"),
    identities: [exactIdentity(instance.issuer, PERSON_AT_BROWSER)],
    nowMs: Date.now(),
    expected: "failed",
  };
}

function tellTampering(instance: RunningInstance, folder: string): void {
  chapter("Somebody tampers");
  const common = commonQuestion(instance);
  const json = readFileSync(join(folder, "hello.txt.sigstore.json"), "utf8");
  const changed = new TextEncoder().encode(HELLO.replace("o, w", "o, W"));
  ask({ ...common, about: "with the file", bundle: json, artifact: changed, code: "artifact-mismatch" });
  ask({
    ...common,
    about: "with the bundle: another signature",
    bundle: replaced(json, /("signature":")([^"]{20})/, (_, name: string, text: string) => `${name}${swapped(text)}`),
    code: "timestamp-imprint-mismatch",
  });
  ask({ ...common, about: "with the bundle: cut off on the way", bundle: json.slice(0, 700), code: "json-invalid" });
  ask({
    ...common,
    about: "with the identity: it was the boss, we are told",
    bundle: json,
    identities: [exactIdentity(instance.issuer, "boss@example.com")],
    code: "identity-mismatch",
  });
  ask({
    ...common,
    about: "with the identity: the same name, vouched for by another issuer",
    bundle: json,
    identities: [exactIdentity("https://login.example.com", PERSON_AT_BROWSER)],
    code: "identity-mismatch",
  });
  ask({
    ...common,
    about: "with the log: another place in it",
    bundle: replaced(json, /"logIndex":"\d+"/g, () => '"logIndex":"1000"'),
    code: "tlog-proof-invalid",
  });
  ask({
    ...common,
    about: "with the log: another tree",
    bundle: replaced(json, /("rootHash":")([^"]{20})/, (_, name: string, text: string) => `${name}${swapped(text)}`),
    code: "tlog-proof-invalid",
  });
  ask({
    ...common,
    about: "with the time: the timestamp is taken out",
    bundle: replaced(json, /"rfc3161Timestamps":\s*\[[^\]]*\]/, () => '"rfc3161Timestamps":[]'),
    code: "time-threshold",
  });
  ask({
    ...common,
    about: "with the time: it must have been signed by 2020",
    bundle: json,
    latestTimeMs: parseRfc3339("2020-01-01T00:00:00Z"),
    code: "time-too-late",
  });
}

/** The same person signs the same file with another instance, whose word counts nothing here. */
async function tellStranger(instance: RunningInstance, other: RunningInstance, folder: string): Promise<void> {
  chapter("Another Sigstore says the same");
  mkdirSync(join(folder, "elsewhere"));
  const bundle = join("elsewhere", "bundle.json");
  const shell = new Shell({ SIGSTORE_HOME: join(folder, "elsewhere"), BROWSER: `${process.execPath} ${BROWSER}` });
  const isTalk = (): boolean => true;
  const trusted = await shell.run(["trust", "use", other.url, "--yes"], isTalk);
  const signed = await shell.run(["sign", "hello.txt", "--bundle", bundle], isTalk);
  count(trusted.exitCode === 0 && signed.exitCode === 0, `${trusted.said}${signed.said}`);
  ask({
    ...commonQuestion(instance),
    about: "its bundle, before whoever trusts ours",
    bundle: readFileSync(bundle),
    code: "tlog-log-unknown",
  });
}

function replaced(json: string, pattern: RegExp, by: (...found: string[]) => string): string {
  const text = json.replace(pattern, by);
  if (text === json) throw new Error(`expected a bundle with ${pattern}, got another`);
  return text;
}

/** The same text with its small and large letters swapped: still base64, and other bytes. */
function swapped(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
}
