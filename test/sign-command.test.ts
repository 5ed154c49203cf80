/** `sign`, `attest`, `login`, `trust` and `verify` of the command against an instance that runs: what a user does, end to end. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { startInstance } from "../src/services/instance/start.ts";
import { CommandFolder } from "./command-world.ts";
import type { CommandOutcome, CommandSurroundings } from "./command-world.ts";
import { fetchInstanceToken, PERSON_AT_BROWSER } from "./instance-login.ts";
import { approveDevice, logInAt, ScriptedBrowser } from "./scripted-browser.ts";
import { findViolations, readSchema } from "./scripts/json-schema.ts";

/** The instance checks certificates and tokens against the clock of the machine, so the command must see the same. */
const now = Date.now;
const folder = new CommandFolder(now);
const instance = await startInstance({ folder: folder.at("instance"), port: 0, dev: true, log: () => undefined });
const PERSON = PERSON_AT_BROWSER;
const TOKEN = folder.write("token", (await fetchInstanceToken(instance.url, PERSON, now)).reveal());
const WITH_TOKEN = ["--identity-token-file", TOKEN];
const TRUSTED = ["--identity", PERSON, "--issuer", instance.issuer];

after(async () => {
  await instance.stop();
  folder.remove();
});

async function run(words: readonly string[], surroundings?: CommandSurroundings): Promise<CommandOutcome> {
  return folder.run(words, surroundings);
}

/** Runs `words`, which must end well. */
async function succeed(words: readonly string[], surroundings?: CommandSurroundings): Promise<CommandOutcome> {
  const outcome = await run(words, surroundings);
  assert.equal(outcome.exitCode, 0, `${words.join(" ")}\n${outcome.output}${outcome.talk}`);
  return outcome;
}

function assertSchema(name: string, json: string): Record<string, unknown> {
  const document = JSON.parse(json) as Record<string, unknown>;
  assert.deepEqual(findViolations(readSchema(`${name}.json`), document), []);
  assert.deepEqual(Object.keys(document).slice(0, 2), ["apiVersion", "kind"]);
  return document;
}

describe("trust use", () => {
  test("asks for the fingerprint or a yes where nobody sits at a terminal", async () => {
    const { exitCode, talk } = await run(["trust", "use", instance.url]);
    assert.equal(exitCode, 2);
    assert.match(talk, new RegExp(instance.fingerprintHex));
    assert.match(talk, /--fingerprint HEX/);
    assert.equal(existsSync(folder.at("home/settings.json")), false);
  });

  test("keeps nothing where the fingerprint is another, or somebody says no", async () => {
    const wrong = await run(["trust", "use", instance.url, "--fingerprint", "0".repeat(64)]);
    assert.equal(wrong.exitCode, 3);
    assert.match(wrong.talk, /fingerprint/);
    const no = await run(["trust", "use", instance.url], { answers: () => "n" });
    assert.equal(no.exitCode, 1);
    assert.equal(existsSync(folder.at("home/settings.json")), false);
  });

  test("makes the instance the default, by its fingerprint or by a yes", async () => {
    await succeed(["trust", "use", instance.url], { answers: () => "y" });
    await succeed(["trust", "use", "public"]);
    await succeed(["trust", "use", `${instance.url}/`, "--fingerprint", `sha256:${instance.fingerprintHex}`]);
    const { output } = await succeed(["trust", "list", "--json"]);
    const list = assertSchema("trusted-instance-list", output) as { items: { name: string; isDefault: boolean }[] };
    assert.deepEqual(
      list.items.filter(({ isDefault }) => isDefault).map(({ name }) => name),
      [instance.name],
    );
    const shown = assertSchema("trusted-instance", (await succeed(["trust", "show", "--json"])).output);
    assert.deepEqual([shown["fingerprint"], shown["address"]], [instance.fingerprintHex, instance.url]);
  });
});

