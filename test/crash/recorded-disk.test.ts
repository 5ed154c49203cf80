/** What is left of recorded writes after a loss of power: what was flushed, and nothing else. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { RecordedDisk } from "./recorded-disk.ts";
import { StraceReader } from "./strace-log.ts";

const folder = mkdtempSync(join(tmpdir(), "recorded-disk-"));
after(() => rmSync(folder, { recursive: true }));

function hex(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
}

/** The disk after these lines of a trace. */
function diskAfter(lines: readonly string[]): RecordedDisk {
  const disk = new RecordedDisk("/d");
  const reader = new StraceReader();
  for (const line of lines) for (const call of reader.read(line)) disk.follow(call);
  return disk;
}

/** What a file holds on a disk that lost its power; undefined when it is not there. */
function leftOf(disk: RecordedDisk, name: string, keeps?: () => boolean): string | undefined {
  disk.rebuild(join(folder, "rebuilt"), keeps);
  const path = join(folder, "rebuilt", name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

const CREATED = [
  `12345 openat(AT_FDCWD, ${hex("/d/a")}, O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 20`,
  `12345 openat(AT_FDCWD, ${hex("/d")}, O_RDONLY|O_DIRECTORY) = 21`,
  "12345 fsync(21)                         = 0",
];

test("bytes are there when they were flushed after they were written", () => {
  const written = [...CREATED, `12345 pwrite64(20, ${hex("one")}, 3, 0) = 3`];
  assert.equal(leftOf(diskAfter(written), "a"), "");
  assert.equal(leftOf(diskAfter([...written, "12345 fdatasync(20) = 0"]), "a"), "one");
  const more = [...written, "12345 fsync(20) = 0", `12345 pwrite64(20, ${hex("TWO")}, 3, 2) = 3`];
  assert.equal(leftOf(diskAfter(more), "a"), "one");
  assert.equal(
    leftOf(diskAfter(more), "a", () => true),
    "onTWO",
  );
  assert.equal(leftOf(diskAfter([...more, "12345 ftruncate(20, 1) = 0", "12345 fsync(20) = 0"]), "a"), "o");
});

test("what was written while a flush was under way is not flushed by it", () => {
  const lines = [
    ...CREATED,
    `12345 write(20, ${hex("one")}, 3) = 3`,
    " 9876 fsync(20 <unfinished ...>",
    `12345 write(20, ${hex("two")}, 3) = 3`,
    " 9876 <... fsync resumed>)              = 0",
  ].map((line) => line.trim());
  assert.equal(leftOf(diskAfter(lines), "a"), "one");
  assert.equal(leftOf(diskAfter([...lines, "12345 fsync(20) = 0"]), "a"), "onetwo");
});

test("only what a write says that it wrote was written, and a call that failed did nothing", () => {
  const lines = [
    ...CREATED,
    `12345 write(20, ${hex("whole")}, 5) = 2`,
    `12345 write(20, ${hex("more")}, 4) = -1 ENOSPC (No space left on device)`,
    "12345 fsync(20) = 0",
  ];
  assert.equal(leftOf(diskAfter(lines), "a"), "wh");
  const failed = [...CREATED, `12345 write(20, ${hex("x")}, 1) = 1`, "12345 fsync(20) = -1 EIO (Input/output error)"];
  assert.equal(leftOf(diskAfter(failed), "a"), "");
});

test("a name is there when its folder was flushed after it", () => {
  const renamed = [
    ...CREATED,
    `12345 writev(20, [{iov_base=${hex("ab")}, iov_len=2}, {iov_base=${hex("c")}, iov_len=1}], 2) = 3`,
    "12345 fsync(20) = 0",
    `12345 rename(${hex("/d/a")}, ${hex("/d/b")}) = 0`,
  ];
  assert.equal(leftOf(diskAfter(renamed), "b"), undefined);
  assert.equal(leftOf(diskAfter(renamed), "a"), "abc");
  const flushed = diskAfter([...renamed, "12345 fsync(21) = 0"]);
  assert.equal(leftOf(flushed, "b"), "abc");
  assert.equal(leftOf(flushed, "a"), undefined);
  assert.equal(diskAfter(renamed).liveBytes("/d/b")?.toString(), "abc");
});

test("a file in a folder that is not there is not there", () => {
  const lines = [
    `12345 mkdir(${hex("/d/f")}, 0777) = 0`,
    `12345 openat(AT_FDCWD, ${hex("/d/f/a")}, O_WRONLY|O_CREAT|O_TRUNC, 0666) = 20`,
    `12345 write(20, ${hex("one")}, 3) = 3`,
    "12345 fsync(20) = 0",
    `12345 openat(AT_FDCWD, ${hex("/d/f")}, O_RDONLY) = 21`,
    "12345 fsync(21) = 0",
  ];
  assert.equal(leftOf(diskAfter(lines), "f/a"), undefined);
  const whole = [...lines, `12345 openat(AT_FDCWD, ${hex("/d")}, O_RDONLY) = 22`, "12345 fsync(22) = 0"];
  assert.equal(leftOf(diskAfter(whole), "f/a"), "one");
});
