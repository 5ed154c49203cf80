/**
 * `sigstore up` at work: starts the instance, says what one needs to know of it, and serves until it is told to end; or has a
 * process of its own do so in the background.
 */
import { type RunningInstance, startInstance } from "../../services/instance/start.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { readServing } from "../options/serving.ts";
import { writeJson } from "../output.ts";
import { outputStyle, printable } from "../terminal.ts";
import type { World } from "../world.ts";
import { IN_BACKGROUND, startDetached } from "./detached.ts";
import { greeting, type InstanceSummary, summaryDocument } from "./greeting.ts";
import { printUsage } from "./print-usage.ts";
import { untilToldToEnd } from "./told-to-end.ts";

/** Runs the command. */
export async function runUp(request: ParsedArguments, world: World): Promise<number> {
  const form = request.value("print");
  if (form !== undefined) return printUsage(form, request, world);
  const serving = await readServing(request, world);
  if (request.flag("detach")) {
    answer(await startDetached(serving, world), "background", request, world);
    return EXIT.yes;
  }
  const log = (line: string): void => world.writeTalk(`${new Date(world.nowMs()).toISOString()} ${printable(line)}\n`);
  const starting = startInstance({ ...serving, processId: process.pid, log });
  // From now on: who is told that it is up may end it at once, and what is changed while it starts is taken up then.
  const ended = untilToldToEnd(() => whenStarted(starting, (instance) => reload(instance, log)));
  const instance = await starting;
  if (world.environment[IN_BACKGROUND] === undefined)
    answer({ ...instance, isDev: serving.dev === true }, "foreground", request, world);
  else log(`${instance.name} serves ${instance.url}`);
  await ended;
  log("ending: what has begun is answered first");
  await instance.stop();
  return EXIT.yes;
}

function answer(
  summary: InstanceSummary,
  place: "foreground" | "background",
  request: ParsedArguments,
  world: World,
): void {
  if (request.flag("json")) writeJson(world, summaryDocument(summary));
  else world.writeOutput(greeting(summary, place, outputStyle(world)));
}

/** What keeps it from starting is told by who waits for it. */
function whenStarted(starting: Promise<RunningInstance>, run: (instance: RunningInstance) => void): void {
  starting.then(run, () => undefined);
}

/** A change that cannot be taken up is told, and everything goes on as it was. */
function reload(instance: RunningInstance, log: (line: string) => void): void {
  instance.reload().catch((error: unknown) => {
    log(`what was changed is not taken up: ${error instanceof Error ? error.message : String(error)}`);
  });
}
