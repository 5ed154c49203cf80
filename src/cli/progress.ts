/**
 * A progress bar for what takes longer than a second, on a terminal only.
 */
import type { OnProgress } from "../files/digest.ts";
import type { World } from "./world.ts";

const PATIENCE_MS = 1000;
const INTERVAL_MS = 200;
const MIB = 1024 * 1024;
const CLEAR_LINE = "\r\u001b[K";

/** Shows how far the reading of one artifact is. */
export class Progress {
  readonly #world: World;
  readonly #startMs: number;
  #shownMs = 0;

  constructor(world: World) {
    this.#world = world;
    this.#startMs = world.nowMs();
  }

  /** What the reader calls, or nothing where nobody would see it. */
  get listener(): OnProgress | undefined {
    return this.#world.talkIsTerminal ? (bytesRead, totalBytes) => this.#show(bytesRead, totalBytes) : undefined;
  }

  /** Takes the bar off the screen. */
  end(): void {
    if (this.#shownMs > 0) this.#world.writeTalk(CLEAR_LINE);
  }

  #show(bytesRead: number, totalBytes: number): void {
    const nowMs = this.#world.nowMs();
    if (nowMs - this.#startMs < PATIENCE_MS || nowMs - this.#shownMs < INTERVAL_MS) return;
    this.#shownMs = nowMs;
    this.#world.writeTalk(`${CLEAR_LINE}reading… ${amount(bytesRead, totalBytes)}`);
  }
}

/** Shows how many of several things are done. */
export class CountProgress {
  readonly #world: World;
  readonly #word: string;
  readonly #total: number;
  readonly #startMs: number;
  #shownMs = 0;
  #isShown = false;
  #done = 0;

  /** `word` says what is being done: "signing". */
  constructor(world: World, word: string, total: number) {
    this.#world = world;
    this.#word = word;
    this.#total = total;
    this.#startMs = world.nowMs();
  }

  /** One more is done. */
  count(): void {
    this.#done += 1;
    if (this.#total === 1 || !this.#world.talkIsTerminal) return;
    const nowMs = this.#world.nowMs();
    if (nowMs - this.#startMs < PATIENCE_MS || (this.#isShown && nowMs - this.#shownMs < INTERVAL_MS)) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    const percent = Math.floor((this.#done / this.#total) * 100);
    this.#world.writeTalk(`${CLEAR_LINE}${this.#word}… ${this.#done} of ${this.#total} (${percent} %)`);
  }

  /** Takes the bar off the screen; counting puts it there again. */
  end(): void {
    if (this.#isShown) this.#world.writeTalk(CLEAR_LINE);
    this.#isShown = false;
  }
}

function amount(bytesRead: number, totalBytes: number): string {
  const read = Math.floor(bytesRead / MIB);
  if (totalBytes < bytesRead) return `${read} MiB`;
  return `${read} of ${Math.ceil(totalBytes / MIB)} MiB (${Math.floor((bytesRead / totalBytes) * 100)} %)`;
}
