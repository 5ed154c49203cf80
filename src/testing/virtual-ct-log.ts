/**
 * A certificate transparency log of the virtual Sigstore: it acknowledges, numbers and forgets.
 *
 * Leaves out: the tree, which no bundle shows.
 */
import { signSct, ctLogId, type SctRequest } from "../authority/sct.ts";
import type { Signer } from "../crypto/signer.ts";
import { type Sct, serializeLeafIndexExtension } from "../formats/sct.ts";
import type { LogInstance, ValidityRange } from "../formats/trusted-root.ts";
import { logInstance } from "./virtual-log.ts";

/** How a virtual CT log is made. `isStatic`: SCTs carry the leaf index, as static-ct-api has it. */
export interface VirtualCtLogOptions {
  readonly baseUrl: string;
  readonly signer: Signer;
  readonly validFor: ValidityRange;
  readonly isStatic: boolean;
}

/** A CT log that signs whatever it is given. */
export class VirtualCtLog {
  readonly instance: LogInstance;
  readonly signer: Signer;
  readonly #isStatic: boolean;
  #size = 0n;

  constructor(options: VirtualCtLogOptions) {
    this.signer = options.signer;
    this.instance = logInstance({ ...options, logId: ctLogId(options.signer.publicKey.spki) });
    this.#isStatic = options.isStatic;
  }

  /** What the log would acknowledge next of `entry`. */
  request(entry: SctRequest["entry"], timestampMs: number): SctRequest {
    const extensions = this.#isStatic ? serializeLeafIndexExtension(this.#size) : new Uint8Array(0);
    return { entry, timestampMs: BigInt(timestampMs), extensions };
  }

  /** Acknowledges. */
  async sign(request: SctRequest): Promise<Sct> {
    this.#size += 1n;
    return signSct(this.signer, request);
  }
}
