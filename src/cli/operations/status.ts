import { HttpClient } from "../../clients/http/http-client.ts";
/**
 * `sigstore status` at work: asks the process that holds the folder how its services are.
 */
import { parseJson } from "../../encoding/json.ts";
import { isSigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import { type InstanceView, viewInstance } from "../../services/instance/instance-view.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { DATA_OPTION, findDataFolder } from "../options/data-folder.ts";
import { writeJson } from "../output.ts";
import { outputStyle, printable, shellWord, type Style } from "../terminal.ts";
import type { World } from "../world.ts";

/** How one service is. */
export interface ServiceHealth {
  readonly name: string;
  readonly isWell: boolean;
  /** What more there is to say: how many entries, what ails it. */
  readonly note: string;
}

/** Runs the command. */
export async function runStatus(request: ParsedArguments, world: World): Promise<number> {
  const { path, source } = findDataFolder(request, world);
  const view = viewInstance(path);
  const services = view.isHeld ? await askHealth(view) : [];
  const isWell = services.length > 0 && services.every((service) => service.isWell);
  if (request.flag("json")) writeJson(world, statusDocument(view, services, isWell));
  else world.writeOutput(statusText(view, services, startWords(path, source), outputStyle(world)));
  return isWell ? EXIT.yes : EXIT.broken;
}

/** How the services of a running instance are; one that does not answer is one that is not well. */
export async function askHealth({ run, record, tlsAuthority }: InstanceView): Promise<readonly ServiceHealth[]> {
  const url = `${run?.url ?? record.url}/status.json`;
  const client = new HttpClient({ tries: 1, timeoutMs: 5000, ...(tlsAuthority && { caCertificates: tlsAuthority }) });
  try {
    const { bytes } = await client.send({
      service: "instance",
      method: "GET",
      url,
      maxBytes: LIMITS.serviceAnswerBytes,
      repeat: "always",
    });
    return readHealth(bytes);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return [{ name: "instance", isWell: false, note: error.message }];
  } finally {
    client.close();
  }
}

function readHealth(bytes: Uint8Array): readonly ServiceHealth[] {
  const value = parseJson(bytes, { maxBytes: LIMITS.serviceAnswerBytes });
  const services = isObject(value) && Array.isArray(value["services"]) ? value["services"] : [];
  return services.filter(isObject).map((one) => ({
    name: typeof one["name"] === "string" ? one["name"] : "a service",
    isWell: one["isWell"] === true,
    note: typeof one["note"] === "string" ? one["note"] : "",
  }));
}

function statusDocument(
  { folder, record, isHeld, run, fingerprintHex, isEncrypted }: InstanceView,
  services: readonly ServiceHealth[],
  isWell: boolean,
): Readonly<Record<string, unknown>> {
  return {
    apiVersion: API_VERSION,
    kind: "InstanceStatus",
    name: record.name,
    url: run?.url ?? record.url,
    folder,
    isRunning: isHeld,
    isWell,
    ...(run && { pid: run.pid, started: run.started }),
    ...(fingerprintHex !== undefined && { fingerprint: fingerprintHex }),
    keysEncrypted: isEncrypted,
    services,
  };
}

/** How it is started, in words that name the same folder. */
function startWords(folder: string, source: string): string {
  return source === `--${DATA_OPTION.name}` ? `sigstore up --data ${shellWord(folder)}` : "sigstore up";
}

function statusText(view: InstanceView, services: readonly ServiceHealth[], start: string, style: Style): string {
  const { record, run, folder, fingerprintHex = "none yet", isEncrypted, isHeld } = view;
  const width = Math.max(...services.map(({ name }) => name.length), 11) + 2;
  const lines = [
    isHeld ? `${style.good("up")} at ${run?.url ?? record.url}` : `${style.caution("not running")}: ${record.url}`,
    "",
    ["instance", record.name],
    ["data", printable(folder)],
    ["fingerprint", fingerprintHex],
    ["keys", isEncrypted ? "encrypted" : "not encrypted"],
    ...(run === undefined ? [] : [["process", `${run.pid}, since ${run.started}`]]),
    ...services.map(({ name, isWell, note }) => [
      printable(name),
      `${isWell ? style.good("well") : style.bad("ailing")}${note === "" ? "" : `  ${printable(note)}`}`,
    ]),
    ...(isHeld ? [] : ["", `start it with: ${start}`]),
  ];
  return lines
    .map((line) => (typeof line === "string" ? `${line}\n` : `  ${(line[0] ?? "").padEnd(width)}${line[1] ?? ""}\n`))
    .join("");
}
