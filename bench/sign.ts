/**
 * `sign/file` and `sign/1000-files`: the built command against an instance of the built command, on this machine.
 *
 * The first is the whole process with a token given, from start to end, beside stock cosign doing the same with the same
 * instance, where COSIGN or PATH has one; `node -e 0` shows how much of it is the start of Node. The second is one command
 * for a thousand files. Instance and signer share the processors.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchInstanceToken } from "../test/instance-login.ts";
import { buildPackage } from "../tools/build.ts";
import { ROOT } from "../tools/files.ts";
import { BARE_NODE, findCosign, wholeProcess } from "./cold.ts";
import { spreadOf } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { ratioOf, runRounds, valuesOf } from "./rounds.ts";
import type { Contestant } from "./rounds.ts";

const ROUNDS = 30;
const FILES = 1000;
const BATCHES = 3;
const ONE = "sign/file";
const MANY = "sign/1000-files";
const COSIGN = "cosign sign-blob";
const COMMAND = join(ROOT, "dist", "sigstore.cjs");

/** A place to sign in: files, an instance, a token. */
interface SigningPlace {
  readonly folder: string;
  readonly trust: (name: string) => string;
  /** Arguments of `sign` but for the files. */
  readonly words: readonly string[];
  readonly token: string;
}

/** Measures one file beside cosign. */
export async function measureSignFile(): Promise<readonly Figure[]> {
  return inPlace((place) => {
    const all = contestants(place);
    for (const { measure } of all) measure(0);
    const measurements = runRounds(all, ROUNDS);
    return all
      .filter(({ name }) => name !== ONE)
      .map(({ name: peer }) => ({
        name: ONE,
        unit: "ms",
        value: spreadOf(valuesOf(measurements, ONE)),
        peer,
        peerValue: spreadOf(valuesOf(measurements, peer)),
        ratio: ratioOf(measurements, ONE, peer),
        ...(peer === COSIGN && { required: { atMost: 1.4 } }),
      }));
  });
}

/** Measures a thousand files in one command beside what is asked for. */
export async function measureSignMany(): Promise<readonly Figure[]> {
  return inPlace(({ folder, words }) => {
    const files = Array.from({ length: FILES }, (_, index) => join(folder, `file-${index}`));
    for (const [index, file] of files.entries()) writeFileSync(file, `file ${index}`);
    const { measure } = wholeProcess(MANY, [process.execPath, COMMAND, "sign", ...words, ...files]);
    const rates = Array.from({ length: BATCHES }, (_, round) => (FILES * 1000) / measure(round));
    const asked = 100;
    return [
      {
        name: MANY,
        unit: "files/s",
        value: spreadOf(rates),
        peer: "what is asked for",
        peerValue: spreadOf([asked]),
        ratio: spreadOf(rates.map((rate) => rate / asked)),
        required: { atLeast: 1 },
      },
    ];
  });
}

function contestants({ folder, trust, words, token }: SigningPlace): readonly Contestant[] {
  const file = join(folder, "artifact");
  writeFileSync(file, "an artifact");
  const cosign = findCosign();
  const services = ["--signing-config", trust("signing_config.json"), "--trusted-root", trust("trusted_root.json")];
  const bundle = ["--bundle", join(folder, "cosign.json")];
  return [
    wholeProcess(BARE_NODE, [process.execPath, "-e", "0"]),
    wholeProcess(ONE, [process.execPath, COMMAND, "sign", ...words, file]),
    ...(cosign === undefined
      ? []
      : [
          wholeProcess(COSIGN, [cosign, "sign-blob", "--yes", "--identity-token", token, ...services, ...bundle, file]),
        ]),
  ];
}

async function inPlace<Value>(use: (place: SigningPlace) => Value): Promise<Value> {
  await buildPackage();
  const folder = mkdtempSync(join(tmpdir(), "sigstore-bench-sign-"));
  const data = join(folder, "instance");
  const { instance, url } = await startInstance(data);
  try {
    const token = (await fetchInstanceToken(url, "bench@example.com", Date.now)).reveal();
    writeFileSync(join(folder, "token"), token);
    const trust = (name: string): string => join(data, "trust", name);
    const given = ["--identity-token-file", join(folder, "token")];
    const words = ["--yes", "--force", "--trust-config", trust("trust_config.json"), ...given];
    return use({ folder, trust, words, token });
  } finally {
    instance.kill();
    await once(instance, "exit");
    rmSync(folder, { recursive: true });
  }
}

/** An instance in a process of its own, as its users have it. */
async function startInstance(data: string): Promise<{ readonly instance: ChildProcess; readonly url: string }> {
  const words = [COMMAND, "up", "--dev", "--port", "0", "--data", data];
  const instance = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  instance.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const url = /\bup at (http:\S+)/.exec(said)?.[1];
    if (url !== undefined) resolve(url);
  });
  instance.once("exit", (status) => reject(new Error(`the instance ended with ${status}: ${said}`)));
  return { instance, url: await promise };
}
