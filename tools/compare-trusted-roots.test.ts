import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTrustedRoot } from "../src/formats/trusted-root.ts";
import { findInstance } from "../src/policy/instances/instances.ts";
import { compareTrustedRoots } from "./compare-trusted-roots.ts";

const json = findInstance("staging").trustedRoot;
const root = parseTrustedRoot(json);
const SAME = { onlyInFirst: [], onlyInSecond: [] };

test("order and white space do not count", () => {
  assert.deepEqual(compareTrustedRoots(root, parseTrustedRoot(JSON.stringify(JSON.parse(json)))), SAME);
  assert.deepEqual(compareTrustedRoots(root, { ...root, tlogs: root.tlogs.toReversed() }), SAME);
});

test("what one of them lacks or says otherwise is told, with the side", () => {
  const [first, ...others] = root.tlogs;
  assert.ok(first !== undefined);
  const lacking = compareTrustedRoots(root, { ...root, tlogs: others });
  assert.equal(lacking.onlyInSecond.length, 0);
  assert.match(
    lacking.onlyInFirst.join("\n"),
    /^tlog https:\/\/rekor\.sigstage\.dev 2021-01-12T11:53:27Z\/ PKIX_ECDSA/u,
  );
  const changed = { ...first, publicKey: first.publicKey.map((byte, index) => (index === 40 ? byte ^ 1 : byte)) };
  const other = compareTrustedRoots(root, { ...root, tlogs: [changed, ...others] });
  assert.deepEqual([other.onlyInFirst.length, other.onlyInSecond.length], [1, 1]);
  const ended = { ...first, validFor: { startMs: first.validFor.startMs, endMs: 1_700_000_000_000 } };
  assert.equal(compareTrustedRoots(root, { ...root, tlogs: [ended, ...others] }).onlyInSecond.length, 1);
});

test("a certificate authority with another chain is another one", () => {
  const [authority] = root.certificateAuthorities;
  assert.ok(authority !== undefined);
  const cut = { ...authority, certificates: authority.certificates.slice(1) };
  const { onlyInFirst, onlyInSecond } = compareTrustedRoots(root, { ...root, certificateAuthorities: [cut] });
  assert.equal(onlyInFirst.length, 1);
  assert.match(onlyInSecond.join(""), /^certificate authority https:\/\/fulcio\.sigstage\.dev/u);
});
