/**
 * `sigstore version`, also `sigstore --version`.
 */
import { API_VERSION } from "../../verdict/result.ts";
import type { Command, ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { writeJson } from "../output.ts";
import { VERSION } from "../version.ts";
import type { World } from "../world.ts";

/** `sigstore version`. */
export const versionCommand: Command = {
  name: "version",
  summary: "say which version this is",
  usage: "",
  description: [],
  options: [],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "for a bug report", line: "sigstore version --json" }],
  run: runVersion,
};

async function runVersion(request: ParsedArguments, world: World): Promise<number> {
  if (request.flag("json")) {
    writeJson(world, { apiVersion: API_VERSION, kind: "Version", version: VERSION, node: process.versions.node });
  } else {
    world.writeOutput(`sigstore ${VERSION}\n`);
  }
  return EXIT.yes;
}
