/**
 * RFC 4251 §5: the data types of SSH, as OpenSSH's keys use them.
 *
 * Strings with their length before them in four octets, and unsigned mpints. Leaves out booleans, 64-bit numbers, negative mpints.
 */
import { ByteReader } from "../../encoding/bytes.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { type ErrorCode, SigstoreError } from "../../errors.ts";

/** Reads the data types of SSH from front to back; errors carry `code`. */
export class SshReader {
  readonly #bytes: ByteReader;
  readonly #what: string;
  readonly #code: ErrorCode;

  constructor(bytes: Uint8Array, what: string, code: ErrorCode) {
    this.#bytes = new ByteReader(bytes, what, code);
    this.#what = what;
    this.#code = code;
  }

  /** A uint32. */
  u32(): number {
    return this.#bytes.u32();
  }

  /** The octets of a string. */
  string(): Uint8Array {
    return this.#bytes.bytes(this.#bytes.u32());
  }

  /** A string that must be of so many octets. */
  octets(length: number): Uint8Array {
    const bytes = this.string();
    return bytes.length === length ? bytes : this.#refuse(`${length} octets`, `${bytes.length}`);
  }

  /** A string of UTF-8. @throws SigstoreError `utf8-invalid` */
  text(): string {
    return utf8Decode(this.string());
  }

  /** RFC 4251 §5: "a multiple precision integer in two's complement format, stored as a string"; here never negative. */
  mpint(): Uint8Array {
    const bytes = this.string();
    const [first = 0, second = 0] = bytes;
    if ((first & 0x80) !== 0) this.#refuse("a number that is not negative", "a negative one");
    // "Unnecessary leading bytes with the value 0 or 255 MUST NOT be included."
    if (bytes.length > 0 && first === 0 && (second & 0x80) === 0) this.#refuse("a minimal number", "a padded one");
    return first === 0 ? bytes.subarray(1) : bytes;
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.#bytes.bytes(this.#bytes.remaining);
  }

  /** Refuses what is left over. */
  end(): void {
    this.#bytes.end();
  }

  #refuse(expected: string, got: string): never {
    throw new SigstoreError(this.#code, `${this.#what}: expected ${expected}, got ${got}`);
  }
}