describe("sign", () => {
  test("writes a bundle that verifies by the very command that it prints", async () => {
    const file = folder.write("hello.txt", "hello\n");
    const { output, talk } = await succeed(["sign", file, ...WITH_TOKEN]);
    assert.match(output, new RegExp(`signed by +${PERSON}`));
    assert.match(output, new RegExp(`look it up +${instance.url}/entry/\\d+`));
    assert.match(talk, new RegExp(`trust use ${instance.url} --fingerprint ${instance.fingerprintHex}`));
    const command = talk.trimEnd().split("\n").at(-1)?.trim().split(" ") ?? [];
    assert.equal(command.shift(), "sigstore");
    const verified = await succeed(command);
    assert.match(verified.output, /^verified: /);
    const address = /look it up +(\S+)/.exec(verified.output)?.[1] ?? "";
    assert.match(output, new RegExp(address));
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.startsWith(".")),
      [],
      "nothing is left beside",
    );
  });

  test("says what becomes public once, and asks whoever is there", async () => {
    const file = folder.write("notice.txt", "x");
    const questions: string[] = [];
    const answering = (answer: string): CommandSurroundings => ({
      answers: (question) => {
        questions.push(question);
        return answer;
      },
    });
    const no = await run(["sign", file, ...WITH_TOKEN], answering("no"));
    assert.equal(no.exitCode, 1);
    assert.match(no.talk, /nothing was signed/);
    assert.equal(existsSync(`${file}.sigstore.json`), false);
    const yes = await succeed(["sign", file, ...WITH_TOKEN], answering("y"));
    assert.match(yes.talk, new RegExp(`e-mail address +${PERSON}`));
    const again = await succeed(["sign", file, "--force", ...WITH_TOKEN], answering("?"));
    assert.doesNotMatch(again.talk, /e-mail address/);
    assert.equal(questions.length, 2);
  });

  test("does not replace a bundle unasked, and has not logged in by then", async () => {
    const file = folder.write("twice.txt", "x");
    await succeed(["sign", file, ...WITH_TOKEN]);
    const before = readFileSync(`${file}.sigstore.json`, "utf8");
    const { exitCode, talk } = await run(["sign", file, "--identity-token-file", "/nowhere"]);
    assert.equal(exitCode, 2);
    assert.match(talk, /--force/);
    assert.equal(readFileSync(`${file}.sigstore.json`, "utf8"), before);
    await succeed(["sign", file, "--force", ...WITH_TOKEN]);
    assert.notEqual(readFileSync(`${file}.sigstore.json`, "utf8"), before);
  });

  test("takes many files with one certificate, and says which could not be written", async () => {
    const files = Array.from({ length: 40 }, (_, index) => folder.write(`many-${index}.txt`, `file ${index}`));
    const { output, talk } = await succeed(["sign", "--json", ...WITH_TOKEN, ...files]);
    assert.equal(talk.includes("signed"), false);
    const list = assertSchema("signing-result-list", output) as { items: { kind: string; target: string }[] };
    assert.deepEqual(
      list.items.map(({ kind, target }) => [kind, target]),
      files.map((file) => ["SigningResult", file]),
    );
    const certificates = files.map(
      (file) => /"rawBytes":"[^"]+"/.exec(readFileSync(`${file}.sigstore.json`, "utf8"))?.[0],
    );
    assert.equal(new Set(certificates).size, 1);
    const { output: verified } = await succeed(["verify", ...TRUSTED, ...files]);
    assert.equal(verified.match(/^verified: /gm)?.length, files.length);
  });

  test("signs standard input and digests, and hands the bundle to standard output", async () => {
    const { output } = await succeed(["sign", "-", "--bundle", "-", ...WITH_TOKEN], { input: "from a pipe" });
    const bundle = folder.write("pipe.sigstore.json", output);
    await succeed(["verify", "-", "--bundle", bundle, ...TRUSTED], { input: "from a pipe" });
    const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    await succeed(["sign", digest, "--bundle", folder.at("digest.json"), ...WITH_TOKEN]);
    await succeed(["verify", folder.write("test", "test"), "--bundle", folder.at("digest.json"), ...TRUSTED]);
  });

  test("signs large and empty files", async () => {
    const files = [folder.write("large", "x".repeat(3_000_000)), folder.write("empty", "")];
    await succeed(["sign", ...files, ...WITH_TOKEN]);
    await succeed(["verify", ...files, ...TRUSTED]);
  });

  for (const [what, words, message] of [
    ["a file that is not there", ["nowhere.txt"], /no such file/],
    ["a folder", ["."], /directory/],
    ["a bundle", ["hello.txt.sigstore.json"], /file:/],
    ["the same file twice", ["hello.txt", "./hello.txt"], /twice/],
    ["one bundle for two files", ["--bundle", "b", "hello.txt", "test"], /one target/],
    ["standard input without a place for its bundle", ["-"], /--bundle FILE/],
    ["a token and a way to log in", ["--device", "hello.txt"], /got both/],
    ["a file that is no certificate", ["--ca-file", "test", "hello.txt"], /PEM/],
    ["half a client certificate", ["--client-key", "test", "hello.txt"], /together/],
    ["two instances", ["--instance", "public", "--trusted-root", "x", "hello.txt"], /got both/],
    ["an instance that nobody knows", ["--instance", "https://other.example.com", "hello.txt"], /trust use/],
  ] as const) {
    test(`refuses ${what}, before it asks anybody`, async () => {
      const inFolder = words.map((word) => (/^(?:-|public|https|b$)/.test(word) ? word : `${folder.path}/${word}`));
      const { exitCode, talk } = await run(["sign", "--force", ...WITH_TOKEN, ...inFolder]);
      assert.ok(exitCode === 1 || exitCode === 2, talk);
      assert.match(talk, message);
    });
  }

  test("without an identity says how one is given", async () => {
    const { exitCode, talk } = await run(["sign", folder.write("nobody.txt", "x")]);
    assert.equal(exitCode, 1);
    assert.match(talk, /--identity-token-file[\s\S]*SIGSTORE_ID_TOKEN/);
  });

  test("takes a token from the environment and from standard input", async () => {
    const token = readFileSync(TOKEN, "utf8");
    await succeed(["sign", folder.write("variable.txt", "x")], { environment: { SIGSTORE_ID_TOKEN: token } });
    await succeed(["sign", folder.write("input.txt", "x"), "--identity-token-file", "-"], { input: `${token}\n` });
  });
});

