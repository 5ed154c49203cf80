/**
 * Rekor entry bodies as they show themselves: every kind that is read, others by name.
 */
import { hexEncode } from "../../encoding/hex.ts";
import { parsePem } from "../../encoding/pem.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { parseEntryBody } from "../../formats/rekor/entry-body.ts";
import type { EntryBody, Verifier002 } from "../../formats/rekor/entry-body.ts";
import { certificateView, publicKeyView } from "./certificate-view.ts";
import { base64Text, viewOrReason } from "./view.ts";
import type { View, ViewValue } from "./view.ts";

/** A canonicalized entry body. */
export function entryBodyView(bytes: Uint8Array): View {
  return bodyView(parseEntryBody(bytes));
}
