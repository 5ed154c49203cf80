/**
 * Signing and verifying in a few words, for cases that are about the services and not about the clients.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Suite } from "../../suite.ts";
import type { Client, ClientName, Material } from "../clients/client.ts";
import type { PeerFolder } from "../peers/install.ts";
import { lastWords, type ProgramOutcome } from "../programs.ts";
import type { Stack } from "../stack.ts";

/** What trials are made with. */
export interface TrialOptions {
  readonly suite: Suite;
  readonly peers: PeerFolder;
  readonly clients: readonly Client[];
  readonly material: Material;
  readonly folder: string;
  /** The first of five ports. */
  readonly port: number;
}

/** Who signs in trials. */
export const EMAIL = "trial@example.org";

/** Signs files and has all verify them; bundles have names. */
export class Trials {
  readonly suite: Suite;
  readonly peers: PeerFolder;
  readonly clients: readonly Client[];
  readonly material: Material;

  constructor({ suite, peers, clients, material }: TrialOptions) {
    this.suite = suite;
    this.peers = peers;
    this.clients = clients;
    this.material = material;
  }

  /** Where the bundle of this name is. */
  bundle(name: string): string {
    return join(this.material.folder, `trial-${name}.sigstore.json`);
  }

  /** A file with a token, a fresh one unless it is given. */
  async tokenFile(stack: Stack, token?: string): Promise<string> {
    const path = join(this.material.folder, "token");
    writeFileSync(path, token ?? (await stack.token(EMAIL)), { mode: 0o600 });
    return path;
  }

  /** Signs, or tries to. */
  async trySigning(stack: Stack, clientName: ClientName, name: string, token?: string): Promise<ProgramOutcome> {
    const client = this.clients.find((one) => one.name === clientName);
    const [log] = stack.logs;
    if (client === undefined || log === undefined) throw new Error(`expected ${clientName} and a log, got none`);
    const tokenFile = await this.tokenFile(stack, token);
    rmSync(this.bundle(name), { force: true });
    return client.sign({ stack, log, kind: "file", tokenFile, bundle: this.bundle(name), material: this.material });
  }

  /** Signs, or throws. */
  async sign(stack: Stack, clientName: ClientName, name: string): Promise<void> {
    const { status, said } = await this.trySigning(stack, clientName, name);
    if (status !== 0) throw new Error(`expected a signature by ${clientName}, got ${status}: ${lastWords(said)}`);
  }

  /** The clients that verify the bundle of this name. */
  async verifiers(stack: Stack, name: string): Promise<readonly string[]> {
    const request = { stack, kind: "file", bundle: this.bundle(name), file: this.material.file, email: EMAIL } as const;
    const answers = await Promise.all(
      this.clients.map(async (client) => {
        const { status } = await client.verify(request);
        return { name: client.name, status };
      }),
    );
    return answers.filter(({ status }) => status === 0).map((answer) => answer.name);
  }

  /** All clients but these. */
  allBut(...names: readonly ClientName[]): readonly string[] {
    return this.clients.map(({ name }) => name).filter((name) => !names.includes(name));
  }
}

/** Throws when these are not the same. */
export function requireSame(expected: readonly string[], got: readonly string[]): void {
  if (expected.join() !== got.join())
    throw new Error(`expected ${expected.join() || "nobody"}, got ${got.join() || "nobody"}`);
}
