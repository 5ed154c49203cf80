import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { completionCommand } from "./completion.ts";

async function scriptOf(shell: string): Promise<string> {
  let written = "";
  const request: ParsedArguments = { operands: [shell], flag: () => false, value: () => undefined, values: () => [] };
  const world: World = {
    environment: {},
    inputDescriptor: 0,
    outputIsTerminal: false,
    talkIsTerminal: false,
    nowMs: () => 0,
    writeOutput: (text) => {
      written += text;
    },
    writeTalk: () => undefined,
  };
  await completionCommand.run(request, world);
  return written;
}

function has(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** What bash would offer after `words`, of which the last is being typed. */
async function bashOffers(...words: readonly string[]): Promise<string[]> {
  const script = `${await scriptOf("bash")}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})\nCOMP_CWORD=${words.length - 1}\n_sigstore\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    cwd: new URL(".", import.meta.url),
  });
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

test(
  "bash completes commands, options, values and files",
  { skip: has("bash") ? false : "bash is not installed" },
  async () => {
    assert.deepEqual(await bashOffers("sigstore", "ver"), ["verify", "version"]);
    assert.deepEqual(await bashOffers("sigstore", "verify", "--ident"), ["--identity", "--identity-pattern"]);
    assert.deepEqual(await bashOffers("sigstore", "verify", "--instance", ""), ["public", "staging", "github"]);
    // bash takes "--instance=st" apart at the sign
    assert.deepEqual(await bashOffers("sigstore", "verify", "--instance", "=", "st"), ["staging"]);
    assert.deepEqual(await bashOffers("sigstore", "verify", "--profile", "="), ["default", "github"]);
    assert.deepEqual(
      await bashOffers("sigstore", "verify", "--bundle", "completion.t"),
      ["completion.test.ts", "completion.ts"].toSorted(),
    );
    assert.deepEqual(await bashOffers("sigstore", "verify", "registry"), ["registry.ts"]);
    assert.deepEqual(await bashOffers("sigstore", "completion", "f"), ["fish"]);
    assert.deepEqual(await bashOffers("sigstore", "help", "insp"), ["inspect"]);
    assert.deepEqual(await bashOffers("sigstore", "verify", "--issuer", "x"), []);
  },
);

for (const [shell, option] of [
  ["zsh", "-n"],
  ["fish", "--no-execute"],
] as const) {
  test(`${shell} reads its completion script`, { skip: has(shell) ? false : `${shell} is not installed` }, async () => {
    const { status, stderr } = spawnSync(shell, [option], { input: await scriptOf(shell), encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
}

test("the scripts of zsh and fish name every command and option", async () => {
  for (const shell of ["zsh", "fish"]) {
    const script = await scriptOf(shell);
    for (const word of ["verify", "inspect", "trusted-root", "identity-pattern", "staging"])
      assert.ok(script.includes(word), `${shell}: ${word}`);
    assert.doesNotMatch(script, /undefined/);
  }
});
