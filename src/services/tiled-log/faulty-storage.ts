/**
 * A storage whose writes fail when told to, in both ways that count: the write did not happen, or it did and only the answer
 * was lost.
 *
 * For tests. Counted is every write: each `append`, each `write`, each `removePartials`.
 */
import { SigstoreError } from "../../errors.ts";
import type { LogStorage } from "./storage.ts";

/** How a write fails. */
export type Fault = "failed" | "failed but persisted";

/** Says for write number `write`, counted from 0, whether and how it fails. */
export type FaultPlan = (write: number) => Fault | undefined;

/** `storage` with faults by `plan`; reads and `close` go through. */
export function faultyStorage(storage: LogStorage, plan: FaultPlan): LogStorage {
  let writes = 0;
  const faultily = async (run: () => Promise<void>): Promise<void> => {
    const fault = plan(writes);
    writes += 1;
    if (fault !== "failed") await run();
    if (fault !== undefined) throw new SigstoreError("storage-failed", `expected a write to succeed, got: ${fault}`);
  };
  const { state, files } = storage;
  return {
    state: {
      readHead: () => state.readHead(),
      append: (batch) => faultily(() => state.append(batch)),
      findDuplicates: (keys) => state.findDuplicates(keys),
      readEntries: (start, count) => state.readEntries(start, count),
    },
    files: {
      write: (list) => faultily(() => files.write(list)),
      read: (path) => files.read(path),
      removePartials: (path) => faultily(() => files.removePartials(path)),
    },
    close: () => storage.close(),
  };
}
