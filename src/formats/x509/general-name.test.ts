/** General names: every kind, and malformed ones refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { der, DerReader } from "../../encoding/der.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type GeneralName, readGeneralNames, serializeDirectoryName, serializeGeneralName } from "./general-name.ts";
import { serializeName } from "./name.ts";
import { OID } from "./oids.ts";

function read(...elements: Uint8Array[]): GeneralName[] {
  return readGeneralNames(new DerReader(der.sequence(...elements)).sequence());
}

function refuses(...elements: Uint8Array[]): void {
  assert.throws(
    () => read(...elements),
    (error) =>
      isSigstoreError(error, "certificate-invalid") ||
      isSigstoreError(error, "der-invalid") ||
      isSigstoreError(error, "utf8-invalid"),
  );
}

function otherName(oid: string, inner: Uint8Array): Uint8Array {
  return der.implicit(0, Uint8Array.of(...der.oid(oid), ...der.explicit(0, inner)), true);
}

describe("kinds", () => {
  test("e-mail, URI, DNS name, IP addresses", () => {
    const names: readonly GeneralName[] = [
      { kind: "email", value: "a@example.com" },
      { kind: "uri", value: "https://github.com/o/r/.github/workflows/w.yml@refs/heads/main" },
      { kind: "dns", value: "example.com" },
      { kind: "ip", value: "192.0.2.1" },
      { kind: "ip", value: "2001:db8::1" },
    ];
    assert.deepEqual(read(...names.map(serializeGeneralName)), names);
    assert.equal(hexEncode(serializeGeneralName({ kind: "dns", value: "a" })), "820161");
  });
  test("a Fulcio user name", () => {
    const name = { kind: "otherName", oid: OID.fulcioUserName, value: "user!example.com" } as const;
    assert.deepEqual(serializeGeneralName(name), otherName(OID.fulcioUserName, der.utf8String("user!example.com")));
    assert.deepEqual(read(serializeGeneralName(name)), [name]);
  });
  test("other names of other types: text is read, the rest is kept", () => {
    assert.deepEqual(read(otherName("1.2.3", der.utf8String("x"))), [{ kind: "otherName", oid: "1.2.3", value: "x" }]);
    const raw = otherName("1.2.3", der.integer(1));
    assert.deepEqual(read(raw), [{ kind: "other", tag: 0xa0, raw }]);
  });
  test("directory names and the rest are kept", () => {
    const raw = serializeDirectoryName(serializeName([{ oid: OID.commonName, value: "x" }]));
    assert.deepEqual(read(raw), [{ kind: "other", tag: 0xa4, raw }]);
    assert.deepEqual(serializeGeneralName({ kind: "other", tag: 0xa4, raw }), raw);
    assert.equal(read(der.implicit(8, Uint8Array.of(0x2a), false))[0]?.kind, "other");
  });
});

describe("refused", () => {
  test("no names, too many, tags that RFC 5280 does not know", () => {
    refuses();
    refuses(...Array.from({ length: LIMITS.generalNames + 1 }, () => der.raw(0x82, Uint8Array.of(0x61))));
    refuses(der.utf8String("x"));
    refuses(der.implicit(9, new Uint8Array(), false));
    refuses(der.implicit(1, new Uint8Array(), true));
    refuses(der.implicit(0, new Uint8Array(), false));
  });
  test("characters outside ASCII, addresses of other sizes", () => {
    for (const tag of [0x81, 0x82, 0x86]) refuses(der.raw(tag, Uint8Array.of(0xc3, 0xa9)));
    for (const size of [0, 3, 5, 8, 15, 17, 32]) refuses(der.raw(0x87, new Uint8Array(size)));
  });
  test("a Fulcio user name that is no UTF8String or has something behind it", () => {
    refuses(otherName(OID.fulcioUserName, der.ia5String("user!example.com")));
    refuses(otherName(OID.fulcioUserName, Uint8Array.of(...der.utf8String("a"), ...der.utf8String("b"))));
    refuses(otherName(OID.fulcioUserName, der.raw(0x0c, Uint8Array.of(0xff))));
    refuses(otherName("1.2.3", Uint8Array.of(...der.null(), ...der.null())));
    refuses(der.implicit(0, der.oid(OID.fulcioUserName), true));
    refuses(der.implicit(0, Uint8Array.of(...der.oid("1.2.3"), ...der.explicit(0, der.null()), 5, 0), true));
  });
});

test("misuse of the writer is a TypeError", () => {
  assert.throws(() => serializeGeneralName({ kind: "email", value: "é@x" }), TypeError);
  for (const value of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.1.1.1",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    ":::",
    "g::",
    "12345::",
    "1:2:3:4:5:6:7::8",
    "::1.2.3.4",
    "1".repeat(50),
  ]) {
    assert.throws(() => serializeGeneralName({ kind: "ip", value }), TypeError, value);
  }
});

describe("IPv6 text", () => {
  const text = (hex: string): string => {
    const [name] = read(
      der.raw(
        0x87,
        Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16)),
      ),
    );
    assert.ok(name?.kind === "ip");
    return name.value;
  };
  test("RFC 5952: the longest run of zeros, the first of equals, never a lone group", () => {
    assert.equal(text("00000000000000000000000000000000"), "::");
    assert.equal(text("00000000000000000000000000000001"), "::1");
    assert.equal(text("20010db8000000000000000000000000"), "2001:db8::");
    assert.equal(text("20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1");
    assert.equal(text("20010db8000000000001000000000001"), "2001:db8::1:0:0:1");
    assert.equal(text("20010000000000010000000000000001"), "2001:0:0:1::1");
    assert.equal(text("ffffffffffffffffffffffffffffffff"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  });
  test("octets to text and back", () => {
    const octets = fc.array(fc.constantFrom(0, 0, 0, 1, 0xab), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(octets, (address) => {
        const element = der.raw(0x87, Uint8Array.from(address));
        const [name] = read(element);
        assert.ok(name !== undefined);
        assert.deepEqual(serializeGeneralName(name), element);
      }),
    );
  });
});
