/** The user's own files: where they lie, what they keep, and what is said of broken ones. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { sha256 } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { virtualToken } from "../testing/virtual-services.ts";
import { findHome, requireHome } from "./folder.ts";
import type { Home } from "./folder.ts";
import { isInstanceName, listInstances, readInstance, removeInstance, writeInstance } from "./instances.ts";
import type { TrustedInstance } from "./instances.ts";
import { readSession, removeSession, writeSession } from "./sessions.ts";
import { changeSettings, readSettings } from "./settings.ts";

let folder = "";
let home: Home;

// In a suite of their own: all test files run in one process, and hooks at the top would be those of every test.
describe("the home", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sigstore-home-"));
    home = requireHome({ SIGSTORE_HOME: join(folder, "own") });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ROOT = '{"a trusted":"root"}';
  const INSTANCE: TrustedInstance = {
    name: "sigstore.example.com",
    address: "https://sigstore.example.com",
    fingerprintHex: hexEncode(sha256(utf8Encode(ROOT))),
    addedMs: Date.parse("2026-05-01T12:00:00Z"),
    trustedRoot: ROOT,
    signingConfig: "{}",
    caCertificates: undefined,
  };

  function modeOf(path: string): string {
    return (statSync(path).mode & 0o777).toString(8);
  }

  /** What `read` throws: a broken file by its name, with what to do. */
  function assertNamed(read: () => unknown, path: string, message: RegExp = /./): void {
    assert.throws(read, (error: unknown) => {
      assert.ok(isSigstoreError(error, "home-invalid"));
      assert.ok(error.message.includes(path), error.message);
      assert.match(error.message, message);
      assert.equal(error.details["path"], path);
      assert.ok(error.hint !== undefined && error.hint.length > 10);
      return true;
    });
  }

  describe("where home is", () => {
    test("SIGSTORE_HOME goes before the folders of XDG, and these before those below HOME", () => {
      const environment = { HOME: "/u", XDG_CONFIG_HOME: "/c", XDG_DATA_HOME: "/d", SIGSTORE_HOME: "/s" };
      assert.deepEqual(findHome(environment), { configuration: "/s", sessions: "/s/sessions" });
      assert.deepEqual(findHome({ ...environment, SIGSTORE_HOME: "" }), {
        configuration: "/c/sigstore",
        sessions: "/d/sigstore/sessions",
      });
      assert.deepEqual(findHome({ HOME: "/u" }), {
        configuration: "/u/.config/sigstore",
        sessions: "/u/.local/share/sigstore/sessions",
      });
    });

    test("relative paths of XDG do not count, and without any home there is none", () => {
      assert.equal(findHome({ HOME: "/u", XDG_CONFIG_HOME: "c" })?.configuration, "/u/.config/sigstore");
      assert.equal(findHome({}), undefined);
      assert.equal(findHome({ HOME: "" }), undefined);
      assert.throws(() => requireHome({}), { code: "home-missing" });
    });
  });

  describe("settings", () => {
    test("are those of a new user at first, and then what was changed", () => {
      assert.deepEqual(readSettings(home), { defaultInstance: undefined, toldPublic: [] });
      changeSettings(home, { defaultInstance: "mine" });
      changeSettings(home, { toldPublic: ["mine me"] });
      assert.deepEqual(readSettings(home), { defaultInstance: "mine", toldPublic: ["mine me"] });
      changeSettings(home, { defaultInstance: undefined });
      assert.equal(readSettings(home).defaultInstance, undefined);
    });

    test("lie in a folder of the user's alone, in a file of the user's alone, and nothing else is left there", () => {
      changeSettings(home, { defaultInstance: "mine" });
      assert.equal(modeOf(home.configuration), "700");
      assert.equal(modeOf(join(home.configuration, "settings.json")), "600");
      assert.deepEqual(readdirSync(home.configuration), ["settings.json"]);
    });

    for (const [what, text, message] of [
      ["no JSON", "{", /line 1/],
      ["another document", '{"kind":"Session"}', /expected Settings, got Session/],
      ["a field that nobody knows", '{"kind":"Settings","colour":"red"}', /colour/],
      ["a wrong type", '{"kind":"Settings","defaultInstance":7}', /defaultInstance/],
      ["nothing", "", /./],
    ] as const) {
      test(`that are ${what} are named`, () => {
        mkdirSync(home.configuration);
        const path = join(home.configuration, "settings.json");
        writeFileSync(path, text, { mode: 0o600 });
        assertNamed(() => readSettings(home), path, message);
        assertNamed(() => changeSettings(home, { defaultInstance: "x" }), path);
        assert.equal(readFileSync(path, "utf8"), text, "a broken file is left as it is");
      });
    }

    test("that others may write, or that are no file, are named", () => {
      changeSettings(home, {});
      const path = join(home.configuration, "settings.json");
      chmodSync(path, 0o620);
      assertNamed(() => readSettings(home), path, /mode 620/);
      rmSync(path);
      mkdirSync(path);
      assertNamed(() => readSettings(home), path, /expected a file/);
    });

    test("that cannot be written say where", () => {
      writeFileSync(join(folder, "own"), "a file where the folder should be");
      assert.throws(() => changeSettings(home, {}), { code: "file-unwritable" });
    });
  });

  describe("trusted instances", () => {
    test("are kept byte for byte, listed by name, and forgotten", () => {
      const other = { ...INSTANCE, name: "a", address: undefined, signingConfig: undefined, caCertificates: "PEM" };
      assert.deepEqual(listInstances(home), []);
      writeInstance(home, INSTANCE);
      writeInstance(home, other);
      assert.deepEqual(readInstance(home, INSTANCE.name), INSTANCE);
      assert.deepEqual(listInstances(home), [other, INSTANCE]);
      assert.equal(removeInstance(home, "a"), true);
      assert.equal(removeInstance(home, "a"), false);
      assert.deepEqual(listInstances(home), [INSTANCE]);
    });

    test("whose trusted root is not the one that was agreed to are refused", () => {
      writeInstance(home, INSTANCE);
      const path = join(home.configuration, "instances", `${INSTANCE.name}.json`);
      writeFileSync(path, readFileSync(path, "utf8").replace("trusted", "tampered"));
      assertNamed(() => readInstance(home, INSTANCE.name), path, /fingerprint/);
    });

    test("have names that are no paths", () => {
      for (const name of ["", ".", "..", "a/b", "A", "a..b", "-a", "a.", "x".repeat(101)])
        assert.equal(isInstanceName(name), false, name);
      for (const name of ["a", "127.0.0.1", "a1b2.localhost", "my-instance"])
        assert.equal(isInstanceName(name), true, name);
      assert.equal(readInstance(home, "../settings"), undefined);
      assert.throws(() => writeInstance(home, { ...INSTANCE, name: "../x" }), TypeError);
    });
  });

  describe("remembered logins", () => {
    const token = virtualToken({ iss: "https://login.example.com", sub: "me", aud: "sigstore", exp: 2_000_000_000 });

    test("are kept for their instance, for the user alone, and forgotten", () => {
      assert.equal(readSession(home, "mine"), undefined);
      writeSession(home, "mine", token);
      writeSession(home, "custom:abc", token);
      assert.equal(readSession(home, "mine")?.reveal(), token.reveal());
      assert.equal(readSession(home, "other"), undefined);
      assert.equal(modeOf(home.sessions), "700");
      for (const name of readdirSync(home.sessions)) assert.equal(modeOf(join(home.sessions, name)), "600");
      assert.equal(removeSession(home, "mine"), true);
      assert.equal(readSession(home, "mine"), undefined);
    });

    test("that others may read, or that are broken, are refused without a word of what they hold", () => {
      writeSession(home, "mine", token);
      const path = join(home.sessions, "mine.json");
      chmodSync(path, 0o640);
      assertNamed(() => readSession(home, "mine"), path, /mode 640/);
      chmodSync(path, 0o600);
      for (const text of [
        `{"kind":"Session","token":"${token.reveal().slice(0, 40)}"}`,
        `{"kind":"Session",${token.reveal()}`,
      ]) {
        writeFileSync(path, text);
        assert.throws(
          () => readSession(home, "mine"),
          (error: Error) => !`${error.message} ${String(error.cause)}`.includes(token.reveal().slice(0, 12)),
        );
        assertNamed(() => readSession(home, "mine"), path);
      }
    });
  });
});