describe("an instance with TLS of its own", () => {
  test("is trusted with its certificate authority, which is remembered for signing", async () => {
    const secured = await startInstance({
      folder: folder.at("secured"),
      port: 0,
      dev: true,
      tls: "own",
      log: () => undefined,
    });
    try {
      const { url, fingerprintHex } = secured;
      assert.match(url, /^https:/);
      const caFile = folder.at("secured/trust/tls-ca.pem");
      const fingerprint = ["--fingerprint", fingerprintHex, "--name", "secured"];
      const strange = await run(["trust", "use", url, ...fingerprint]);
      assert.equal(strange.exitCode, 1);
      assert.match(strange.talk, /--ca-file/);
      await succeed(["trust", "use", url, ...fingerprint, "--ca-file", caFile]);
      const token = await fetchInstanceToken(url, PERSON, now, readFileSync(caFile, "utf8"));
      const file = folder.write("secured.txt", "x");
      await succeed(["sign", file, "--identity-token-file", folder.write("secured-token", token.reveal())]);
      await succeed(["verify", file, "--instance", url, "--identity", PERSON, "--issuer", secured.issuer]);
    } finally {
      await secured.stop();
      await succeed(["trust", "use", instance.name]);
    }
  });
});

describe("attest", () => {
  test("says something about a file, in the words that were given", async () => {
    const predicate = '{"number": 12345678901234567890.10, "b": [1.0]}';
    const file = folder.write("app.tgz", "app");
    const words = ["--type", "https://example.com/p/v1", "--predicate", folder.write("p.json", predicate)];
    await succeed(["attest", ...words, ...WITH_TOKEN, file]);
    const verified = await succeed(["verify", ...TRUSTED, file]);
    assert.match(verified.output, /statement +https:\/\/example.com\/p\/v1 about app.tgz/);
    const bundle = JSON.parse(readFileSync(`${file}.sigstore.json`, "utf8")) as { dsseEnvelope: { payload: string } };
    assert.ok(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString().includes(`"predicate":${predicate}`));
  });

  test("refuses a predicate or a type that is none", async () => {
    const file = folder.write("bad.tgz", "app");
    const predicate = folder.write("no.json", "[1]");
    const wrong = await run(["attest", "--type", "cyclonedx", "--predicate", predicate, ...WITH_TOKEN, file]);
    assert.match(wrong.talk, /JSON object/);
    const type = await run(["attest", "--type", "sbom", "--predicate", predicate, ...WITH_TOKEN, file]);
    assert.equal(type.exitCode, 2);
    assert.match(type.talk, /cyclonedx/);
    await succeed(["attest", "--type", "custom", "--predicate", predicate, ...WITH_TOKEN, file]);
  });
});

