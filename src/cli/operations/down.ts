/**
 * `sigstore down` at work: tells the process that holds the folder to end, and waits until it has.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SigstoreError } from "../../errors.ts";
import { isHeld } from "../../services/instance/folder.ts";
import { viewInstance } from "../../services/instance/instance-view.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { writeJson } from "../output.ts";
import type { World } from "../world.ts";

/** Longer than a server waits for what has begun. */
const PATIENCE_MS = 45_000;
const STEP_MS = 50;

/** Runs the command. */
export async function runDown(request: ParsedArguments, world: World): Promise<number> {
  const { path: folder } = findDataFolder(request, world);
  const view = viewInstance(folder);
  const wasRunning = view.isHeld;
  if (wasRunning) await endProcess(folder, view.run?.pid, world);
  const { url } = view.record;
  if (request.flag("json")) writeJson(world, { apiVersion: API_VERSION, kind: "InstanceEnd", folder, url, wasRunning });
  else
    world.writeOutput(
      wasRunning ? `ended: ${view.run?.url ?? url}\n` : `nothing to end: no process serves ${folder}\n`,
    );
  return EXIT.yes;
}

async function endProcess(folder: string, pid: number | undefined, world: World): Promise<void> {
  if (pid === undefined)
    throw new SigstoreError("storage-in-use", `expected to know which process holds ${folder}, got none`, {
      hint: "it may be starting: try again in a moment",
    });
  signal(pid, folder);
  for (const endMs = world.nowMs() + PATIENCE_MS; world.nowMs() < endMs; await sleep(STEP_MS)) {
    if (!isHeld(folder)) return;
  }
  throw new SigstoreError(
    "storage-in-use",
    `expected process ${pid} to end within ${PATIENCE_MS / 1000} s, got no end`,
    {
      hint: `look at what it does: sigstore logs --data ${folder}\nnothing that was acknowledged is lost with: kill -9 ${pid}`,
    },
  );
}

function signal(pid: number, folder: string): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ESRCH") return;
    throw new SigstoreError("storage-in-use", `expected to end process ${pid}, got ${String(code)}`, {
      hint: code === "EPERM" ? `it belongs to another user, as ${folder} does` : "look at it with: ps",
      cause,
    });
  }
}
