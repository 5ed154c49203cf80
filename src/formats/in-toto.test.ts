import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { mutateJson } from "../../test/mutate-json.ts";
import { parseJson } from "../encoding/json.ts";
import type { JsonObject } from "../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { parseStatement, serializeStatement, STATEMENT_TYPE_V01, STATEMENT_TYPE_V1 } from "./in-toto.ts";
import type { Statement } from "./in-toto.ts";

const SHA256 = "ab".repeat(32);
const STATEMENT = {
  _type: STATEMENT_TYPE_V1,
  subject: [{ name: "a.txt", digest: { sha256: SHA256 } }],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: { buildDefinition: {} },
};

function parse(value: unknown): Statement {
  return parseStatement(utf8Encode(typeof value === "string" ? value : JSON.stringify(value)));
}

function refuses(changes: Record<string, unknown>, message: string | RegExp): void {
  assert.throws(() => parse({ ...STATEMENT, ...changes }), { code: "statement-invalid", message });
}

const hexOf = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString("hex"));

const statement: fc.Arbitrary<Statement> = fc.record(
  {
    type: fc.constantFrom(STATEMENT_TYPE_V01, STATEMENT_TYPE_V1),
    subjects: fc.array(
      fc.record(
        {
          name: fc.string({ unit: "grapheme" }),
          digests: fc.tuple(hexOf(32), hexOf(64), fc.string({ minLength: 1, unit: "grapheme" })).map(
            ([sha256, sha512, other]) =>
              new Map([
                ["sha256", sha256],
                ["sha512", sha512],
                ["gitCommit", other],
              ]),
          ),
        },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    predicateType: fc.string({ minLength: 1, unit: "grapheme" }),
    predicate: fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((value) => parseJson(JSON.stringify(value)) as JsonObject),
  },
  { noNullPrototype: true },
);

describe("in-toto statements", () => {
  it("are read back from what was written", () => {
    fc.assert(fc.property(statement, (value) => assert.deepEqual(parseStatement(serializeStatement(value)), value)));
  });

  it("are written with the members in their usual order", () => {
    assert.equal(utf8Decode(serializeStatement(parse(STATEMENT))), JSON.stringify(STATEMENT));
  });

  it("keep integers of the predicate exact", () => {
    const text = JSON.stringify(STATEMENT).replace('"buildDefinition":{}', '"size":9007199254740993');
    assert.equal(parse(text).predicate["size"], 9007199254740993n);
    assert.match(utf8Decode(serializeStatement(parse(text))), /"size":9007199254740993/);
  });

  it("may have a subject without name, as cosign writes them, and no predicate", () => {
    const { predicate: _, ...others } = STATEMENT;
    const read = parse({ ...others, subject: [{ digest: { sha256: SHA256 }, annotations: { a: "b" } }] });
    assert.equal(read.subjects[0]?.name, "");
    assert.deepEqual(Object.keys(read.predicate), []);
    assert.equal(read.predicate["constructor"], undefined);
  });

  it("may have fields that we do not know: in-toto demands that they be ignored", () => {
    assert.deepEqual(parse({ ...STATEMENT, future: 1 }).subjects, parse(STATEMENT).subjects);
  });

  it("have SHA-2 digests in lower case afterwards", () => {
    const read = parse({ ...STATEMENT, subject: [{ digest: { sha256: SHA256.toUpperCase(), gitCommit: "ABC" } }] });
    assert.equal(read.subjects[0]?.digests.get("sha256"), SHA256);
    assert.equal(read.subjects[0]?.digests.get("gitCommit"), "ABC");
  });

  it("are refused when malformed", () => {
    refuses({ _type: "https://in-toto.io/Statement/v2" }, /^_type: expected .*v1 or .*v0\.1, got ".*v2"$/);
    refuses({ _type: undefined }, /^_type: expected .* got nothing$/);
    refuses({ predicateType: "" }, 'predicateType: expected a string, got ""');
    refuses({ predicate: [] }, "predicate: expected an object, got an array");
    refuses({ subject: [] }, "subject: expected an array of at least one subject, got an array");
    refuses({ subject: {} }, "subject: expected an array of at least one subject, got an object");
    refuses({ subject: ["a"] }, 'subject[0]: expected an object, got "a"');
    refuses({ subject: [{ name: 1, digest: { sha256: SHA256 } }] }, "subject[0].name: expected a string, got 1");
    refuses({ subject: [{ name: "a" }] }, "subject[0].digest: expected an object of digests, got nothing");
    refuses({ subject: [{ digest: {} }] }, "subject[0].digest: expected at least one digest, got none");
    refuses({ subject: [{ digest: { sha256: "ab" } }] }, 'subject[0].digest.sha256: expected 64 hex digits, got "ab"');
    refuses(
      { subject: [{ digest: { sha256: "g".repeat(64) } }] },
      /^subject\[0\]\.digest\.sha256: expected 64 hex digits/,
    );
    refuses({ subject: [{ digest: { md5: 5 } }] }, "subject[0].digest.md5: expected a string, got 5");
    assert.throws(() => parse("[]"), {
      code: "statement-invalid",
      message: "statement: expected an object, got an array",
    });
    assert.throws(() => parse(""), { code: "statement-invalid", message: "statement: expected JSON, got nothing" });
    assert.throws(() => parse('{"_type":"a","_type":"b"}'), { code: "statement-invalid", message: /each member once/ });
  });

  it("give nothing but SigstoreErrors when changed in any one place", () => {
    for (const { change, text } of mutateJson(STATEMENT)) {
      try {
        parse(text);
      } catch (error) {
        assert.ok(isSigstoreError(error, "statement-invalid"), `${change}: ${String(error)}`);
      }
    }
  });
});
