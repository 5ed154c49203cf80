import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EntryPage, entryPage, noEntryPage } from "./entry-page.ts";
import { indexPage } from "./index-page.ts";

const FRAME = { instance: "team.localhost", isDev: false };
const HOSTILE = `<script>alert("1")</script>\u{202e}&'`;

function page(changes: Partial<EntryPage> = {}): string {
  return entryPage(FRAME, {
    index: 3n,
    origin: "rekor.team.localhost",
    treeSize: 5n,
    kind: "hashedrekord 0.0.2",
    digest: { algorithm: "sha256", hex: "00".repeat(32) },
    isBeginning: false,
    signer: {
      kind: "certificate",
      isCertified: true,
      subject: "jane@example.com",
      issuer: "https://issuer.example.com",
      notBeforeMs: 0,
      notAfterMs: 600_000,
      claims: [],
    },
    checks: [{ name: "The log holds this entry", isGood: true, words: "" }],
    ...changes,
  });
}

describe("the page of an entry", () => {
  test("says who signed, and that all holds, only when it does", () => {
    assert.match(page(), /<h1>jane@example\.com signed something<\/h1>/);
    assert.match(page(), /Everything that can be checked here holds/);
    const failed = page({ checks: [{ name: "The signature holds", isGood: false, words: "expected one, got none" }] });
    assert.match(failed, /Something does not hold/);
    assert.match(failed, /expected one, got none/);
  });

  test("never names in its headline whom nobody has certified", () => {
    const signer = {
      isCertified: false,
      subject: "eve@example.com",
      issuer: "x",
      notBeforeMs: 0,
      notAfterMs: 1,
      claims: [],
    };
    const text = page({ signer: { kind: "certificate", ...signer } });
    assert.doesNotMatch(text, /<h1>[^<]*eve/);
    assert.match(text, /Claims to be/);
  });

  test("shows hostile text as what it is", () => {
    const signer = { isCertified: true, subject: HOSTILE, issuer: HOSTILE, notBeforeMs: 0, notAfterMs: 1 };
    const claims = [["Build trigger", HOSTILE]] as const;
    const text = page({
      kind: HOSTILE,
      signer: { kind: "certificate", ...signer, claims },
      checks: [{ name: "The signature holds", isGood: false, words: HOSTILE }],
    });
    assert.doesNotMatch(text, /<script|\u{202e}/u);
    assert.match(text, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;\\u\{202e\}&amp;&#39;/);
    const list = { url: "x", fingerprintHex: "", services: [], entries: [{ index: 1n, who: HOSTILE }], trustFiles: [] };
    assert.doesNotMatch(indexPage(FRAME, list), /<script|\u{202e}/u);
  });

  test("links to its neighbours, where there are any", () => {
    assert.deepEqual(
      [...page().matchAll(/href="\/entry\/(\d+)"/g)].map(([, index]) => index),
      ["2", "4"],
    );
    assert.doesNotMatch(page({ index: 0n, treeSize: 1n }), /href="\/entry\/\d+"/);
  });
});

test("an index that the log does not have is told from one that it has", () => {
  assert.match(noEntryPage(FRAME, 3n), /0 to 2/);
  assert.match(noEntryPage(FRAME, 0n), /Nothing was signed yet/);
});
