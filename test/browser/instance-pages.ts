/**
 * The pages of an instance in each of their states, with the longest and worst that may stand in them.
 */
import { type EntryPage, entryPage, noEntryPage } from "../../src/web/entry-page.ts";
import { indexPage } from "../../src/web/index-page.ts";

const FRAME = { instance: "sigstore.example.com", isDev: false };
const DEVELOPMENT = { instance: "1f3a9c02.localhost", isDev: true };
const LONG =
  "https://github.com/an-organisation-with-a-long-name/and-a-repository/.github/workflows/release-everything.yml@refs/tags/v1.0.0";
const HEX = "0123456789abcdef".repeat(4);
const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const TRUST_FILES =
  "trusted_root.json signing_config.json trust_config.json rekor.pub ctfe.pub fulcio.crt.pem tsa.crt.pem";

const SERVICES = ["login", "certificates", "CT log", "timestamps", "log"].map((name) => ({
  name,
  isWell: true,
  note: name.endsWith("log") ? "12345678 entries" : "",
}));

const INDEX = {
  url: "https://sigstore.example.com",
  fingerprintHex: HEX,
  services: SERVICES,
  entries: [],
  trustFiles: TRUST_FILES.split(" "),
};

const ENTRY: EntryPage = {
  index: 12_345_678n,
  origin: "rekor.sigstore.example.com",
  treeSize: 12_345_680n,
  kind: "hashedrekord 0.0.2",
  digest: { algorithm: "sha512", hex: HEX + HEX },
  isBeginning: false,
  signer: {
    kind: "certificate",
    isCertified: true,
    subject: LONG,
    issuer: "https://token.actions.githubusercontent.com",
    notBeforeMs: START_MS,
    notAfterMs: START_MS + 600_000,
    claims: [
      ["Source repository uri", "https://github.com/an-organisation-with-a-long-name/and-a-repository"],
      ["Source repository visibility at signing", "<script>alert(1)</script>"],
    ],
  },
  checks: [
    { name: "The log holds this entry", isGood: true, words: "a proof of 24 hashes leads from it to the root" },
    { name: "The signature holds", isGood: true, words: "over the digest, by the key" },
  ],
};

const FAILED = {
  name: "This instance certified the signer",
  isGood: false,
  words: `expected an authority, got ${LONG}`,
};

/** Every page by name. */
export const INSTANCE_PAGES: Readonly<Record<string, string>> = {
  "index-new": indexPage(DEVELOPMENT, INDEX),
  "index-ailing": indexPage(FRAME, {
    ...INDEX,
    services: SERVICES.map((one) => ({ ...one, isWell: false, note: "its storage fails, it recovers by itself" })),
    entries: [
      { index: 12_345_678n, who: LONG },
      { index: 12_345_677n, who: "jane@example.com" },
    ],
  }),
  entry: entryPage(FRAME, ENTRY),
  "entry-of-stranger": entryPage(DEVELOPMENT, {
    ...ENTRY,
    signer: ENTRY.signer?.kind === "certificate" ? { ...ENTRY.signer, isCertified: false } : undefined,
    checks: [...ENTRY.checks, FAILED],
  }),
  "entry-of-key": entryPage(FRAME, {
    ...ENTRY,
    signer: { kind: "key", algorithm: "PKIX_ECDSA_P256_SHA_256", fingerprintHex: HEX },
  }),
  "entry-unread": entryPage(FRAME, { ...ENTRY, index: 0n, treeSize: 1n, digest: undefined, signer: undefined }),
  "entry-missing": noEntryPage(FRAME, 3n),
};
