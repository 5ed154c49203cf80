/**
 * The files of a tiled log at an address, for whoever reads all of them (C2SP tlog-tiles, static-ct-api).
 *
 * A few requests at a time, so that a log is read politely. What is read is believed no more than any other answer. Leaves out: which
 * files there are.
 */
import { LIMITS } from "../limits.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";

/** Requests under way at once. */
const AT_ONCE = 8;

/** The files below one prefix. */
export class RemoteLogFiles {
  readonly #prefix: string;
  readonly #http: HttpClient;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(prefix: string, http: HttpClient, signal?: AbortSignal) {
    this.#prefix = prefix;
    this.#http = http;
    this.#signal = signal;
  }

  /** The bytes of a file, or undefined when the log has none there; errors as `HttpClient.send`. */
  async read(path: string): Promise<Uint8Array | undefined> {
    await this.#turn();
    try {
      const { status, bytes } = await this.#http.send({
        service: "transparency log",
        method: "GET",
        url: addressBelow(this.#prefix, path),
        maxBytes: LIMITS.logAnswerBytes,
        repeat: "always",
        understood: [404, 410],
        signal: this.#signal,
      });
      return status === 404 || status === 410 ? undefined : bytes;
    } finally {
      this.#underWay -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#underWay >= AT_ONCE)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    this.#underWay += 1;
  }
}
