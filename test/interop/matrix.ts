/**
 * Everybody signs, everybody verifies what everybody signed, and nobody accepts another file or another signer.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Suite } from "../suite.ts";
import type { Client, Material, SignedKind } from "./clients/client.ts";
import { type Attempt, expectedFailure, looksAtFile } from "./expected.ts";
import { lastWords, type ProgramOutcome } from "./programs.ts";
import type { LogTarget, Stack } from "./stack.ts";

/** Who signs in the matrix, and who did not. */
const SIGNER = "signer@example.org";
const STRANGER = "stranger@example.org";
const KINDS: readonly SignedKind[] = ["file", "attestation"];

/** The outcome of one signature and of its verifications, by the client's name. */
export interface MatrixRow {
  readonly stack: Stack["name"];
  readonly log: LogTarget["name"];
  readonly kind: SignedKind;
  readonly signer: string;
  /** What came of the signature itself. */
  readonly signed: Mark;
  readonly cells: ReadonlyMap<string, Mark>;
}

/** A yes, a no that is listed in expected.ts with its reason, or what must not be. */
export type Mark = { readonly kind: "yes" | "BAD" } | { readonly kind: "listed"; readonly reason: string };

/** What the matrix is made of. */
export interface MatrixOptions {
  readonly suite: Suite;
  readonly stack: Stack;
  readonly clients: readonly Client[];
  readonly material: Material;
  /** How many verifications run at once. */
  readonly atOnce: number;
}

/** Runs one stack's part of the matrix; each signature and each verification is a case. */
export async function runMatrix(options: MatrixOptions): Promise<readonly MatrixRow[]> {
  const rows: MatrixRow[] = [];
  for (const log of options.stack.logs) {
    for (const kind of KINDS) {
      for (const client of options.clients) rows.push(await runRow(options, log, kind, client));
    }
  }
  return rows;
}

async function runRow(options: MatrixOptions, log: LogTarget, kind: SignedKind, client: Client): Promise<MatrixRow> {
  const { stack, clients, material, suite } = options;
  const attempt: Attempt = { log: log.name, kind, signer: client.name };
  const label = `${stack.name}, ${log.name}: ${kind} by ${client.name}`;
  const bundle = join(material.folder, `${stack.name}-${log.name}-${kind}-${client.name}.sigstore.json`);
  const tokenFile = join(material.folder, "token");
  writeFileSync(tokenFile, await stack.token(SIGNER), { mode: 0o600 });
  const cells = new Map<string, Mark>();
  const reason = expectedFailure(attempt);
  const signed = await judgeCase(suite, `${label}, signed`, reason, async () => {
    requireYes(await client.sign({ stack, log, kind, tokenFile, bundle, material }));
  });
  const row = { stack: stack.name, log: log.name, kind, signer: client.name, signed, cells };
  if (signed.kind !== "yes") return row;
  const waiting = [...clients];
  const work = async (): Promise<void> => {
    for (let verifier = waiting.shift(); verifier !== undefined; verifier = waiting.shift()) {
      const cell = { ...attempt, verifier: verifier.name };
      const verify = verifyThrice(options, verifier, cell, bundle);
      cells.set(
        verifier.name,
        await judgeCase(suite, `${label}, verified by ${verifier.name}`, expectedFailure(cell), verify),
      );
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return row;
}

/** The file and its signer: yes; another signer, or another file: no. */
function verifyThrice(
  { stack, material }: MatrixOptions,
  verifier: Client,
  attempt: Attempt,
  bundle: string,
): () => Promise<void> {
  const { kind } = attempt;
  const genuine = { stack, kind, bundle, file: material.file, email: SIGNER };
  return async () => {
    requireYes(await verifier.verify(genuine));
    requireNo("another signer", await verifier.verify({ ...genuine, email: STRANGER }));
    if (looksAtFile(attempt))
      requireNo("another file", await verifier.verify({ ...genuine, file: material.otherFile }));
  };
}

function requireYes({ status, said }: ProgramOutcome): void {
  if (status !== 0) throw new Error(`expected a yes, got status ${status}: ${lastWords(said)}`);
}

function requireNo(what: string, { status, said }: ProgramOutcome): void {
  if (status === 0) throw new Error(`expected ${what} to be refused, got a yes: ${lastWords(said)}`);
  if (typeof status === "string") throw new Error(`expected ${what} to be refused, got ${status}`);
}

/** A case that must pass, or that must fail for a reason; the latter counts as skipped, and as a fault where it passes. */
async function judgeCase(
  suite: Suite,
  label: string,
  reason: string | undefined,
  run: () => Promise<void>,
): Promise<Mark> {
  if (reason === undefined) {
    const beganMs = performance.now();
    const timed = async (): Promise<string> => run().then(() => `${Math.round(performance.now() - beganMs)} ms`);
    return { kind: (await suite.case(label, timed)) ? "yes" : "BAD" };
  }
  try {
    await run();
  } catch {
    suite.skip(label, `as listed: ${reason}`);
    return { kind: "listed", reason };
  }
  suite.fail(label, `expected it to fail, got a pass; take it out of expected.ts: ${reason}`);
  return { kind: "BAD" };
}

/** The whole matrix, for people. */
export function matrixTable(rows: readonly MatrixRow[], verifiers: readonly string[]): string {
  const reasons: string[] = [];
  const text = (mark: Mark | undefined): string => {
    if (mark === undefined) return "-";
    if (mark.kind !== "listed") return mark.kind;
    if (!reasons.includes(mark.reason)) reasons.push(mark.reason);
    return `no ${reasons.indexOf(mark.reason) + 1})`;
  };
  const head = ["services", "log", "kind", "signed by", "signed", ...verifiers];
  const body = rows.map(({ stack, log, kind, signer, signed, cells }) => {
    return [stack, log, kind, signer, text(signed), ...verifiers.map((name) => text(cells.get(name)))];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), ...body.map(line), "", ...reasons.map((reason, at) => `${at + 1}) ${reason}`)].join("\n");
}
