import { type RunningInstance, startInstance } from "../services/instance/start.ts";
/**
 * `sigstore up` at work: starts the instance, says what one needs to know of it, and serves until it is told to end.
 */
import { API_VERSION } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { readServing } from "./options/serving.ts";
import { writeJson } from "./output.ts";
import { type Style, outputStyle, printable, shellWord } from "./terminal.ts";
import { untilToldToEnd } from "./told-to-end.ts";
import type { World } from "./world.ts";

/** Runs the command. */
export async function runUp(request: ParsedArguments, world: World): Promise<number> {
  const serving = await readServing(request, world);
  const log = (line: string): void => world.writeTalk(`${new Date(world.nowMs()).toISOString()} ${printable(line)}\n`);
  const instance = await startInstance({ ...serving, processId: process.pid, log });
  if (request.flag("json")) writeJson(world, instanceDocument(instance));
  else world.writeOutput(greeting(instance, serving.dev === true, outputStyle(world)));
  await untilToldToEnd();
  world.writeTalk("ending: what has begun is answered first\n");
  await instance.stop();
  return EXIT.yes;
}

/** An instance that serves, as a document (docs/schemas/instance.json). */
export function instanceDocument(instance: RunningInstance): Readonly<Record<string, unknown>> {
  const { name, url, issuer, folder, fingerprintHex, isNew, isEncrypted, metricsPort } = instance;
  return {
    apiVersion: API_VERSION,
    kind: "RunningInstance",
    name,
    url,
    issuer,
    folder,
    fingerprint: fingerprintHex,
    isNew,
    keysEncrypted: isEncrypted,
    ...(metricsPort !== undefined && { metricsPort }),
  };
}

function greeting(instance: RunningInstance, isDev: boolean, style: Style): string {
  const { name, url, folder, fingerprintHex, isNew, isEncrypted } = instance;
  const lines = [
    `${style.good("sigstore is up")} at ${style.strong(url)}`,
    "",
    `  instance     ${name}${isNew ? " (new)" : ""}`,
    `  data         ${printable(folder)}`,
    `  fingerprint  ${fingerprintHex}`,
    `  keys         ${isEncrypted ? "encrypted" : style.caution("not encrypted: in files that only you can read")}`,
    `  login        ${isDev ? style.caution("anybody on this machine, without a password (--dev)") : `accounts: sigstore user add NAME --data ${shellWord(folder)}`}`,
    "",
    "next, in another terminal:",
    `  sigstore trust use ${url}`,
    "  sigstore sign FILE",
    "",
    "Ctrl-C ends it; the data stays.",
  ];
  return `${lines.join("\n")}\n`;
}
