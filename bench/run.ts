/**
 * `npm run bench [-- NAME…] [--json]`: our figures beside the peers', each pair measured in the same run.
 *
 * NAME is a figure or the start of one (`verify`, `verify/dsse`, `cold`). `--json` prints a line a figure. The exit code is 1
 * where a required ratio is missed; machines differ, so nothing but people asks for it.
 */
import { parseArgs } from "node:util";
import { measureCertificates, measureTimestamps } from "./authority.ts";
import { measureCold } from "./cold.ts";
import { isMet, jsonLine, tableHead, tableRow } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { measureLogGrowth, measureLogWrites } from "./log.ts";
import { measureSignFile, measureSignMany } from "./sign.ts";
import { measureVerify } from "./verify.ts";

const MEASUREMENTS: ReadonlyMap<string, () => Promise<readonly Figure[]>> = new Map([
  ["verify/happy-path-v0.3", () => measureVerify("happy-path-v0.3")],
  ["verify/rekor2", () => measureVerify("rekor2")],
  ["verify/dsse", () => measureVerify("dsse")],
  ["verify/rekor2-dsse", () => measureVerify("rekor2-dsse")],
  ["cold/verify", measureCold],
  ["log/write-512", () => measureLogWrites(512)],
  ["log/write-4000", () => measureLogWrites(4000)],
  ["log/growth", measureLogGrowth],
  ["ca/certificates", measureCertificates],
  ["tsa/timestamps", measureTimestamps],
  ["sign/file", measureSignFile],
  ["sign/1000-files", measureSignMany],
]);

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean" } } });
const chosen = [...MEASUREMENTS].filter(
  ([name]) =>
    positionals.length === 0 || positionals.some((wanted) => name === wanted || name.startsWith(`${wanted}/`)),
);
if (chosen.length === 0) {
  throw new TypeError(`expected one of ${[...MEASUREMENTS.keys()].join(", ")}, got ${positionals.join(" ")}`);
}
if (values.json !== true) console.log(tableHead());
for (const [, measure] of chosen) {
  for (const figure of await measure()) {
    console.log(values.json === true ? jsonLine(figure) : tableRow(figure));
    if (!isMet(figure)) process.exitCode = 1;
  }
}
