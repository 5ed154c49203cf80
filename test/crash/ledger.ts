/** What a log has said, to which it is held for ever: entries at their indices, and roots of its one tree. */
import { equalBytes } from "../../src/encoding/bytes.ts";
import { hexEncode } from "../../src/encoding/hex.ts";
import { checkLog } from "../../src/services/tiled-log/fsck.ts";
import { openLocalStorage } from "../../src/services/tiled-log/storage-local.ts";
import { MemoryTree } from "../../src/tlog/memory-tree.ts";
import { noteVerifier } from "../../src/tlog/note-key.ts";
import type { Acknowledged, RekorClient } from "./client.ts";
import { LOG_SIGNER, ORIGIN } from "./server.ts";

/** The acknowledgements of one log. */
export class Ledger {
  /** Entries by their text, as they were first acknowledged. */
  readonly #acknowledged = new Map<string, Acknowledged>();

  get size(): number {
    return this.#acknowledged.size;
  }

  /** What the entries were made of, oldest first. */
  get texts(): string[] {
    return [...this.#acknowledged.keys()];
  }

  /** Records what a client was told, which must never change. */
  note(text: string, told: Acknowledged): void {
    const earlier = this.#acknowledged.get(text);
    if (earlier === undefined) this.#acknowledged.set(text, told);
    else if (earlier.index !== told.index || !equalBytes(earlier.body, told.body))
      throw new Error(`expected entry ${text} at ${earlier.index}, got it at ${told.index}`);
  }

  /** Submits, and records the answer. */
  async submit(client: RekorClient, text: string): Promise<Acknowledged> {
    const told = await client.submit(text);
    if (told === undefined) throw new Error(`expected an answer for ${text}, got none`);
    this.note(text, told);
    return told;
  }

  /** Submits anew what was acknowledged: the log must know it. */
  async findAgain(client: RekorClient, text: string): Promise<void> {
    const told = await this.submit(client, text);
    if (told.isNew) throw new Error(`expected the acknowledged entry ${text}, got a log without it`);
  }

  /** Submits all of them anew. */
  async findAll(client: RekorClient): Promise<void> {
    const waiting = this.texts;
    const work = async (): Promise<void> => {
      for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) await this.findAgain(client, text);
    };
    await Promise.all(Array.from({ length: 16 }, work));
  }

  /** Tiles, checkpoint and state of the log in `folder`, which nobody writes, agree; and all that was said is so. */
  async check(folder: string): Promise<string> {
    const storage = openLocalStorage({ folder, origin: ORIGIN, holder: "the crash suite" });
    try {
      const verifier = noteVerifier(ORIGIN, LOG_SIGNER.publicKey);
      const { files, state } = storage;
      const report = await checkLog({ files, state, origin: ORIGIN, verifier });
      if (report.problems.length > 0) throw new Error(report.problems.join("\n"));
      const entries = await state.readEntries(0n, Number(report.entries));
      const tree = new MemoryTree();
      for (const { bytes } of entries) tree.appendEntry(bytes);
      for (const [text, { index, body }] of this.#acknowledged)
        if (!equalBytes(entries[Number(index)]?.bytes ?? new Uint8Array(0), body))
          throw new Error(`expected entry ${text} at ${index}, got another`);
      this.checkRoots(tree);
      return `${report.entries} entries, ${report.tiles} tiles, ${this.size} acknowledged`;
    } finally {
      await storage.close();
    }
  }

  /** Every root that was shown is one of this tree. */
  checkRoots(tree: MemoryTree): void {
    for (const { treeSize, rootHash } of this.#acknowledged.values())
      if (!equalBytes(tree.rootHash(treeSize), rootHash))
        throw new Error(`expected the root of size ${treeSize} that was shown, ${hexEncode(rootHash)}, got another`);
  }
}
