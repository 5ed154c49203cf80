/**
 * `npm run crash`: logs and instances in processes of their own, killed, given disks that fail, and started from what a loss of power leaves.
 *
 * `--points N` is how many kills, faults and replays there are in all, near enough; `--seed S` draws other moments; `--only kills` (or `instance`, `faults`, `replay`)
 * runs a part. After each point all that was acknowledged must be in the log at its index, every root that was shown must be one of its tree,
 * and tiles, checkpoint and state must agree. Faults and replays need strace: `--without strace` leaves them out.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/testing/seed.ts";
import { Suite } from "../suite.ts";
import { faultCases } from "./faults.ts";
import { instanceCases } from "./instances.ts";
import { killCases } from "./kills.ts";
import { replayCases } from "./replay.ts";

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "72" },
    seed: { type: "string", default: "1" },
    only: { type: "string", multiple: true },
    without: { type: "string", multiple: true },
  },
});

const suite = new Suite("crash");
const bytes = seededRandom(values.seed, "crash");
/** 0 to 1 */
const random = (): number => {
  const [high = 0, low = 0] = bytes(2);
  return ((high << 8) | low) / 65_536;
};
const share = Math.ceil(Number(values.points) / 3);
const isWanted = (part: string): boolean => values.only === undefined || values.only.includes(part);

if (isWanted("kills")) await killCases(suite, share, random);
if (isWanted("instance")) await instanceCases(suite, Math.ceil(share / 2), random);
if (isWanted("faults") || isWanted("replay")) {
  const hasStrace = spawnSync("strace", ["-f", "true"], { stdio: "ignore" }).status === 0;
  if (suite.needs("strace", hasStrace, "strace is not here, or may not trace (Debian: apt-get install strace)")) {
    if (isWanted("faults")) await faultCases(suite, share, random);
    if (isWanted("replay")) await replayCases(suite, share, random);
  }
}
suite.finish();
