/**
 * What the pure folders may take from their surroundings besides ECMAScript: the few web interfaces that Node and every
 * browser have alike, and no more. Only tsconfig.pure.json reads this file.
 */

/** WHATWG Encoding: text to UTF-8. */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** WHATWG Encoding: UTF-8 to text. */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}

/** WHATWG URL, for reading addresses; it makes no request. */
declare class URL {
  constructor(address: string, base?: string);
  static canParse(address: string, base?: string): boolean;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly username: string;
  readonly password: string;
  readonly href: string;
}

/** Web Crypto's randomness; src/crypto/platform.browser.ts is the only one to ask it. */
declare const crypto: { getRandomValues<T extends Uint8Array>(target: T): T };
