/** Batches form as they should: at once when idle, together under load, bounded always. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSigstoreError } from "../../errors.ts";
import { DEFAULT_PACE, GroupCommit, type Pace } from "./group-commit.ts";

/** A lane that records its batches; each takes as long as `work` says. */
function recordingLane(
  pace: Partial<Pace>,
  work: () => Promise<unknown> = async () => {},
): {
  readonly lane: GroupCommit<number, string>;
  readonly batches: (readonly number[])[];
} {
  const batches: (readonly number[])[] = [];
  const run = async (items: readonly number[]): Promise<PromiseSettledResult<string>[]> => {
    batches.push(items);
    await work();
    return Promise.allSettled(items.map(async (item) => `answer ${item}`));
  };
  return { lane: new GroupCommit(run, { ...DEFAULT_PACE, ...pace }), batches };
}

test("items of one turn go together; those that come meanwhile wait for the next batch", async () => {
  const gate = Promise.withResolvers<undefined>();
  const { lane, batches } = recordingLane({ intervalPerItemMs: 0 }, () => gate.promise);
  const first = [1, 2, 3].map((item) => lane.submit(item, 1));
  while (batches.length === 0)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  const second = [4, 5].map((item) => lane.submit(item, 1));
  assert.equal(lane.waiting, 2);
  gate.resolve(undefined);
  assert.deepEqual(await Promise.all([...first, ...second]), [
    "answer 1",
    "answer 2",
    "answer 3",
    "answer 4",
    "answer 5",
  ]);
  assert.deepEqual(batches, [
    [1, 2, 3],
    [4, 5],
  ]);
});

test("a batch is no larger than allowed, and a full one does not wait for its time", async () => {
  const { lane, batches } = recordingLane({ maximumBatch: 10, intervalPerItemMs: 1e6, maximumIntervalMs: 1e6 });
  const answers = Array.from({ length: 30 }, (_, item) => lane.submit(item, 1));
  await Promise.all(answers);
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [10, 10, 10],
  );
  await lane.stop();
});

test("after a large batch the next begins no sooner than its interval, after a lone item at once", async () => {
  const { lane } = recordingLane({ intervalPerItemMs: 10, maximumIntervalMs: 100 });
  const elapsed = async (items: number): Promise<number> => {
    const [startS, startNs] = process.hrtime();
    await Promise.all(Array.from({ length: items }, (_, item) => lane.submit(item, 1)));
    const [endS, endNs] = process.hrtime();
    return (endS - startS) * 1000 + (endNs - startNs) / 1e6;
  };
  assert.ok((await elapsed(50)) < 90, "the first crowd does not wait");
  assert.ok((await elapsed(1)) > 60, "who comes after it does");
  await elapsed(1);
  assert.ok((await elapsed(1)) < 60, "one after another does not");
});

test("too many that wait are refused, by number and by bytes", async () => {
  const gate = Promise.withResolvers<undefined>();
  const { lane } = recordingLane({ maximumWaiting: 3, maximumWaitingBytes: 100 }, () => gate.promise);
  const isBusy = (error: unknown): boolean =>
    isSigstoreError(error, "log-busy") && error.details["retryAfterSeconds"] === 1;
  const taken = [1, 2, 3].map((item) => lane.submit(item, 1));
  await assert.rejects(lane.submit(4, 1), isBusy);
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  taken.push(lane.submit(5, 60));
  await assert.rejects(lane.submit(6, 60), isBusy);
  gate.resolve(undefined);
  assert.equal((await Promise.all(taken)).length, 4);
});

test("a batch that fails refuses its items, and the next goes on", async () => {
  let failing = true;
  const { lane } = recordingLane({ intervalPerItemMs: 0 }, async () => {
    if (failing) throw new Error("no disk");
  });
  await assert.rejects(Promise.all([lane.submit(1, 1), lane.submit(2, 1)]), /no disk/);
  failing = false;
  assert.equal(await lane.submit(3, 1), "answer 3");
});

test("an empty batch runs when asked for", async () => {
  const { lane, batches } = recordingLane({});
  lane.nudge();
  await lane.stop();
  assert.deepEqual(batches, [[]]);
});
