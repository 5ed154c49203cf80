/**
 * What stock clients meet at the edges of our instance: the first entry of a log, wrong tokens and our words about them, old flags, a trusted
 * root that cosign puts together itself, and TLS by a certificate of our own making.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientEnvironment } from "../clients/client.ts";
import { lastWords, type ProgramOutcome, runProgram } from "../programs.ts";
import { startTokenIssuer, type TokenIssuer } from "../stock/token-issuer.ts";
import { type OurStack, startOurStack } from "./instance.ts";
import { EMAIL, requireSame, type TrialOptions, Trials } from "./trials.ts";

/** Uses five ports from `port` on. */
export async function checkEdges(options: TrialOptions): Promise<void> {
  const { folder, port } = options;
  const [issuer, unknown] = await Promise.all([startTokenIssuer(port), startTokenIssuer(port + 1)]);
  const trials = new Trials(options);
  try {
    const stack = await startOurStack(join(folder, "edge"), port + 2, { issuer });
    try {
      await checkFirstEntry(trials, stack);
      await checkTokens(trials, stack, issuer, unknown);
      await checkCosignWays(trials, stack);
    } finally {
      await stack.stop();
    }
    await checkTls(trials, issuer, options);
  } finally {
    issuer.stop();
    unknown.stop();
  }
}

/**
 * Go leaves a log index of 0 and an empty list of hashes out of the bundle, and sigstore-python asks for both; so a new instance puts an
 * entry of its own first.
 */
async function checkFirstEntry(trials: Trials, stack: OurStack): Promise<void> {
  await trials.suite.case("the first signature of a new instance, by cosign, verified by all", async () => {
    await trials.sign(stack, "cosign", "first");
    requireSame(trials.allBut(), await trials.verifiers(stack, "first"));
  });
}

/** What each client shows of our answer: sigstore-js the original's sentence alone, sigstore-python nothing. */
const SENTENCE = "There was an error processing the identity token";
const SHOWN: Readonly<Record<string, (reason: string) => string>> = {
  cosign: (reason) => reason,
  "sigstore-go": (reason) => reason,
  "sigstore-js": () => SENTENCE,
  "sigstore-python": () => "",
  ours: () => `${SENTENCE}: `,
};

async function checkTokens(trials: Trials, stack: OurStack, issuer: TokenIssuer, unknown: TokenIssuer): Promise<void> {
  const genuine = issuer.token(EMAIL);
  const tokens = new Map([
    ["ISSUER_UNKNOWN", unknown.token(EMAIL)],
    ["SIGNATURE_INVALID", `${genuine.slice(0, -8)}AAAAAAAA`],
  ]);
  for (const [reason, token] of tokens) {
    for (const { name } of trials.clients) {
      await trials.suite.case(`token, ${reason}: what ${name} says`, async () => {
        const { status, said } = await trials.trySigning(stack, name, "refused", token);
        if (status === 0) throw new Error("expected a refusal, got a signature");
        const words = SHOWN[name]?.(reason) ?? "";
        if (!said.includes(words)) throw new Error(`expected it to say ${words}, got: ${lastWords(said)}`);
        // sigstore-js itself puts tokens in some errors; ours never.
        if (name === "ours" && said.includes(token.slice(0, 40))) throw new Error("expected no token in it");
      });
    }
  }
}

async function checkCosignWays(trials: Trials, stack: OurStack): Promise<void> {
  const { suite, peers, material } = trials;
  const run = (...args: string[]): Promise<ProgramOutcome> => {
    const environment = clientEnvironment(material.folder, stack);
    return runProgram(peers.program("cosign"), args, { cwd: material.folder, environment });
  };
  await suite.case("cosign without a signing config is told that Rekor v1 is not here", async () => {
    const old = ["--use-signing-config=false", "--fulcio-url", stack.url, "--rekor-url", stack.url];
    const trust = ["--trusted-root", stack.trustedRoot, "--bundle", trials.bundle("old")];
    const signing = ["--identity-token", await trials.tokenFile(stack), material.file];
    const { status, said } = await run("sign-blob", "--yes", ...old, ...trust, ...signing);
    if (status === 0) throw new Error("expected a refusal, got a signature");
    if (!said.includes("signing config of this instance"))
      throw new Error(`expected our advice, got ${lastWords(said)}`);
  });
  await suite.case("a trusted root that cosign makes of our PEM files", async () => {
    await trials.sign(stack, "cosign", "made");
    const made = join(material.folder, "made.json");
    const { status, said } = await run("trusted-root", "create", ...rootFlags(stack), "--out", made);
    if (status !== 0) throw new Error(`expected a trusted root, got ${lastWords(said)}`);
    // sigstore-python takes a trusted root only together with a signing config, the one of the stack.
    requireSame(trials.allBut(), await trials.verifiers({ ...stack, trustedRoot: made }, "made"));
  });
}

/** What `cosign trusted-root create` wants to know, from the instance's own files. */
function rootFlags({ folder, url, trustedRoot }: OurStack): readonly string[] {
  const file = (name: string): string => join(folder, "trust", name);
  const { tlogs, ctlogs } = JSON.parse(readFileSync(trustedRoot, "utf8")) as {
    readonly tlogs: readonly [{ readonly baseUrl: string }];
    readonly ctlogs: readonly [{ readonly baseUrl: string }];
  };
  const start = "start-time=2025-01-01T00:00:00Z";
  const { baseUrl } = tlogs[0];
  return [
    `--fulcio=url=${url},certificate-chain=${file("fulcio.crt.pem")}`,
    `--rekor=url=${baseUrl},public-key=${file("rekor.pub")},${start},origin=${new URL(baseUrl).hostname}`,
    `--ctfe=url=${ctlogs[0].baseUrl},public-key=${file("ctfe.pub")},${start}`,
    `--tsa=url=${url}/api/v1/timestamp,certificate-chain=${file("tsa.crt.pem")}`,
  ];
}

async function checkTls(trials: Trials, issuer: TokenIssuer, { folder, port }: TrialOptions): Promise<void> {
  const stack = await startOurStack(join(folder, "tls"), port + 3, { issuer, usesTls: true });
  try {
    // Nobody's first entry is looked at here.
    await trials.sign(stack, "ours", "tls");
    for (const { name } of trials.clients) {
      await trials.suite.case(`over TLS: signed by ${name}, verified by all`, async () => {
        await trials.sign(stack, name, "tls");
        requireSame(trials.allBut(), await trials.verifiers(stack, "tls"));
      });
    }
    await trials.suite.case("over TLS: who does not know the authority does not send a token", async () => {
      const { tlsAuthority: _, ...unknown } = stack;
      const { status, said } = await trials.trySigning(unknown, "sigstore-go", "tls-unknown");
      if (status === 0) throw new Error("expected a refusal, got a signature");
      if (!/certificate/.test(said)) throw new Error(`expected it to speak of a certificate, got ${lastWords(said)}`);
    });
  } finally {
    await stack.stop();
  }
}
