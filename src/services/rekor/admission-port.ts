/**
 * The port through which bodies of requests become entries, and its plain form: in the thread that asks.
 *
 * Verifying takes most of a write's time; admission-pool.ts does the same in threads of its own.
 */
import type { LoggedEntry } from "../../authority/entry.ts";
import { admitProposal } from "./admission.ts";
import { parseProposal } from "./proposal.ts";

/**
 * Reads and judges what clients send.
 *
 * - `admit` gives the entry of a body, or undefined when the body proposes none; the same for the same body, wherever it is done.
 * - Any number of calls may run at once. Errors are those of `parseProposal` and `admitProposal`, and `log-busy`.
 * - After `stop` nothing is admitted; calls under way end first.
 */
export interface Admission {
  admit(body: Uint8Array): Promise<LoggedEntry | undefined>;
  stop(): Promise<void>;
}

/** The entry of a body; `allowed` are names of PublicKeyDetails. Errors as the port. */
export function admitBody(body: Uint8Array, allowed: ReadonlySet<string>): LoggedEntry | undefined {
  const proposal = parseProposal(body);
  return proposal && admitProposal(proposal, allowed);
}

/** Admission in this thread. */
export function directAdmission(algorithms: readonly string[]): Admission {
  const allowed = new Set(algorithms);
  return { admit: async (body) => admitBody(body, allowed), stop: async () => {} };
}
