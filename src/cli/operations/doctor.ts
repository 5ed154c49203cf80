/**
 * `sigstore doctor` at work.
 */
import { examineInstance, type Finding } from "../../services/instance/examination.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { writeJson } from "../output.ts";
import { outputStyle, printable, type Style } from "../terminal.ts";
import type { World } from "../world.ts";
import { askHealth } from "./status.ts";

/** Runs the command. */
export async function runDoctor(request: ParsedArguments, world: World): Promise<number> {
  const { path: folder, source } = findDataFolder(request, world);
  const settings: Finding = { name: "settings", outcome: "good", words: `data in ${folder}, as ${source} says` };
  const { view, findings } = await examineInstance(folder, world.nowMs());
  const running =
    view?.isHeld === true ? [processFinding(view.run), ...(await askHealth(view)).map(healthFinding)] : [];
  const all = [settings, ...findings, ...running];
  const isWell = all.every(({ outcome }) => outcome !== "bad");
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "InstanceExamination", folder, isWell, findings: all });
  else world.writeOutput(all.map((finding) => findingText(finding, outputStyle(world))).join(""));
  return isWell ? EXIT.yes : EXIT.broken;
}

function processFinding(run: { readonly pid: number; readonly url: string } | undefined): Finding {
  const words = run === undefined ? "holds the folder, and does not serve yet" : `${run.pid} serves ${run.url}`;
  return { name: "process", outcome: run === undefined ? "note" : "good", words };
}

function healthFinding({ name, isWell, note }: { name: string; isWell: boolean; note: string }): Finding {
  if (isWell) return { name, outcome: "good", words: note === "" ? "well" : note };
  return { name, outcome: "bad", words: note === "" ? "ailing" : note, advice: "look at what it says: sigstore logs" };
}

function findingText({ name, outcome, words, advice }: Finding, style: Style): string {
  const mark = { good: style.good("ok  "), note: style.caution("note"), bad: style.bad("BAD ") }[outcome];
  const lines = [`${mark}  ${printable(name).padEnd(14)}${printable(words)}`];
  for (const line of advice?.split("\n") ?? []) lines.push(`${" ".repeat(20)}${printable(line)}`);
  return `${lines.join("\n")}\n`;
}
