/**
 * What becomes public for ever is said before the first keyless signature, once for each instance and name.
 *
 * A person at a terminal is asked; a machine is told, on the error output, and goes on: nobody is there to answer, and a job
 * that signs was set up by somebody who wanted that.
 */
import { publicRecordOf } from "../compose/public-record.ts";
import type { PublicRecord } from "../compose/public-record.ts";
import { SigstoreError } from "../errors.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import type { Home } from "../home/folder.ts";
import { changeSettings, readSettings } from "../home/settings.ts";
import { writeWarning } from "./output.ts";
import { printable, talkStyle } from "./terminal.ts";
import type { World } from "./world.ts";

/** Where the notice is given. */
export interface NoticeOptions {
  /** Name of the instance. */
  readonly instance: string;
  readonly home: Home | undefined;
  /** True where the user said `--yes`. */
  readonly isAgreed: boolean;
  readonly signal: AbortSignal;
}

/** Says what a signature with `token` makes public, and asks. @throws SigstoreError `cancelled` where the person does not agree */
export async function givePublicNotice(token: IdentityToken, world: World, options: NoticeOptions): Promise<void> {
  const { instance, home, isAgreed, signal } = options;
  const record = publicRecordOf(token);
  if (isAgreed) return;
  const key = `${instance} ${record.name}`;
  const told = home === undefined ? [] : readSettings(home).toldPublic;
  if (told.includes(key)) return;
  world.writeTalk(noticeText(record, instance, world));
  if (record.isPrivate)
    writeWarning(world, `the token says that ${record.name} is NOT public; its name is about to become so, for ever`);
  if (world.ask === undefined) return;
  const answer = await world.ask("go on? [y/N] ", signal);
  if (!/^\s*y(?:es)?\s*$/iu.test(answer))
    throw new SigstoreError("cancelled", "expected yes to make this public, got no", {
      hint: "nothing was signed; --yes goes on without asking",
    });
  if (home !== undefined) changeSettings(home, { toldPublic: [...told, key] });
}

function noticeText({ kind, name, others }: PublicRecord, instance: string, world: World): string {
  const style = talkStyle(world);
  const reader =
    instance === "public" || instance === "staging" ? "everybody" : "whoever can read the logs of this instance";
  const what = ["the digest of what you sign, and when", ...others].join(", ");
  return `a signature is recorded in logs from which nothing can be removed; ${reader} will see\n  ${kind.padEnd(16)}${style.strong(printable(name))}\n  and also        ${what}\n`;
}
