import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ByteBuilder, ByteReader, compareBytes, concatBytes, equalBytes } from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe("ByteReader and ByteBuilder", () => {
  it("read back what was built", () => {
    const numbers = fc.record(
      {
        one: fc.nat(0xff),
        two: fc.nat(0xffff),
        three: fc.nat(0xffffff),
        four: fc.nat(0xffffffff),
        eight: fc.bigInt(0n, (1n << 64n) - 1n),
        short: fc.uint8Array({ maxLength: 255 }),
        long: bytes,
        tail: bytes,
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const builder = new ByteBuilder()
          .u8(value.one)
          .u16(value.two)
          .u24(value.three)
          .u32(value.four)
          .u64(value.eight);
        builder.vector8(value.short).vector16(value.long).vector24(value.long).bytes(value.tail);
        const reader = new ByteReader(builder.build());
        const read = {
          one: reader.u8(),
          two: reader.u16(),
          three: reader.u24(),
          four: reader.u32(),
          eight: reader.u64(),
          short: reader.vector8(),
          long: reader.vector16(),
        };
        assert.deepEqual(read.long, reader.vector24());
        assert.deepEqual({ ...read, tail: reader.bytes(reader.remaining) }, value);
        reader.end();
      }),
    );
  });

  it("write big-endian", () => {
    const built = new ByteBuilder().u16(0x0102).u24(0x030405).u32(0xfffefdfc).u64(0x0102030405060708n).build();
    assert.deepEqual([...built], [1, 2, 3, 4, 5, 0xff, 0xfe, 0xfd, 0xfc, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("read a part of a larger buffer, without copying", () => {
    const whole = Uint8Array.of(9, 9, 1, 2, 3, 9);
    const reader = new ByteReader(whole.subarray(2, 5));
    assert.equal(reader.u16(), 0x0102);
    assert.equal(reader.bytes(1).buffer, whole.buffer);
    reader.end();
  });

  it("refuse an input that ends too early", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2), "SCT list");
    assert.throws(() => reader.u32(), {
      code: "bytes-truncated",
      message: "SCT list: expected 4 bytes at offset 0, got 2",
    });
    assert.throws(() => new ByteReader(Uint8Array.of(5, 1)).vector8(), { code: "bytes-truncated" });
    assert.equal(reader.u16(), 0x0102);
    assert.throws(() => reader.u8(), { code: "bytes-truncated" });
  });

  it("refuse trailing bytes", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), "SCT");
    reader.u8();
    assert.throws(() => reader.end(), { code: "bytes-trailing", message: "SCT: expected the end, got 2 more bytes" });
  });

  it("give the errors the code of the format", () => {
    const reader = new ByteReader(Uint8Array.of(1), "SCT", "sct-invalid");
    assert.throws(() => reader.u16(), { code: "sct-invalid" });
    assert.throws(() => reader.end(), { code: "sct-invalid" });
  });

  it("refuse numbers and vectors that do not fit", () => {
    const builder = new ByteBuilder();
    for (const value of [-1, 256, 0.5, Number.NaN]) assert.throws(() => builder.u8(value), TypeError);
    assert.throws(() => builder.u16(0x10000), TypeError);
    assert.throws(() => builder.u24(0x1000000), TypeError);
    assert.throws(() => builder.u32(2 ** 32), TypeError);
    assert.throws(() => builder.u64(-1n), TypeError);
    assert.throws(() => builder.u64(1n << 64n), TypeError);
    assert.throws(() => builder.vector8(new Uint8Array(256)), TypeError);
    assert.equal(builder.build().length, 0);
  });
});

describe("byte strings", () => {
  it("concatBytes joins", () => {
    assert.deepEqual(concatBytes(), new Uint8Array(0));
    assert.deepEqual(concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3));
  });

  it("equalBytes and compareBytes agree with the order of hex texts", () => {
    const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
    const small = fc.uint8Array({ maxLength: 3, max: 3 });
    fc.assert(
      fc.property(small, small, (a, b) => {
        assert.equal(equalBytes(a, b), hex(a) === hex(b));
        assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
      }),
    );
  });

  it("equalBytes tells apart a prefix and a single changed byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 600, size: "max" }), fc.nat(), (a, at) => {
        const changed = Uint8Array.from(a);
        changed[at % a.length] = (changed[at % a.length] ?? 0) ^ 1;
        assert.equal(equalBytes(a, changed), false);
        assert.equal(equalBytes(a, a.subarray(1)), false);
        assert.equal(equalBytes(a, Uint8Array.from(a)), true);
      }),
    );
  });
});
