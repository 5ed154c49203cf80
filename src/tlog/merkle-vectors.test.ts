/** The public proofs of transparency-dev/merkle, good and bad; those that are malformed count as refused too. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { base64Decode } from "../encoding/base64.ts";
import { parseJson } from "../encoding/json.ts";
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from "./proof.ts";

const KINDS: Readonly<Record<string, (fields: Fields) => boolean>> = {
  inclusion: (fields) =>
    verifyInclusion({
      leafHash: fields.bytes("leafHash"),
      index: fields.integer("leafIdx"),
      treeSize: fields.integer("treeSize"),
      hashes: fields.hashes(),
      rootHash: fields.bytes("root"),
    }),
  consistency: (fields) =>
    verifyConsistency({
      size1: fields.integer("size1"),
      size2: fields.integer("size2"),
      root1: fields.bytes("root1"),
      root2: fields.bytes("root2"),
      hashes: fields.hashes(),
    }),
  subtreeinclusion: (fields) =>
    verifySubtreeInclusion({
      leafHash: fields.bytes("leafHash"),
      index: fields.integer("leafIdx"),
      start: fields.integer("start"),
      end: fields.integer("end"),
      hashes: fields.hashes(),
      rootHash: fields.bytes("root"),
    }),
  subtreeconsistency: (fields) =>
    verifySubtreeConsistency({
      start: fields.integer("start"),
      end: fields.integer("end"),
      treeSize: fields.integer("size"),
      subtreeRoot: fields.bytes("root1"),
      rootHash: fields.bytes("root2"),
      hashes: fields.hashes(),
    }),
};

/** Fields of a case, with their types asserted. */
class Fields {
  readonly #object: JsonObject;

  constructor(value: JsonValue) {
    assert.ok(typeof value === "object" && value !== null && !Array.isArray(value));
    this.#object = value;
  }

  integer(name: string): bigint {
    const value = this.#object[name];
    assert.ok(typeof value === "number" || typeof value === "bigint");
    return BigInt(value);
  }

  bytes(name: string): Uint8Array {
    return bytesOf(this.#object[name]);
  }

  hashes(): Uint8Array[] {
    const { proof } = this.#object;
    return Array.isArray(proof) ? proof.map(bytesOf) : [];
  }

  get expected(): boolean {
    return this.#object["wantErr"] === false;
  }
}

function bytesOf(value: JsonValue | undefined): Uint8Array {
  assert.ok(typeof value === "string");
  return base64Decode(value);
}

const folder = vectorsPath("merkle", "testdata");

for (const [kind, verify] of Object.entries(KINDS)) {
  const paths =
    folder === undefined
      ? []
      : readdirSync(join(folder, kind), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  test(`transparency-dev/merkle: ${paths.length} of ${kind}`, { skip: skipReason }, () => {
    assert.ok(folder !== undefined && paths.length > 0);
    for (const path of paths) {
      const fields = new Fields(parseJson(readFileSync(join(folder, kind, path))));
      assert.equal(verify(fields), fields.expected, `${kind}/${path}`);
    }
  });
}

test("transparency-dev/merkle: 518 of 518 cases are covered", { skip: skipReason }, () => {
  assert.ok(folder !== undefined);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  assert.equal(paths.length, 518);
  for (const path of paths) assert.ok(Object.keys(KINDS).includes(path.split("/")[0] ?? ""), path);
});
