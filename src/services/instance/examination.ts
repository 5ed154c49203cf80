/**
 * What can be seen of an instance from outside its process: folder, rights, keys, certificates, disk, port. Nothing is changed.
 */
import { existsSync, readdirSync, statfsSync } from "node:fs";
import { formatRfc3339 } from "../../encoding/time.ts";
import { isSigstoreError } from "../../errors.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { startServer } from "../http/server.ts";
import { UsersFile } from "../oidc/storage-users.ts";
import { portOf } from "./address.ts";
import { readChain } from "./authorities.ts";
import { inFolder } from "./durable-file.ts";
import { pathsOf } from "./folder.ts";
import { type InstanceView, viewInstance } from "./instance-view.ts";
import { requireOwn } from "./key-store.ts";
import { portUnavailable } from "./port-unavailable.ts";
import { active } from "./record.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly outcome: "good" | "note" | "bad";
  readonly words: string;
  /** What to do about it. */
  readonly advice?: string;
}

const DAY_MS = 86_400_000;
const SOON_MS = 90 * DAY_MS;
const MIB = 1024 * 1024;

/** Looks at the instance in `folder`; the view is undefined where there is none that can be read. */
export async function examineInstance(
  folder: string,
  nowMs: number,
): Promise<{ readonly view: InstanceView | undefined; readonly findings: readonly Finding[] }> {
  const space = existsSync(folder) ? [diskSpace(folder)] : [];
  let view: InstanceView;
  try {
    view = viewInstance(folder);
  } catch (error) {
    return { view: undefined, findings: [badFinding("folder", error), ...space] };
  }
  const findings = [
    good("folder", `${view.record.name}, since ${formatRfc3339(view.record.createdMs)}`),
    ...space,
    rightsFinding(view),
    keysFinding(view),
    rootKeyFinding(view),
    ...logFindings(view),
    ...certificateFindings(view, nowMs),
    await usersFinding(view),
    ...(view.isHeld ? [] : [await portFinding(view)]),
  ];
  return { view, findings };
}

function good(name: string, words: string): Finding {
  return { name, outcome: "good", words };
}

function badFinding(name: string, error: unknown): Finding {
  if (!isSigstoreError(error)) throw error;
  const { message, hint } = error;
  return { name, outcome: "bad", words: message, ...(hint !== undefined && { advice: hint }) };
}

function diskSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const mebibytes = Math.floor((bavail * bsize) / MIB);
  const words = `${mebibytes} MiB free`;
  if (mebibytes >= 1024) return good("disk", words);
  const advice = "a log whose disk is full takes no entries: make room, or move the folder while nothing runs";
  return { name: "disk", outcome: mebibytes < 100 ? "bad" : "note", words, advice };
}

function rightsFinding({ folder }: InstanceView): Finding {
  const { keys, users } = pathsOf(folder);
  try {
    for (const path of [keys, ...readdirSync(keys).map((name) => inFolder(keys, name)), users]) requireOwn(path);
    return good("rights", "nobody else can read keys and users");
  } catch (error) {
    return badFinding("rights", error);
  }
}

function keysFinding({ isEncrypted }: InstanceView): Finding {
  if (isEncrypted) return good("keys", "encrypted");
  const advice = "they are encrypted by the next start with: sigstore up --key-file FILE";
  return { name: "keys", outcome: "note", words: "not encrypted", advice };
}

function rootKeyFinding({ folder, record }: InstanceView): Finding {
  const { rootKey, name } = active(record.certificateAuthorities);
  if (rootKey === undefined) return good("root key", `of ${name}: not in the folder`);
  const advice = "take it offline with: sigstore ca export-root-key FILE";
  return { name: "root key", outcome: "note", words: `of ${name}: in ${folder}`, advice };
}

function logFindings({ folder, record }: InstanceView): readonly Finding[] {
  return [...record.rekorLogs, ...record.ctLogs].map(({ name, origin, endMs }) => {
    if (existsSync(inFolder(folder, name, "public", "checkpoint")))
      return good(name, `${origin}${endMs === undefined ? "" : ", frozen"}`);
    const advice = "put the folder of the log back, or start from a backup: sigstore restore";
    return { name, outcome: "bad", words: `${origin}: expected a checkpoint, got none`, advice };
  });
}

function certificateFindings({ folder, record }: InstanceView, nowMs: number): readonly Finding[] {
  const { authorities, timestampAuthorities } = pathsOf(folder);
  return [
    certificateFinding(authorities, active(record.certificateAuthorities).name, nowMs),
    certificateFinding(timestampAuthorities, active(record.timestampAuthorities).name, nowMs),
  ];
}

function certificateFinding(folder: string, name: string, nowMs: number): Finding {
  try {
    const ends = readChain(folder, name).map((certificate) => parseCertificate(certificate).notAfterMs);
    const endMs = Math.min(...ends);
    const words = `certificates good until ${formatRfc3339(endMs)}`;
    if (endMs - nowMs > SOON_MS) return good(name, words);
    const advice = "make new ones with: sigstore ca rotate";
    return { name, outcome: endMs < nowMs ? "bad" : "note", words, advice };
  } catch (error) {
    return badFinding(name, error);
  }
}

async function usersFinding({ folder }: InstanceView): Promise<Finding> {
  try {
    const { length } = await new UsersFile(pathsOf(folder).users).read();
    if (length > 0) return good("users", `${length}`);
    const advice = "add somebody with: sigstore user add EMAIL";
    return {
      name: "users",
      outcome: "note",
      words: "none: nobody can log in but by other issuers, or with --dev",
      advice,
    };
  } catch (error) {
    return badFinding("users", error);
  }
}

/** Of an instance that does not run: whether it could listen. */
async function portFinding({ record }: InstanceView): Promise<Finding> {
  const number = portOf(new URL(record.url));
  const host = "127.0.0.1";
  try {
    const handler = async (): Promise<never> => Promise.reject(new Error("nobody is served"));
    await (
      await startServer({ handler, host, secondHost: "::1", port: number, nowMs: () => performance.now() })
    ).stop();
    return good("port", `${number} is free`);
  } catch (cause) {
    return badFinding("port", portUnavailable(cause, host, number));
  }
}
