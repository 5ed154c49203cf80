/**
 * The configuration file of one service that is served alone: JSON, strictly read; files in it are named from where it lies.
 *
 * Every service has `host`, `port`, `metricsPort`, `hosts`, `tlsCertificate`, `tlsKey` and `behindProxy`; the rest is its own.
 * Leaves out: the configuration of Fulcio's issuers, which is a file of the original's own notation.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { importPublicKey, type PublicKey } from "../../crypto/keys.ts";
import { importPrivateKeyPem } from "../../crypto/private-key.ts";
import { createSigner, type Signer } from "../../crypto/signer.ts";
import { parseJson } from "../../encoding/json.ts";
import { parsePem } from "../../encoding/pem.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { MessageReader, objectFields } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import { requireOwn } from "./key-store.ts";

/** Fields of every service. */
const COMMON_FIELDS = ["host", "port", "metricsPort", "hosts", "tlsCertificate", "tlsKey", "behindProxy"] as const;

/** Where a service listens; ports are undefined where the file names none. */
export interface ServicePlace {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly metricsPort: number | undefined;
  /** Names that it may be asked for by; all where this is empty and it is no service of this machine alone. */
  readonly hosts: readonly string[];
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly isBehindProxy: boolean;
}

/** A configuration file that was read. */
export class ServiceConfig {
  readonly #message: MessageReader;
  readonly #folder: string;

  /** @throws SigstoreError `config-invalid`, naming the field, `file-…` */
  constructor(path: string, fields: readonly string[]) {
    this.#folder = dirname(resolve(path));
    const value = parseJson(readBytes(path), { maxBytes: LIMITS.trustFileBytes });
    this.#message = MessageReader.root(value, objectFields(...COMMON_FIELDS, ...fields), "config-invalid", path);
  }

  /** Where the service listens. */
  place(): ServicePlace {
    const [certificate, key] = [this.optionalFile("tlsCertificate"), this.optionalFile("tlsKey")];
    if ((certificate === undefined) !== (key === undefined))
      throw this.#message.error("tlsKey", "expected tlsCertificate and tlsKey, got one of them");
    return {
      host: this.optional("host"),
      port: this.#port("port"),
      metricsPort: this.#port("metricsPort"),
      hosts: this.#message.strings("hosts"),
      tls: certificate === undefined || key === undefined ? undefined : { certificate, key },
      isBehindProxy: this.flag("behindProxy"),
    };
  }

  /** A text that must be there. */
  text(name: string): string {
    return this.#message.requireString(name);
  }

  /** A text that may be left out. */
  optional(name: string): string | undefined {
    return this.#message.value(name) === undefined ? undefined : this.#message.requireString(name);
  }

  /** Texts, none where they are left out. */
  texts(name: string): readonly string[] {
    return this.#message.strings(name);
  }

  /** True or false; false where it is left out. */
  flag(name: string): boolean {
    const value = this.#message.value(name) ?? false;
    if (typeof value === "boolean") return value;
    throw this.#message.refuse(name, "true or false", value);
  }

  /** Where a file or folder that is named lies. */
  path(name: string): string {
    return resolve(this.#folder, this.text(name));
  }

  /** The text of a file that may be left out. */
  optionalFile(name: string): string | undefined {
    return this.optional(name) === undefined ? undefined : utf8Decode(readBytes(this.path(name)));
  }

  /** The certificates of a file, DER. */
  certificates(name: string): readonly Uint8Array[] {
    return parsePem(utf8Decode(readBytes(this.path(name)))).map((block) => block.bytes);
  }

  /** The key of a file that its owner alone can read. */
  signer(name: string): Signer {
    requireOwn(this.path(name));
    return createSigner(importPrivateKeyPem(utf8Decode(readBytes(this.path(name)))));
  }

  /** The public key of a file. */
  publicKey(name: string): PublicKey {
    const [block] = parsePem(utf8Decode(readBytes(this.path(name))));
    if (block === undefined) throw new Error("a PEM text that was read has a block");
    return importPublicKey(block.bytes);
  }

  #port(name: string): number | undefined {
    if (this.#message.value(name) === undefined) return undefined;
    const port = this.#message.uint32(name);
    if (port <= 65_535) return port;
    throw this.#message.refuse(name, "a port", port);
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    if (isSigstoreError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("config-invalid", `expected to read ${path}, got ${reason}`, { details: { path }, cause });
  }
}
