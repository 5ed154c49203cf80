/**
 * The JSON formats: bundles, entries and their bodies, envelopes, statements, trusted roots, signing and trust configs.
 */
import { hexEncode } from "../../../src/encoding/hex.ts";
import { serializeJson } from "../../../src/encoding/json-writer.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import { parseBundle, serializeBundle } from "../../../src/formats/bundle/bundle.ts";
import type { Bundle } from "../../../src/formats/bundle/bundle.ts";
import { parseTlogEntry, serializeTlogEntry } from "../../../src/formats/bundle/tlog-entry.ts";
import { parseClientTrustConfig, serializeClientTrustConfig } from "../../../src/formats/client-trust-config.ts";
import type { ClientTrustConfig } from "../../../src/formats/client-trust-config.ts";
import { recognizeDocument } from "../../../src/formats/document.ts";
import { parseDsseEnvelope, serializeDsseEnvelope } from "../../../src/formats/dsse.ts";
import { parseStatement, serializeStatement } from "../../../src/formats/in-toto.ts";
import type { Statement } from "../../../src/formats/in-toto.ts";
import {
  parseEntryBody,
  serializeDsse001,
  serializeDsse002,
  serializeHashedRekord001,
  serializeHashedRekord002,
  serializeIntoto002,
} from "../../../src/formats/rekor/entry-body.ts";
import type { EntryBody } from "../../../src/formats/rekor/entry-body.ts";
import { parseSigningConfig, serializeSigningConfig } from "../../../src/formats/signing-config.ts";
import { parseTrustedRoot, serializeTrustedRoot } from "../../../src/formats/trusted-root.ts";
import type { TrustedRoot } from "../../../src/formats/trusted-root.ts";
import { digestsNeeded } from "../../../src/verify/digests-needed.ts";
import { loadTrustMaterial } from "../../../src/verify/trust.ts";
import type { FuzzTarget } from "../target.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, tryAll } from "./parser-target.ts";
import type { RoundTrip } from "./parser-target.ts";

/** All targets of the JSON formats. */
export function jsonFormatTargets(corpus: Corpus): readonly FuzzTarget[] {
  const { bundles, trustedRoots, clientTrustConfigs, envelopes, entryBodies } = corpus;
  return [
    bytesTarget("json", {
      name: "formats/bundle",
      corpus: bundles,
      read: readBundle,
      again: (bundle) => [bundle, parseBundle(serializeBundle(bundle))],
    }),
    bytesTarget("json", {
      name: "formats/tlog-entry",
      corpus: corpus.tlogEntries,
      read: parseTlogEntry,
      again: (entry) => [entry, parseTlogEntry(JSON.stringify(serializeTlogEntry(entry)))],
    }),
    bytesTarget("json", {
      name: "formats/entry-body",
      corpus: entryBodies,
      read: parseEntryBody,
      again: entryBodyRoundTrip,
    }),
    bytesTarget("json", {
      name: "formats/dsse",
      corpus: envelopes,
      read: parseDsseEnvelope,
      again: (envelope) => [envelope, parseDsseEnvelope(JSON.stringify(serializeDsseEnvelope(envelope)))],
    }),
    bytesTarget("json", {
      name: "formats/in-toto",
      corpus: corpus.statements,
      read: parseStatement,
      again: statementRoundTrip,
    }),
    bytesTarget("json", {
      name: "formats/trusted-root",
      corpus: trustedRoots,
      read: readTrustedRoot,
      again: (root) => [root, { ...parseTrustedRoot(serializeTrustedRoot(root, "0.2")), mediaType: root.mediaType }],
    }),
    bytesTarget("json", {
      name: "formats/signing-config",
      corpus: corpus.signingConfigs,
      read: parseSigningConfig,
      again: (config) => [config, parseSigningConfig(serializeSigningConfig(config))],
    }),
    bytesTarget("json", {
      name: "formats/client-trust-config",
      corpus: clientTrustConfigs,
      read: parseClientTrustConfig,
      again: trustConfigRoundTrip,
    }),
    bytesTarget("json", {
      name: "formats/document",
      corpus: [...bundles, ...trustedRoots, ...clientTrustConfigs, ...envelopes, ...entryBodies],
      read: recognizeDocument,
    }),
  ];
}

function readBundle(bytes: Uint8Array): Bundle {
  const bundle = parseBundle(bytes);
  digestsNeeded(bundle);
  return bundle;
}

/** Reads a root, and all keys and certificates in it. */
function readTrustedRoot(bytes: Uint8Array): TrustedRoot {
  const root = parseTrustedRoot(bytes);
  tryAll(root, (one) => {
    const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = loadTrustMaterial(one);
    for (const log of [...tlogs, ...ctlogs])
      tryAll(
        log,
        ({ key }) => key,
        ({ hostname }) => hostname,
      );
    for (const authority of [...certificateAuthorities, ...timestampAuthorities]) {
      tryAll(authority, ({ certificates }) =>
        certificates.map((certificate) =>
          tryAll(
            certificate,
            ({ key }) => key,
            ({ keyHash }) => keyHash,
          ),
        ),
      );
    }
  });
  return root;
}

/** JSON writes -0 as 0, and they are the same number: so predicates are compared as they are written. */
function statementRoundTrip(statement: Statement): RoundTrip {
  const again = parseStatement(serializeStatement(statement));
  return [
    { ...statement, predicate: serializeJson(statement.predicate) },
    { ...again, predicate: serializeJson(again.predicate) },
  ];
}

/** The parts in their own versions: v0.1 roots have no place for operators and checkpoint keys. */
function trustConfigRoundTrip(config: ClientTrustConfig): RoundTrip {
  const again = parseClientTrustConfig(serializeClientTrustConfig(config));
  const isV02 = config.trustedRoot.mediaType.includes("v0.2");
  return isV02 ? [config, again] : [config.signingConfig, again.signingConfig];
}

function entryBodyRoundTrip(body: EntryBody): RoundTrip {
  const written = serializeEntryBody(body);
  return written === undefined ? undefined : [sorted(body), sorted(parseEntryBody(written))];
}

function serializeEntryBody(body: EntryBody): Uint8Array | undefined {
  switch (body.form) {
    case "hashedrekord-0.0.1":
      return serializeHashedRekord001(body);
    case "hashedrekord-0.0.2":
      return serializeHashedRekord002(body);
    case "dsse-0.0.1":
      return serializeDsse001(body);
    case "dsse-0.0.2":
      return serializeDsse002(body);
    case "intoto-0.0.2":
      return serializeIntoto002(body);
    case "intoto-0.0.1":
    case "unsupported":
      return undefined;
  }
}

/** Logs sort signatures, so their order is not part of the value. */
function sorted(body: EntryBody): unknown {
  if (!("signatures" in body)) return body;
  const order = ({ signature, ...rest }: { readonly signature: Uint8Array }): string =>
    hexEncode(signature) + hexEncode(utf8Encode(JSON.stringify(rest)));
  return { ...body, signatures: [...body.signatures].toSorted((a, b) => order(a).localeCompare(order(b))) };
}
