/**
 * `sigstore serve` at work.
 */
import { SINGLE_SERVICES, startSingleService } from "../../services/instance/single-service.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usageError } from "../options/parse.ts";
import { writeJson } from "../output.ts";
import { printable } from "../terminal.ts";
import type { World } from "../world.ts";
import { untilToldToEnd } from "./told-to-end.ts";

/** Runs the command. */
export async function runServe(request: ParsedArguments, world: World): Promise<number> {
  const [word = ""] = request.operands;
  const name = SINGLE_SERVICES.find((one) => one === word);
  if (name === undefined) throw usageError(`expected one of ${SINGLE_SERVICES.join(", ")}, got ${word}`);
  const configFile = request.value("config");
  if (configFile === undefined) throw usageError("expected --config FILE, got none", "sigstore help serve");
  const log = (line: string): void => world.writeTalk(`${new Date(world.nowMs()).toISOString()} ${printable(line)}\n`);
  const service = await startSingleService(name, {
    configFile,
    holder: `process ${process.pid}`,
    log,
  });
  const { port, metricsPort } = service;
  const metrics = metricsPort === undefined ? {} : { metricsPort };
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "RunningService", name, port, ...metrics });
  else world.writeOutput(`${name} serves on port ${port}; Ctrl-C ends it\n`);
  await untilToldToEnd();
  await service.stop();
  return EXIT.yes;
}
