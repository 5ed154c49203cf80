/**
 * Bundles and the tlog entries in them as they show themselves.
 */
import { hexEncode } from "../../encoding/hex.ts";
import { momentText } from "../../encoding/time.ts";
import { parseBundle } from "../../formats/bundle/bundle.ts";
import type { Bundle, InclusionProof, TlogEntry } from "../../formats/bundle/bundle.ts";
import { certificateView } from "./certificate-view.ts";
import { entryBodyView } from "./entry-body-view.ts";
import { checkpointView } from "./note-view.ts";
import { envelopeView } from "./statement-view.ts";
import { timestampResponseView } from "./timestamp-view.ts";
import { base64Text, viewOrReason } from "./view.ts";
import type { View } from "./view.ts";

const MS_PER_SECOND = 1000;

/** A bundle in JSON. */
export function bundleView(bytes: Uint8Array): View {
  const bundle = parseBundle(bytes);
  return {
    mediaType: bundle.mediaType,
    version: bundle.version,
    signer: signerView(bundle),
    ...contentView(bundle),
    tlogEntries: bundle.material.tlogEntries.map(tlogEntryView),
    timestamps: bundle.material.timestamps.map((der) => viewOrReason(() => timestampResponseView(der))),
  };
}

function signerView({ material }: Bundle): View {
  const { key } = material;
  if (key.kind === "publicKey") return { kind: "key", hint: key.hint };
  const [leaf, ...others] = key.certificates;
  return {
    kind: "certificate",
    form: key.form,
    certificate: leaf === undefined ? undefined : viewOrReason(() => certificateView(leaf)),
    chain: others.length === 0 ? undefined : others.map((der) => viewOrReason(() => certificateView(der))),
  };
}

function contentView({ content }: Bundle): View {
  if (content.kind === "dsseEnvelope") return { content: content.kind, dsseEnvelope: envelopeView(content.envelope) };
  const { messageDigest, signature } = content;
  return {
    content: content.kind,
    messageSignature: {
      algorithm: messageDigest?.algorithm,
      digestHex: messageDigest === undefined ? undefined : hexEncode(messageDigest.digest),
      signature: base64Text(signature),
    },
  };
}

function tlogEntryView(entry: TlogEntry): View {
  const { integratedTimeSeconds: seconds, inclusionProof } = entry;
  return {
    logIndex: entry.logIndex.toString(),
    logIdHex: hexEncode(entry.logId),
    kind: entry.kindVersion.kind,
    kindVersion: entry.kindVersion.version,
    integratedTime: seconds === 0n ? undefined : momentText(Number(seconds) * MS_PER_SECOND),
    inclusionPromise: entry.inclusionPromise !== undefined,
    inclusionProof: inclusionProof !== undefined,
    ...(inclusionProof === undefined ? {} : proofView(inclusionProof)),
    body: viewOrReason(() => entryBodyView(entry.canonicalizedBody)),
  };
}

function proofView({ logIndex, treeSize, rootHash, hashes, checkpoint }: InclusionProof): View {
  return {
    proof: {
      logIndex: logIndex.toString(),
      treeSize: treeSize.toString(),
      rootHashHex: hexEncode(rootHash),
      hashesHex: hashes.map(hexEncode),
    },
    checkpoint: checkpoint === undefined ? undefined : viewOrReason(() => checkpointView(checkpoint)),
  };
}
