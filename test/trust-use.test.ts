/** `trust use` against an instance that is not what it was, names itself otherwise, or is shown by somebody on the way. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { parseIdentityToken } from "../src/formats/identity-token.ts";
import { readSession, writeSession } from "../src/home/sessions.ts";
import { startInstance } from "../src/services/instance/start.ts";
import { CommandFolder } from "./command-world.ts";
import type { CommandOutcome, CommandSurroundings } from "./command-world.ts";
import { fetchInstanceToken } from "./instance-login.ts";

const folder = new CommandFolder(Date.now);
const OTHER = "0".repeat(64);

/** Answers with the trust files of an instance that was, under the name that it is told; also as a proxy, for any address. */
const shown: Record<"name" | "trusted" | "config" | "token", string> = { name: "", trusted: "", config: "", token: "" };
const server = createServer((request, response) => {
  const file = new URL(request.url ?? "/", "http://localhost").pathname;
  const text = { "/trust/trusted_root.json": shown.trusted, "/trust/trust_config.json": shown.config }[file];
  response.writeHead(text === undefined ? 404 : 200).end(text?.replaceAll("NAME.localhost", shown.name));
});
let address = "";

before(async () => {
  const instance = await startInstance({ folder: folder.at("instance"), port: 0, dev: true, log: () => undefined });
  shown.token = (await fetchInstanceToken(instance.url, "alice@example.com", Date.now)).reveal();
  await instance.stop();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  address = `http://localhost:${(server.address() as AddressInfo).port}`;
  const read = (name: string): string =>
    readFileSync(folder.at(`instance/trust/${name}`), "utf8")
      .replaceAll(instance.name, "NAME.localhost")
      .replaceAll(instance.url, address);
  [shown.trusted, shown.config] = [read("trusted_root.json"), read("trust_config.json")];
});

after(() => {
  server.close();
  folder.remove();
});

/** Runs `trust` in a home of the test's own. */
async function trust(home: string, words: readonly string[], more: CommandSurroundings = {}): Promise<CommandOutcome> {
  const environment = { ...more.environment, SIGSTORE_HOME: folder.at(home) };
  return folder.run(["trust", ...words], { ...more, environment });
}

/** Fingerprint and signing config of what is kept. */
function kept(home: string, name: string): { readonly fingerprint: string; readonly signingConfig?: string } {
  return JSON.parse(readFileSync(folder.at(`${home}/instances/${name}.json`), "utf8")) as ReturnType<typeof kept>;
}

