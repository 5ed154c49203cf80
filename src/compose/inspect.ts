/**
 * One wish: show what a file says, whatever it is. Nothing is verified, and the answer says so first.
 */
import { sha256 } from "../crypto/digest.ts";
import { DerReader, TAG } from "../encoding/der.ts";
import { hexEncode } from "../encoding/hex.ts";
import { parseJson } from "../encoding/json.ts";
import { parsePem } from "../encoding/pem.ts";
import { utf8Decode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { parseSctList } from "../formats/sct.ts";
import { parsePublicKeyPem, spkiFromPkcs1 } from "../formats/spki.ts";
import { API_VERSION } from "../verdict/result.ts";
import { bundleView } from "./inspection/bundle-view.ts";
import { certificateView, publicKeyView, sctView } from "./inspection/certificate-view.ts";
import { entryBodyView } from "./inspection/entry-body-view.ts";
import { checkpointView, noteView } from "./inspection/note-view.ts";
import { recognize } from "./inspection/recognize.ts";
import type { Format, Notation } from "./inspection/recognize.ts";
import { dsseEnvelopeView, statementView } from "./inspection/statement-view.ts";
import { timestampRequestView, timestampResponseView, timestampTokenView } from "./inspection/timestamp-view.ts";
import { clientTrustConfigView, signingConfigView, trustedRootView } from "./inspection/trust-view.ts";
import { viewOrReason } from "./inspection/view.ts";
import type { View } from "./inspection/view.ts";

/** What a file says. Not one word of it is verified. */
export interface Inspection {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "Inspection";
  /** Always false: an inspection judges nothing. */
  readonly verified: false;
  readonly format: Format;
  readonly notation: Notation;
  /** Where the bytes came from, as the caller names it. */
  readonly source?: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes. */
  readonly digestHex: string;
  /** The document itself; its members depend on `format`. */
  readonly content: View;
}

/**
 * Shows `bytes`, whatever of our formats they are.
 *
 * @param source where they came from, for the answer
 * @throws SigstoreError `input-empty`, `input-unrecognized`, or the code of the format that the bytes seemed to be
 * @example
 * ```ts
 * const note = "example.com/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 example.com/log AAAAAAA=\n";
 * console.log(inspectBytes(new TextEncoder().encode(note)).format); // "checkpoint"
 * ```
 */
export function inspectBytes(bytes: Uint8Array, source?: string): Inspection {
  const { format, notation, what, hint } = recognize(bytes);
  if (format === undefined) {
    // Broken JSON is best explained by the reader that stumbled over it.
    if (notation === "json") parseJson(bytes);
    throw new SigstoreError(
      bytes.length === 0 ? "input-empty" : "input-unrecognized",
      `expected one of sigstore's formats, got ${what}`,
      {
        hint:
          hint ??
          "a bundle, trusted root, certificate, key, checkpoint, timestamp, envelope, statement or entry can be inspected",
      },
    );
  }
  return {
    apiVersion: API_VERSION,
    kind: "Inspection",
    verified: false,
    format,
    notation,
    ...(source === undefined ? {} : { source }),
    sizeBytes: bytes.length,
    digestHex: hexEncode(sha256(bytes)),
    content: VIEWS[format](bytes, notation),
  };
}

const VIEWS: Readonly<Record<Format, (bytes: Uint8Array, notation: Notation) => View>> = {
  bundle: bundleView,
  "trusted-root": trustedRootView,
  "signing-config": signingConfigView,
  "client-trust-config": clientTrustConfigView,
  "dsse-envelope": dsseEnvelopeView,
  statement: statementView,
  "entry-body": entryBodyView,
  certificate: (bytes, notation) => (notation === "pem" ? certificatesView(bytes) : certificateView(bytes)),
  "public-key": (bytes, notation) =>
    publicKeyView(notation === "pem" ? parsePublicKeyPem(utf8Decode(bytes)) : spkiOf(bytes)),
  "timestamp-response": timestampResponseView,
  "timestamp-token": timestampTokenView,
  "timestamp-request": timestampRequestView,
  checkpoint: (bytes) => checkpointView(utf8Decode(bytes)),
  "signed-note": (bytes) => noteView(utf8Decode(bytes)),
  "sct-list": (bytes) => ({ scts: parseSctList(bytes).map(sctView) }),
};

/** PEM may hold a chain: one certificate is shown as itself, several as a list. */
function certificatesView(bytes: Uint8Array): View {
  const blocks = parsePem(utf8Decode(bytes));
  const [only, ...others] = blocks;
  if (only !== undefined && others.length === 0) return certificateView(only.bytes);
  return { certificates: blocks.map((block) => viewOrReason(() => certificateView(block.bytes))) };
}

/** A bare RSAPublicKey begins with an INTEGER, a SubjectPublicKeyInfo with a SEQUENCE. */
function spkiOf(der: Uint8Array): Uint8Array {
  return new DerReader(der).sequence().peekTag() === TAG.integer ? spkiFromPkcs1(der) : der;
}
