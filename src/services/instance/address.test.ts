import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isSigstoreError } from "../../errors.ts";
import { type AddressWishes, instanceAddress, isLoopback } from "./address.ts";

const PLAIN: AddressWishes = { hasTls: false, isBehindProxy: false, isDev: false };

function where(wishes: Partial<AddressWishes>, lastUrl?: string): readonly [string, number, string] {
  const { host, port, urlOf } = instanceAddress({ ...PLAIN, ...wishes }, lastUrl);
  return [host, port, urlOf(port === 0 ? 4711 : port)];
}

describe("an instance listens, and is known, ", () => {
  const cases: readonly (readonly [
    string,
    Partial<AddressWishes>,
    string | undefined,
    readonly [string, number, string],
  ])[] = [
    ["on loopback and 8480 at first", {}, undefined, ["127.0.0.1", 8480, "http://localhost:8480"]],
    ["as last time", {}, "http://localhost:9000", ["127.0.0.1", 9000, "http://localhost:9000"]],
    [
      "on another port when it is told to",
      { port: 9001 },
      "http://localhost:9000",
      ["127.0.0.1", 9001, "http://localhost:9001"],
    ],
    ["on any free port", { port: 0 }, undefined, ["127.0.0.1", 0, "http://localhost:4711"]],
    ["with TLS", { hasTls: true }, undefined, ["127.0.0.1", 8480, "https://localhost:8480"]],
    [
      "to others with TLS",
      { hasTls: true, host: "0.0.0.0", url: "https://sigstore.example.com" },
      undefined,
      ["0.0.0.0", 443, "https://sigstore.example.com"],
    ],
    [
      "behind a proxy on its own port",
      { isBehindProxy: true, url: "https://sigstore.example.com" },
      undefined,
      ["127.0.0.1", 8480, "https://sigstore.example.com"],
    ],
  ];
  for (const [name, wishes, last, expected] of cases) test(name, () => assert.deepEqual(where(wishes, last), expected));
});

describe("an instance does not start", () => {
  const cases: readonly (readonly [string, Partial<AddressWishes>, RegExp])[] = [
    ["in plain text for others", { host: "0.0.0.0" }, /expected TLS on an address that others reach/],
    ["in plain text for others, by name", { host: "192.0.2.7" }, /expected TLS/],
    ["without passwords for others", { host: "0.0.0.0", hasTls: true, isDev: true }, /--dev/],
    ["without passwords behind a proxy", { isBehindProxy: true, isDev: true }, /--dev/],
    ["as https without TLS", { url: "https://sigstore.example.com" }, /expected TLS for/],
    ["as http with TLS", { url: "http://localhost:1", hasTls: true }, /expected an https address/],
    ["below a path", { url: "http://localhost:8480/sigstore" }, /expected an address such as/],
    ["with a name in its address", { url: "http://me@localhost:8480" }, /expected an address such as/],
    ["at what is no address", { url: "localhost" }, /expected an address such as/],
  ];
  for (const [name, wishes, message] of cases)
    test(name, () =>
      assert.throws(
        () => instanceAddress({ ...PLAIN, ...wishes }, undefined),
        (error) => isSigstoreError(error, "config-invalid") && message.test(error.message),
      ),
    );
});

test("loopback is this machine alone", () => {
  for (const host of ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
    assert.equal(isLoopback(host), true, host);
  for (const host of ["0.0.0.0", "::", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", ""])
    assert.equal(isLoopback(host), false, host);
});
