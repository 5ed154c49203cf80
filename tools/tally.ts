/**
 * Counts what the runner of node:test tells: passed, failed and skipped tests, without the groups around them.
 */
import { relative } from "node:path";
import { ROOT } from "./files.ts";

/** A failed test, and where it stands. */
export interface Failure {
  readonly name: string;
  readonly place: string;
  readonly error: Error;
}

/** Counts the events of the runner. */
export class Tally {
  passed = 0;
  readonly failures: Failure[] = [];
  readonly skipped: string[] = [];

  add(event: TestEvent, failed: boolean): void {
    const skipReason = event.skip ?? event.todo;
    const isSkipped = skipReason !== undefined && skipReason !== false;
    // A suite is no case of its own; one that is skipped is told, since none of its cases is heard of.
    if (event.details.type === "suite" && !failed && !isSkipped) return;
    if (isSkipped) this.skipped.push(`${event.name} (${reasonOf(skipReason)})`);
    else if (!failed) this.passed += 1;
    else if (!isEchoOfParts(event.details.error)) this.failures.push(failureOf(event));
  }
}

/** The part of the runner's events that is read here. */
export interface TestEvent {
  readonly name: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: { readonly type?: string | undefined; readonly error?: Error };
}

function reasonOf(reason: string | boolean): string {
  return typeof reason === "string" && reason !== "" ? reason : "no reason given";
}

/** A test or suite that failed only because a test inside it did is not counted twice. */
function isEchoOfParts(error: Error | undefined): boolean {
  return error !== undefined && "failureType" in error && error.failureType === "subtestsFailed";
}

function failureOf({ name, file, line, details }: TestEvent): Failure {
  const error = details.error ?? new Error("no reason given");
  const place = file === undefined ? "" : `${relative(ROOT, file)}:${line ?? 0}`;
  return { name, place, error: error.cause instanceof Error ? error.cause : error };
}
