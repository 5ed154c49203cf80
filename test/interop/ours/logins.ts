/**
 * People at our login pages who sign with stock clients: with a browser that the client opens, with a device code, and with a code that is
 * carried over by hand.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PERSON_AT_BROWSER } from "../../instance-login.ts";
import { approveDevice, logInAt, ScriptedBrowser } from "../../scripted-browser.ts";
import type { Suite } from "../../suite.ts";
import { type Client, clientEnvironment, type Material } from "../clients/client.ts";
import type { PeerFolder } from "../peers/install.ts";
import { lastWords, type ProgramOptions, runProgram } from "../programs.ts";
import type { OurStack } from "./instance.ts";

const LOGIN_MS = 30_000;
const PERSON = { name: PERSON_AT_BROWSER };

/** What the logins are made with. */
export interface LoginOptions {
  readonly suite: Suite;
  readonly peers: PeerFolder;
  readonly stack: OurStack;
  readonly material: Material;
  /** Verify what was signed. */
  readonly verifiers: readonly Client[];
}

/** One case for each way in. */
export async function checkLogins(options: LoginOptions): Promise<void> {
  const { peers, material } = options;
  const browsers = fakeBrowsers(material.folder);
  const [cosign, python] = [peers.program("cosign"), peers.pythonProgram("sigstore")];
  const ways: readonly Way[] = [
    {
      name: "cosign, device code",
      command: [cosign, ...cosignArguments(options), "--fulcio-auth-flow=device"],
      onSaid: once(/at: (http\S+)/, approve),
    },
    {
      name: "cosign, browser",
      command: [cosign, ...cosignArguments(options), "--fulcio-auth-flow=normal"],
      environment: { PATH: browsers },
    },
    {
      name: "cosign, code carried over",
      command: [cosign, ...cosignArguments(options), "--fulcio-auth-flow=normal"],
      environment: { PATH: "" },
      onSaid: once(/\s(http\S+)\s+Enter verification code/, codeOf),
    },
    {
      name: "sigstore-python, browser",
      command: [python, ...pythonArguments(options)],
      environment: { BROWSER: join(browsers, "xdg-open") },
    },
    {
      name: "sigstore-python, code carried over",
      command: [python, ...pythonArguments(options), "--oauth-force-oob"],
      onSaid: once(/\s(http\S+)\s/, codeOf),
    },
  ];
  for (const way of ways) await options.suite.case(`login: ${way.name}`, () => signAndVerify(way, options));
}

interface Way {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly onSaid?: NonNullable<ProgramOptions["onSaid"]>;
}

async function signAndVerify(way: Way, { material, stack, verifiers }: LoginOptions): Promise<string> {
  const bundle = bundlePath(material);
  rmSync(bundle, { force: true });
  const [command = "", ...args] = way.command;
  const environment = clientEnvironment(material.folder, stack, way.environment);
  const onSaid = way.onSaid === undefined ? {} : { onSaid: way.onSaid };
  const signed = await runProgram(command, args, { cwd: material.folder, environment, timeoutMs: LOGIN_MS, ...onSaid });
  if (signed.status !== 0) throw new Error(`expected a signature, got ${signed.status}: ${lastWords(signed.said)}`);
  const request = { stack, kind: "file", bundle, file: material.file, email: PERSON_AT_BROWSER } as const;
  for (const verifier of verifiers) {
    const { status, said } = await verifier.verify(request);
    if (status !== 0) throw new Error(`expected ${verifier.name} to verify it, got ${status}: ${lastWords(said)}`);
  }
  return `verified by ${verifiers.map(({ name }) => name).join(", ")}`;
}

function bundlePath({ folder }: Material): string {
  return join(folder, "login.sigstore.json");
}

function cosignArguments({ stack, material }: LoginOptions): readonly string[] {
  const signingConfig = stack.logs[0]?.signingConfig ?? "";
  const trust = ["--signing-config", signingConfig, "--trusted-root", stack.trustedRoot];
  return ["sign-blob", "--yes", ...trust, "--bundle", bundlePath(material), material.file];
}

function pythonArguments({ stack, material }: LoginOptions): readonly string[] {
  const trust = ["--trust-config", stack.logs[0]?.trustConfig ?? ""];
  return [...trust, "sign", "--bundle", bundlePath(material), "--overwrite", material.file];
}

/** Answers the first time that a client says something of this form; what goes wrong is told to the client, which then fails. */
function once(
  form: RegExp,
  answer: (url: string) => Promise<string | undefined>,
): NonNullable<ProgramOptions["onSaid"]> {
  let isAnswered = false;
  return (said, write) => {
    const [, url] = form.exec(said) ?? [];
    if (isAnswered || url === undefined) return;
    isAnswered = true;
    answer(url)
      .then((text) => (text === undefined ? undefined : write(`${text}\n`)))
      .catch((error: unknown) => write(`${String(error)}\n`));
  };
}

/** Agrees to the login of a device. */
async function approve(url: string): Promise<undefined> {
  await approveDevice(new ScriptedBrowser(), url, PERSON);
}

/** Logs in at `url`, and reads the code from the page where that ends. */
async function codeOf(url: string): Promise<string> {
  const { text } = await logInAt(new ScriptedBrowser(), url, PERSON);
  const [, code] = /id="code"[^>]*>([^<]+)</.exec(text) ?? [];
  if (code === undefined) throw new Error("expected a page with a code");
  return code;
}

/** A folder to be the whole PATH, with a browser that clients start and do not wait for. */
function fakeBrowsers(folder: string): string {
  const path = join(folder, "browsers");
  mkdirSync(path, { recursive: true });
  const program = join(import.meta.dirname, "..", "..", "instance-login.ts");
  writeFileSync(join(path, "xdg-open"), `#!/bin/sh\n"${process.execPath}" "${program}" "$1" >/dev/null 2>&1 &\n`);
  chmodSync(join(path, "xdg-open"), 0o755);
  symlinkSync("/bin/sh", join(path, "sh"));
  return path;
}
