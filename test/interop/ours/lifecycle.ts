/**
 * What stock clients notice of the life of an instance: nothing of a restart, new chains of the certificate authority beside the old ones, an
 * instance restored from its backup, and another instance that is none of theirs.
 */
import { join } from "node:path";
import { requireProgram } from "../programs.ts";
import { startTokenIssuer } from "../stock/token-issuer.ts";
import { type OurStack, SIGSTORE, startOurStack } from "./instance.ts";
import { requireSame, type TrialOptions, Trials } from "./trials.ts";

/** Uses three ports from `port` on. */
export async function checkLifecycle(options: TrialOptions): Promise<void> {
  const { folder, port, suite } = options;
  const trials = new Trials(options);
  const issuer = await startTokenIssuer(port);
  const begin = (name: string, at = port + 1): Promise<OurStack> => startOurStack(join(folder, name), at, { issuer });
  let stack = await begin("life");
  try {
    await trials.sign(stack, "ours", "begun");
    await stack.stop();
    stack = await begin("life");
    const check = (label: string, name: string): Promise<boolean> =>
      suite.case(`${label}: signed by all, verified by all, as what was signed before`, async () => {
        for (const client of trials.clients) {
          await trials.sign(stack, client.name, name);
          requireSame(trials.allBut(), await trials.verifiers(stack, name));
        }
        requireSame(trials.allBut(), await trials.verifiers(stack, "begun"));
      });
    await check("after a restart", "restarted");
    await sigstore(folder, "ca", "rotate", "--data", stack.folder);
    await check("after a new intermediate certificate", "rotated");
    await sigstore(folder, "ca", "rotate", "--new-root", "--data", stack.folder);
    await check("after a new root certificate", "rooted");
    await suite.case("nobody takes a bundle of one instance by the trust of another", async () => {
      const other = await begin("other", port + 2);
      try {
        requireSame([], await trials.verifiers(other, "begun"));
      } finally {
        await other.stop();
      }
    });
    await sigstore(folder, "backup", join(folder, "copy"), "--data", stack.folder);
    await stack.stop();
    await sigstore(folder, "restore", join(folder, "copy"), "--data", join(folder, "restored"));
    stack = await begin("restored");
    await trials.sign(stack, "ours", "first-again");
    await check("after backup and restore", "restored");
  } finally {
    await stack.stop();
    issuer.stop();
  }
}

function sigstore(cwd: string, ...args: readonly string[]): Promise<string> {
  const [command = "", ...first] = SIGSTORE;
  return requireProgram(command, [...first, ...args], { cwd });
}
