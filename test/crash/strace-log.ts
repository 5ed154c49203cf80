/**
 * What strace saw a process do (`strace -f -xx -s …`), call by call, in the order in which calls were made and in which they returned.
 *
 * A call that another thread's came between stands in two lines, `<unfinished ...>` and `resumed`; here it is made whole again. Reads as
 * much of the notation as calls on files have: strings in hexadecimal, numbers, flags, vectors of buffers.
 */

/** Where a system call is. A call has both, one after the other when nothing came between. */
export interface SystemCall {
  readonly moment: "made" | "returned";
  readonly thread: string;
  readonly name: string;
  /** Numbers and flags as text, in their order; strings and vectors stand in `bytes`. */
  readonly words: readonly string[];
  /** The strings in their order; buffers of a vector joined. */
  readonly strings: readonly Uint8Array[];
  /** Undefined while it has not returned. */
  readonly result: number | undefined;
}

const LINE = /^(\d+) +(.*)$/s;
const CALL = /^(\w+)\((.*)$/s;
const RESUMED = /^<\.\.\. \w+ resumed>(.*)$/s;
const UNFINISHED = " <unfinished ...>";
const RESULT = /\)\s+= (-?\d+|\?)[^"]*$/;

/** Reads lines, one after another. */
export class StraceReader {
  readonly #unfinished = new Map<string, string>();

  /** The calls that a line tells of: none, one moment of one, or both of one. */
  read(line: string): readonly SystemCall[] {
    const [, thread = "", rest = ""] = LINE.exec(line) ?? [];
    if (rest.endsWith(UNFINISHED)) {
      const text = rest.slice(0, -UNFINISHED.length);
      this.#unfinished.set(thread, text);
      return moments(thread, text, ["made"]);
    }
    const [, resumed] = RESUMED.exec(rest) ?? [];
    if (resumed === undefined) return moments(thread, rest, ["made", "returned"]);
    const text = `${this.#unfinished.get(thread) ?? ""}${resumed}`;
    this.#unfinished.delete(thread);
    return moments(thread, text, ["returned"]);
  }
}

function moments(thread: string, text: string, which: readonly SystemCall["moment"][]): SystemCall[] {
  const [, name, rest = ""] = CALL.exec(text) ?? [];
  if (name === undefined) return [];
  const ending = RESULT.exec(rest);
  const given = ending === null ? rest : rest.slice(0, ending.index);
  const result = ending === null ? undefined : Number(ending[1]);
  const { words, strings } = argumentsOf(given);
  return which.map((moment) => ({
    moment,
    thread,
    name,
    words,
    strings,
    result: moment === "made" ? undefined : result,
  }));
}

function argumentsOf(text: string): { readonly words: string[]; readonly strings: Uint8Array[] } {
  const strings: Uint8Array[] = [];
  const vector = /\[\{iov_base=.*\}\]/s.exec(text);
  const buffersOf = (part: string): Buffer[] =>
    [...part.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = ""]) =>
      Buffer.from(hex.replaceAll(String.raw`\x`, ""), "hex"),
    );
  if (vector === null) strings.push(...buffersOf(text));
  else strings.push(Buffer.concat(buffersOf(vector[0])));
  const bare = vector === null ? text : text.replace(vector[0], '""');
  const words = bare.replaceAll(/"[^"]*"(?:\.\.\.)?/g, '""').split(", ");
  return { words, strings };
}
