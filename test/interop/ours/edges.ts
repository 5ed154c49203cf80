/**
 * What stock clients meet at the edges of our instance: the first entry of a log, wrong tokens and our words about them, a restart, another
 * instance's trust, TLS by a certificate of our own making, old flags, and a trusted root that cosign puts together itself.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Suite } from "../../suite.ts";
import { type Client, clientEnvironment, type Material } from "../clients/client.ts";
import type { PeerFolder } from "../peers/install.ts";
import { lastWords, type ProgramOutcome, runProgram } from "../programs.ts";
import { startTokenIssuer, type TokenIssuer } from "../stock/token-issuer.ts";
import { type OurStack, startOurStack } from "./instance.ts";

/** What the edges are tried with. */
export interface EdgeOptions {
  readonly suite: Suite;
  readonly peers: PeerFolder;
  readonly clients: readonly Client[];
  readonly material: Material;
  readonly folder: string;
  /** The first of five ports. */
  readonly port: number;
}

const EMAIL = "edge@example.org";

/** All edges; instances of their own. */
export async function checkEdges(options: EdgeOptions): Promise<void> {
  const { folder, port } = options;
  const [issuer, unknown] = await Promise.all([startTokenIssuer(port), startTokenIssuer(port + 1)]);
  const config = join(folder, "edge-fulcio.json");
  const known = { [issuer.url]: { IssuerURL: issuer.url, ClientID: "sigstore", Type: "email" } };
  writeFileSync(config, JSON.stringify({ OIDCIssuers: known }));
  const start = async (): Promise<OurStack> => {
    const stack = await startOurStack(join(folder, "edge"), port + 2, ["--fulcio-config", config]);
    return { ...stack, issuer: issuer.url, token: async (email) => Promise.resolve(issuer.token(email)) };
  };
  let stack = await start();
  try {
    await checkFirstEntry(options, stack);
    await checkTokens(options, stack, issuer, unknown);
    await checkCosignWays(options, stack);
    await stack.stop();
    stack = await start();
    await checkRestart(options, stack);
    await checkOtherInstance(options, stack);
  } finally {
    await stack.stop();
    issuer.stop();
    unknown.stop();
  }
}

function bundleAt({ folder }: Material, name: string): string {
  return join(folder, `edge-${name}.sigstore.json`);
}

async function sign(
  { material }: EdgeOptions,
  stack: OurStack,
  client: Client,
  name: string,
  token?: string,
): Promise<ProgramOutcome> {
  const [log] = stack.logs;
  if (log === undefined) throw new Error("expected a log");
  const tokenFile = join(material.folder, "token");
  writeFileSync(tokenFile, token ?? (await stack.token(EMAIL)), { mode: 0o600 });
  return client.sign({ stack, log, kind: "file", tokenFile, bundle: bundleAt(material, name), material });
}

async function signed(options: EdgeOptions, stack: OurStack, client: Client, name: string): Promise<void> {
  const { status, said } = await sign(options, stack, client, name);
  if (status !== 0) throw new Error(`expected a signature by ${client.name}, got ${status}: ${lastWords(said)}`);
}

async function verifiedBy({ clients, material }: EdgeOptions, stack: OurStack, name: string): Promise<string[]> {
  const bundle = bundleAt(material, name);
  const answers = await Promise.all(
    clients.map(async (client) => {
      const { status } = await client.verify({ stack, kind: "file", bundle, file: material.file, email: EMAIL });
      return { name: client.name, status };
    }),
  );
  return answers.filter(({ status }) => status === 0).map(({ name: client }) => client);
}

function requireSame(expected: readonly string[], got: readonly string[]): void {
  if (expected.join() !== got.join()) throw new Error(`expected ${expected.join()}, got ${got.join() || "nobody"}`);
}

function clientOf({ clients }: EdgeOptions, name: Client["name"]): Client {
  const found = clients.find((client) => client.name === name);
  if (found === undefined) throw new Error(`expected the client ${name}, got none`);
  return found;
}

/** Go leaves a log index of 0 out of the bundle, and sigstore-python asks for it; ours writes it out, and reads it left out. */
async function checkFirstEntry(options: EdgeOptions, stack: OurStack): Promise<void> {
  await options.suite.case(
    "entry 0 by cosign, verified by all but sigstore-python, which asks for the index",
    async () => {
      await signed(options, stack, clientOf(options, "cosign"), "first");
      const all = options.clients.map(({ name }) => name).filter((name) => name !== "sigstore-python");
      requireSame(all, await verifiedBy(options, stack, "first"));
    },
  );
}