describe("an instance that was trusted", () => {
  test("is used by its name only with its own fingerprint, where one is given", async () => {
    shown.name = "one.localhost";
    assert.equal((await trust("a", ["use", address, "--yes"])).exitCode, 0);
    for (const name of ["one.localhost", "public"])
      assert.equal((await trust("a", ["use", name, "--fingerprint", OTHER])).exitCode, 3, name);
    const { fingerprint } = kept("a", "one.localhost");
    assert.equal((await trust("a", ["use", "one.localhost", "--fingerprint", fingerprint])).exitCode, 0);
  });

  test("is not replaced by another at its address that calls itself otherwise, not by --yes", async () => {
    shown.name = "two.localhost";
    const { exitCode, talk } = await trust("a", ["use", address, "--yes"]);
    assert.equal(exitCode, 2);
    assert.match(talk, /its trust has changed/);
    assert.ok(!existsSync(folder.at("a/instances/two.localhost.json")));
    assert.equal((await trust("a", ["use", address], { answers: () => "n" })).exitCode, 1);
    // The one that was agreed to last is what the address means from then on, whatever the names.
    shown.name = "zzz.localhost";
    assert.equal((await trust("a", ["use", address], { answers: () => "y" })).exitCode, 0);
    const words = ["logout", "--instance", address, "--json"];
    const { output } = await folder.run(words, { environment: { SIGSTORE_HOME: folder.at("a") } });
    assert.match(output, /"instance": "zzz\.localhost"/);
  });

  test("by a name that is a file too is neither", async () => {
    const file = folder.write("config.json", shown.config.replaceAll("NAME.localhost", "file.localhost"));
    shown.name = "three.localhost";
    assert.equal((await trust("b", ["use", address, "--yes"])).exitCode, 0);
    const place = process.cwd();
    process.chdir(folder.path);
    try {
      folder.write("three.localhost", readFileSync(file, "utf8"));
      const { exitCode, talk } = await trust("b", ["use", "three.localhost", "--yes"]);
      assert.equal(exitCode, 2);
      assert.match(talk, /which is both/);
      assert.equal((await trust("b", ["use", "./three.localhost", "--yes"])).exitCode, 0);
    } finally {
      process.chdir(place);
    }
    assert.ok(existsSync(folder.at("b/instances/file.localhost.json")));
  });

  test("and has changed gets no login of before", async () => {
    shown.name = "four.localhost";
    assert.equal((await trust("c", ["use", address, "--yes"])).exitCode, 0);
    const home = { configuration: folder.at("c"), sessions: folder.at("c/sessions") };
    writeSession(home, "four.localhost", parseIdentityToken(shown.token));
    assert.equal((await trust("c", ["use", address])).exitCode, 0);
    assert.ok(readSession(home, "four.localhost") !== undefined);
    const { trusted, config } = shown;
    shown.trusted = trusted.replaceAll("http://rekor.", "https://rekor.");
    shown.config = config.replaceAll("http://rekor.", "https://rekor.");
    const { exitCode, talk } = await trust("c", ["use", address], { answers: () => "y" });
    [shown.trusted, shown.config] = [trusted, config];
    assert.equal(exitCode, 0, talk);
    assert.equal(readSession(home, "four.localhost"), undefined);
  });
});

test("is told where tokens go, where the fingerprint does not vouch for it: a file, or other addresses", async () => {
  shown.name = "five.localhost";
  assert.doesNotMatch((await trust("e", ["use", address, "--yes"])).talk, /tokens go to/);
  const file = folder.write("five.json", shown.config.replaceAll("NAME.localhost", "six.localhost"));
  const { talk: shownTalk } = await trust("e", ["use", file, "--yes"]);
  const fingerprint = kept("e", "six.localhost").fingerprint;
  const spoiled = folder.write(
    "spoiled.json",
    readFileSync(file, "utf8").replaceAll(/http:\/\/localhost:\d+\/auth/gu, "https://evil.test/auth"),
  );
  const { exitCode, talk } = await trust("f", ["use", spoiled, "--fingerprint", fingerprint]);
  assert.equal(exitCode, 0);
  assert.match(shownTalk, /tokens go to http:\/\/localhost:\d+, of which/);
  assert.match(
    talk,
    /tokens go to https:\/\/evil\.test, http:\/\/localhost:\d+, of which the fingerprint says nothing/,
  );
});

test("over plain http from elsewhere an instance is trusted for verifying alone, its fingerprint given or not", async () => {
  shown.name = "far.example.test";
  const surroundings = { environment: { HTTP_PROXY: address } };
  const far = ["use", "http://far.example.test"];
  const { exitCode } = await trust("d", [...far, "--fingerprint", OTHER], surroundings);
  assert.equal(exitCode, 3);
  const agreed = await trust("d", far, { ...surroundings, answers: () => "y" });
  assert.equal(agreed.exitCode, 0, agreed.talk);
  assert.match(agreed.talk, /for verifying alone/);
  const { signingConfig, fingerprint } = kept("d", "far.example.test");
  assert.equal(signingConfig, undefined);
  const again = await trust("d", [...far, "--fingerprint", fingerprint], surroundings);
  assert.equal(again.exitCode, 0, again.talk);
  assert.equal(kept("d", "far.example.test").signingConfig, undefined);
});
