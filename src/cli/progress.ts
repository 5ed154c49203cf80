/**
 * A progress bar for what takes longer than a second, on a terminal only.
 */
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
  get listener(): ((bytesRead: number) => void) | undefined {
    return this.#world.talkIsTerminal ? (bytesRead) => this.#show(bytesRead) : undefined;
  }

  /** Takes the bar off the screen. */
  end(): void {
    if (this.#shownMs > 0) this.#world.writeTalk(CLEAR_LINE);
  }

  #show(bytesRead: number): void {
    const nowMs = this.#world.nowMs();
    if (nowMs - this.#startMs < PATIENCE_MS || nowMs - this.#shownMs < INTERVAL_MS) return;
    this.#shownMs = nowMs;
    this.#world.writeTalk(`${CLEAR_LINE}reading… ${Math.floor(bytesRead / MIB)} MiB`);
  }
}