/** What each client shows of our answer: sigstore-js the original's sentence alone, sigstore-python nothing. */
const SHOWN: Readonly<Record<string, (reason: string) => string>> = {
  cosign: (reason) => reason,
  "sigstore-go": (reason) => reason,
  "sigstore-js": () => "There was an error processing the identity token",
  "sigstore-python": () => "",
  ours: () => "There was an error processing the identity token: ",
};

async function checkTokens(
  options: EdgeOptions,
  stack: OurStack,
  issuer: TokenIssuer,
  unknown: TokenIssuer,
): Promise<void> {
  const genuine = issuer.token(EMAIL);
  const tokens = new Map([
    ["ISSUER_UNKNOWN", unknown.token(EMAIL)],
    ["SIGNATURE_INVALID", `${genuine.slice(0, -8)}AAAAAAAA`],
  ]);
  for (const [reason, token] of tokens) {
    for (const client of options.clients) {
      await options.suite.case(`token, ${reason}: what ${client.name} says`, async () => {
        const { status, said } = await sign(options, stack, client, "refused", token);
        if (status === 0) throw new Error("expected a refusal, got a signature");
        const words = SHOWN[client.name]?.(reason) ?? "";
        if (!said.includes(words)) throw new Error(`expected it to say ${words}, got: ${lastWords(said)}`);
        // sigstore-js itself puts tokens in some errors; ours never.
        if (client.name === "ours" && said.includes(token.slice(0, 40))) throw new Error("expected no token in it");
      });
    }
  }
}

async function checkCosignWays(options: EdgeOptions, stack: OurStack): Promise<void> {
  const { suite, peers, material } = options;
  const run = (...args: string[]): Promise<ProgramOutcome> =>
    runProgram(peers.program("cosign"), args, {
      cwd: material.folder,
      environment: clientEnvironment(material.folder),
      timeoutMs: 60_000,
    });
  const tokenFile = join(material.folder, "token");
  await suite.case("cosign without a signing config is told that Rekor v1 is not here", async () => {
    writeFileSync(tokenFile, await stack.token(EMAIL));
    const old = ["--use-signing-config=false", "--fulcio-url", stack.url, "--rekor-url", stack.url];
    const trust = ["--trusted-root", stack.trustedRoot, "--bundle", bundleAt(material, "old")];
    const signing = ["--identity-token", tokenFile, material.file];
    const { status, said } = await run("sign-blob", "--yes", ...old, ...trust, ...signing);
    if (status === 0) throw new Error("expected a refusal, got a signature");
    if (!said.includes("signing config of this instance"))
      throw new Error(`expected our advice, got ${lastWords(said)}`);
  });
  await suite.case("a trusted root that cosign makes of our PEM files", async () => {
    await signed(options, stack, clientOf(options, "cosign"), "made");
    const made = join(material.folder, "made.json");
    const { status, said } = await run("trusted-root", "create", ...rootFlags(stack), "--out", made);
    if (status !== 0) throw new Error(`expected a trusted root, got ${lastWords(said)}`);
    const all = options.clients.map(({ name }) => name).filter((name) => name !== "sigstore-python");
    const others = { ...options, clients: options.clients.filter(({ name }) => name !== "sigstore-python") };
    // sigstore-python takes a trusted root only together with a signing config.
    requireSame(all, await verifiedBy(others, { ...stack, trustedRoot: made }, "made"));
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

async function checkRestart(options: EdgeOptions, stack: OurStack): Promise<void> {
  await options.suite.case("after a restart, bundles of before and of after are verified by all", async () => {
    await signed(options, stack, clientOf(options, "sigstore-go"), "after");
    const all = options.clients.map(({ name }) => name);
    requireSame(all, await verifiedBy(options, stack, "after"));
    requireSame(all, await verifiedBy(options, stack, "made"));
  });
}

async function checkOtherInstance(options: EdgeOptions, stack: OurStack): Promise<void> {
  const other = await startOurStack(join(options.folder, "other"), options.port + 3);
  try {
    await options.suite.case("nobody takes a bundle of one instance by the trust of another", async () => {
      requireSame([], await verifiedBy(options, { ...other, issuer: stack.issuer }, "after"));
    });
  } finally {
    await other.stop();
  }
}
