/** `sigstore key` where somebody sits at the terminal, and what it leaves on the disk. */
import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { after, describe, test } from "node:test";
import { readPrivateKey } from "../src/crypto/read-private-key.ts";
import { readPublicKey } from "../src/crypto/read-public-key.ts";
import { utf8Encode } from "../src/encoding/text.ts";
import { CommandFolder } from "./command-world.ts";
import type { CommandOutcome, CommandSurroundings } from "./command-world.ts";
import { keySampleText } from "./key-samples.ts";

const folder = new CommandFolder(() => 0);
after(() => folder.remove());

async function key(words: readonly string[], surroundings?: CommandSurroundings): Promise<CommandOutcome> {
  return folder.run(["key", ...words], surroundings);
}

/** Answers one after another, and the questions that were asked. */
function typing(...answers: readonly string[]): { readonly secrets: (question: string) => string; asked: string[] } {
  const left = [...answers];
  const asked: string[] = [];
  const secrets = (question: string): string => {
    asked.push(question);
    return left.shift() ?? assert.fail(`expected no question, got ${question}`);
  };
  return { secrets, asked };
}

const modeOf = (name: string): number => statSync(folder.at(name)).mode & 0o777;
const octetsOf = (name: string): Uint8Array => new Uint8Array(readFileSync(folder.at(name)));

describe("at a terminal", () => {
  test("a new password is asked for twice, and opens the key", async () => {
    const person = typing("correct horse", "correct horse");
    const { exitCode, output, talk } = await key(["new", "--type", "p384", "--out", folder.at("a.key")], person);
    assert.equal(exitCode, 0, talk);
    assert.equal(person.asked.length, 2);
    const opened = await readPrivateKey(octetsOf("a.key"), { password: () => utf8Encode("correct horse") });
    assert.equal(opened.keyType, "ecdsa-p384");
    assert.deepEqual(readPublicKey(octetsOf("a.pub"))[0]?.spki, opened.publicKey.spki);
    assert.doesNotMatch(output + talk, /correct horse/);
  });

  test("two that differ change nothing", async () => {
    const { exitCode } = await key(["new", "--out", folder.at("b.key")], typing("one", "another"));
    assert.equal(exitCode, 2);
    assert.equal(existsSync(folder.at("b.key")), false);
  });

  test("a wrong password may be tried three times, and the count is said", async () => {
    const path = folder.write("tries.key", keySampleText("openssh-aes256-ctr.pem"));
    const wrong = await key(["import", path, "--out", folder.at("c.key")], typing("x", "y", "z"));
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.talk, /2 more to try\n.*1 more to try\n.*got another one, 3 times/s);
    const right = await key(["import", path, "--out", folder.at("c.key")], typing("x", "hunter2", "new", "new"));
    assert.equal(right.exitCode, 0, right.talk);
    assert.equal(
      (await readPrivateKey(octetsOf("c.key"), { password: () => utf8Encode("new") })).keyType,
      "ecdsa-p256",
    );
  });

  test("a password of a file is tried once", async () => {
    const path = folder.write("once.key", keySampleText("openssh-aes256-ctr.pem"));
    const file = folder.write("wrong", "wrong\n");
    const { exitCode, talk } = await key([
      "passwd",
      folder.write("x.key", keySampleText("cosign.key")),
      "--old-password-file",
      file,
    ]);
    assert.equal(exitCode, 1);
    assert.doesNotMatch(talk, /times|more to try/);
    assert.equal((await key(["inspect", path, "--password-file", file])).exitCode, 1);
  });

  test("passwd asks for the old and twice for the new, and the form stays", async () => {
    const path = folder.write("passwd.pem", keySampleText("pbes2-scrypt.pem"));
    const person = typing("hunter2", "fresh", "fresh");
    const { exitCode, talk } = await key(["passwd", path], person);
    assert.equal(exitCode, 0, talk);
    assert.equal(person.asked.length, 3);
    assert.match(new TextDecoder().decode(octetsOf("passwd.pem")), /ENCRYPTED PRIVATE KEY/);
    await readPrivateKey(octetsOf("passwd.pem"), { password: () => utf8Encode("fresh") });
  });
});

describe("on the disk", () => {
  const PASSWORD = { environment: { SIGSTORE_PASSWORD: "hunter2" } };

  test("the private key is its owner's alone, and nothing else is left behind", async () => {
    assert.equal((await key(["new", "--out", folder.at("mode/d.key")], PASSWORD)).exitCode, 1);
    assert.equal((await key(["new", "--out", folder.at("d.key")], PASSWORD)).exitCode, 0);
    assert.equal(modeOf("d.key"), 0o600);
    assert.notEqual(modeOf("d.pub") & 0o400, 0);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.startsWith(".")),
      [],
    );
  });

  test("neither half is replaced unless it is said", async () => {
    folder.write("e.pub", "something else");
    const refused = await key(["new", "--out", folder.at("e.key")], PASSWORD);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.talk, /e\.pub/);
    assert.equal(existsSync(folder.at("e.key")), false);
    assert.equal((await key(["new", "--out", folder.at("e.key"), "--force"], PASSWORD)).exitCode, 0);
    const before = octetsOf("e.key");
    assert.equal((await key(["new", "--out", folder.at("e.key"), "--force"], PASSWORD)).exitCode, 0);
    assert.notDeepEqual(octetsOf("e.key"), before);
    assert.equal(modeOf("e.key"), 0o600);
  });

  test("passwd changes the file that a link leads to", async () => {
    const path = folder.write("behind.key", keySampleText("cosign.key"));
    symlinkSync(path, folder.at("link.key"));
    const file = folder.write("next", "next\n");
    const { exitCode, talk } = await key(["passwd", folder.at("link.key"), "--password-file", file], PASSWORD);
    assert.equal(exitCode, 0, talk);
    assert.ok(lstatSync(folder.at("link.key")).isSymbolicLink());
    await readPrivateKey(octetsOf("behind.key"), { password: () => utf8Encode("next") });
    assert.equal(modeOf("behind.key"), 0o600);
  });

  test("a password on standard input", async () => {
    const words = ["new", "--type", "ed25519", "--out", folder.at("f.key"), "--password-file", "-"];
    assert.equal((await key(words, { input: "from a pipe\n" })).exitCode, 0);
    await readPrivateKey(octetsOf("f.key"), { password: () => utf8Encode("from a pipe") });
  });

  test("every kind", async () => {
    for (const type of ["p521", "ed25519", "rsa-2048", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"]) {
      const words = ["new", "--type", type, "--out", folder.at(`kind-${type}.key`), "--form", "pkcs8", "--unencrypted"];
      assert.equal((await key(words)).exitCode, 0, type);
      const opened = await readPrivateKey(octetsOf(`kind-${type}.key`));
      assert.deepEqual(readPublicKey(octetsOf(`kind-${type}.pub`))[0]?.spki, opened.publicKey.spki);
    }
  });
});
