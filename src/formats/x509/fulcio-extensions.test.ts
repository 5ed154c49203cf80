/** Fulcio's extensions: the table, both encodings, the issuer's two forms, and malformed ones refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { der } from "../../encoding/der.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import type { Extension } from "./extension-list.ts";
import {
  FULCIO_EXTENSIONS,
  type FulcioExtensions,
  fulcioExtensions,
  fulcioExtensionType,
  serializeFulcioExtensions,
} from "./fulcio-extensions.ts";

const ARC = "1.3.6.1.4.1.57264.1";

function extension(n: number, value: Uint8Array): Extension {
  return { oid: `${ARC}.${n}`, critical: false, value };
}

test("the table: 1 to 24 without 7, bare text up to 6", () => {
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1).filter((n) => n !== 7);
  assert.deepEqual(
    FULCIO_EXTENSIONS.map(({ n }) => n),
    numbers,
  );
  for (const { n, oid, encoding } of FULCIO_EXTENSIONS) {
    assert.equal(oid, `${ARC}.${n}`);
    assert.equal(encoding, n < 7 ? "raw" : "utf8");
  }
  assert.equal(fulcioExtensionType(`${ARC}.9`)?.name, "buildSignerUri");
  assert.equal(fulcioExtensionType(`${ARC}.7`), undefined);
});

test("the issuer: .8 before .1, in either order, and .1 alone", () => {
  const old = extension(1, utf8Encode("https://old"));
  const current = extension(8, der.utf8String("https://current"));
  assert.deepEqual(fulcioExtensions({ extensions: [old, current] }), { issuer: "https://current" });
  assert.deepEqual(fulcioExtensions({ extensions: [current, old] }), { issuer: "https://current" });
  assert.deepEqual(fulcioExtensions({ extensions: [old] }), { issuer: "https://old" });
  assert.deepEqual(fulcioExtensions({ extensions: [] }), {});
});

test("what Fulcio writes for GitHub", () => {
  const written = serializeFulcioExtensions({
    issuer: "https://token.actions.githubusercontent.com",
    githubWorkflowTrigger: "push",
    buildTrigger: "push",
    tokenSubject: "",
  });
  assert.deepEqual(written, [
    extension(1, utf8Encode("https://token.actions.githubusercontent.com")),
    extension(2, utf8Encode("push")),
    extension(8, der.utf8String("https://token.actions.githubusercontent.com")),
    extension(20, der.utf8String("push")),
  ]);
});

test("written and read again", () => {
  const names = [...new Set(FULCIO_EXTENSIONS.map(({ name }) => name))];
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
  const values = fc.record(Object.fromEntries(names.map((name) => [name, text])), {
    requiredKeys: [],
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(values, (expected: FulcioExtensions) => {
      assert.deepEqual(fulcioExtensions({ extensions: serializeFulcioExtensions(expected) }), expected);
    }),
  );
});

test("refused: trailing octets, other string types, broken UTF-8, even where the value is not used", () => {
  const malformed = [
    extension(8, Uint8Array.of(...der.utf8String("https://a"), 0)),
    extension(9, der.ia5String("https://a")),
    extension(24, utf8Encode("repo:o/r")),
    extension(20, new Uint8Array()),
    extension(20, der.raw(0x0c, Uint8Array.of(0xff))),
    extension(2, Uint8Array.of(0xff)),
    extension(1, Uint8Array.of(0xc3)),
  ];
  for (const one of malformed) {
    const extensions = [extension(11, der.utf8String("github-hosted")), one];
    assert.throws(
      () => fulcioExtensions({ extensions }),
      (error) => isSigstoreError(error, "certificate-invalid"),
      one.oid,
    );
    if (one.oid !== `${ARC}.8`) {
      assert.throws(() => fulcioExtensions({ extensions: [...extensions, extension(8, der.utf8String("x"))] }));
    }
  }
});

test("other extensions are passed over", () => {
  assert.deepEqual(
    fulcioExtensions({
      extensions: [
        { oid: "2.5.29.15", critical: true, value: new Uint8Array() },
        extension(7, new Uint8Array()),
        extension(25, new Uint8Array()),
      ],
    }),
    {},
  );
});