describe("login", () => {
  test("is remembered when asked for, shown by whoami, used by sign, and forgotten", async () => {
    const nobody = await run(["whoami"]);
    assert.equal(nobody.exitCode, 1);
    const environment = { BROWSER: `${process.execPath} ${browserProgram}` };
    const login = await succeed(["login", "--remember"], { environment });
    assert.match(login.output, new RegExp(PERSON));
    const who = assertSchema("identity", (await succeed(["whoami", "--json"])).output);
    assert.deepEqual([who["identity"], who["issuer"]], [PERSON, instance.issuer]);
    await succeed(["sign", folder.write("remembered.txt", "x")]);
    await succeed(["logout"]);
    assert.equal((await run(["whoami"])).exitCode, 1);
  });
});

describe("login where there is no browser", () => {
  test("at another device, by a code", async () => {
    let approved: Promise<unknown> | undefined;
    const onTalk = (text: string): void => {
      const address = /^ {2}(http\S+)$/m.exec(text)?.[1];
      if (address !== undefined)
        approved = approveDevice(new ScriptedBrowser(), address, { name: "device@example.com" });
    };
    const { output } = await succeed(["login", "--device"], { onTalk });
    await approved;
    assert.match(output, /^device@example.com$/m);
  });

  test("with a code that is carried back", async () => {
    let address = "";
    const onTalk = (text: string): void => {
      address = /^ {2}(http\S+)$/m.exec(text)?.[1] ?? address;
    };
    const answers = async (): Promise<string> => {
      const page = await logInAt(new ScriptedBrowser(), address, { name: "oob@example.com" });
      return /<textarea id="code"[^>]*>([^<]+)</.exec(page.text)?.[1]?.trim() ?? assert.fail(page.text);
    };
    const { output } = await succeed(["login", "--oob"], { onTalk, answers });
    assert.match(output, /^oob@example.com$/m);
  });

  test("does nothing of the kind where nobody looks", async () => {
    const { exitCode, talk } = await run(["login"]);
    assert.equal(exitCode, 2);
    assert.match(talk, /--device/);
  });
});

describe("a clock that is wrong", () => {
  for (const [what, minutes, code, message] of [
    ["ahead: the token seems to have ended", 60, 1, /identity token[^]*clock of this machine/],
    [
      "far behind: no service seems to be there yet",
      -60 * 24 * 365,
      1,
      /certificate authority[^]*clock of this machine/,
    ],
  ] as const) {
    test(`${what}, and the clock is named`, async () => {
      const elsewhere = new CommandFolder(() => now() + minutes * 60_000);
      try {
        const trust = ["--trust-config", folder.at("instance/trust/trust_config.json")];
        const outcome = await elsewhere.run(["sign", elsewhere.write("x", "x"), ...trust, ...WITH_TOKEN]);
        assert.equal(outcome.exitCode, code, outcome.talk);
        assert.match(outcome.talk, message);
      } finally {
        elsewhere.remove();
      }
    });
  }
});

const browserProgram = new URL("instance-login.ts", import.meta.url).pathname;
