/**
 * What `sigstore trust` does: looks at an instance, shows its fingerprint, asks, and keeps what was agreed to.
 */
import { findAtAddress } from "../compose/instance.ts";
import { openHttp } from "../compose/signing-services.ts";
import { lookAtInstance, readInstanceFile } from "../compose/trust-use.ts";
import type { ShownInstance } from "../compose/trust-use.ts";
import { formatRfc3339 } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import { isPresent } from "../files/beside.ts";
import { parseSigningConfig } from "../formats/signing-config.ts";
import { requireHome } from "../home/folder.ts";
import type { Home } from "../home/folder.ts";
import { isInstanceName, listInstances, readInstance, removeInstance, writeInstance } from "../home/instances.ts";
import type { TrustedInstance } from "../home/instances.ts";
import { removeSession } from "../home/sessions.ts";
import { changeSettings, readSettings } from "../home/settings.ts";
import { instances } from "../policy/instances/instances.ts";
import { API_VERSION } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptible } from "./interrupt.ts";
import { readConnectionOptions } from "./options/connection.ts";
import { usageError } from "./options/parse.ts";
import { writeJson, writeWarning } from "./output.ts";
import { outputStyle, printable, talkStyle } from "./terminal.ts";
import type { World } from "./world.ts";

/** Runs `sigstore trust`. */
export async function runTrust(request: ParsedArguments, world: World): Promise<number> {
  const [action = "", word] = request.operands;
  const home = requireHome(world.environment);
  switch (action) {
    case "use":
      await use(required(word, "an address, a file or a name after use"), home, request, world);
      return EXIT.yes;
    case "list":
      refuseOperand(word);
      list(home, request, world);
      return EXIT.yes;
    case "show":
      show(word ?? readSettings(home).defaultInstance ?? "public", home, request, world);
      return EXIT.yes;
    case "remove":
      remove(required(word, "a name after remove"), home, request, world);
      return EXIT.yes;
    default:
      throw usageError(`expected use, list, show or remove, got ${action}`, "for example: sigstore trust list");
  }
}

function required(word: string | undefined, what: string): string {
  if (word === undefined) throw usageError(`expected ${what}, got nothing`);
  return word;
}

function refuseOperand(word: string | undefined): void {
  if (word !== undefined) throw usageError(`expected nothing after list, got ${word}`);
}

async function use(word: string, home: Home, request: ParsedArguments, world: World): Promise<void> {
  const fingerprintHex = keptFingerprint(word, home);
  if (fingerprintHex !== undefined) {
    refuseFileOfName(word);
    checkGivenFingerprint({ name: word, fingerprintHex }, request);
    makeDefault(word, home);
    answerUsed(word, home, request, world);
    return;
  }
  const name = readName(request);
  const connection = readConnectionOptions(request, world);
  const shown = word.includes("://")
    ? await interruptible(async (signal) => {
        const http = openHttp({ caCertificates: undefined }, connection);
        return lookAtInstance(requireAddress(word), http, name, signal).finally(() => http.close());
      })
    : readFileOf(word, name);
  refuseTakenName(shown, readInstance(home, shown.name));
  checkGivenFingerprint(shown, request);
  const known = readInstance(home, shown.name) ?? knownAt(shown.address, home);
  const isSame = known?.fingerprintHex === shown.fingerprintHex;
  if (!isSame) await agree(shown, known, request, world);
  const signingConfig = agreedSigningConfig(shown, world);
  writeInstance(home, { ...shown, signingConfig, addedMs: world.nowMs(), caCertificates: connection.caCertificates });
  // A login at what answered there before is none of the new one's.
  if (!isSame) removeSession(home, shown.name);
  makeDefault(shown.name, home);
  answerUsed(shown.name, home, request, world);
}

/** The fingerprint of an instance that is trusted already, by its name. */
function keptFingerprint(word: string, home: Home): string | undefined {
  const builtIn = instances.find(({ instance }) => instance === word);
  return builtIn?.trustedRootSha256 ?? readInstance(home, word)?.fingerprintHex;
}

/** Whoever can put a file there must not decide what is trusted; what is built in is never a file. */
function refuseFileOfName(word: string): void {
  if (isBuiltIn(word) || !isPresent(word)) return;
  throw usageError(
    `expected a name or a file, got ${word}, which is both`,
    `./${word} means the file; for the name, run this in another folder`,
  );
}

/** What the user agreed to of what answered at an address before, under whatever name. */
function knownAt(address: string | undefined, home: Home): TrustedInstance | undefined {
  return address === undefined ? undefined : findAtAddress(address, home);
}

/** The fingerprint is of the trusted root alone: over plain http nobody vouches for where tokens are to be sent. */
function agreedSigningConfig({ address, signingConfig }: ShownInstance, world: World): string | undefined {
  if (address !== undefined && isPlainAndFar(address)) {
    writeWarning(world, "over plain http an instance can be trusted for verifying alone: signing with it needs https");
    return undefined;
  }
  const elsewhere =
    signingConfig === undefined ? [] : tokenOrigins(signingConfig).filter((one) => one !== originOf(address));
  if (elsewhere.length > 0)
    writeWarning(world, `logins and tokens go to ${elsewhere.join(", ")}, of which the fingerprint says nothing`);
  return signingConfig;
}

/** Where those who sign log in, and where their tokens are sent. */
function tokenOrigins(signingConfig: string): readonly string[] {
  const { identityProviders, certificateAuthorities } = parseSigningConfig(signingConfig);
  const origins = [...identityProviders, ...certificateAuthorities].map(({ url }) => originOf(url) ?? url);
  return [...new Set(origins)];
}

function originOf(address: string | undefined): string | undefined {
  return address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined;
}

function requireAddress(word: string): string {
  if (/^https?:\/\//iu.test(word) && URL.canParse(word)) return word;
  throw usageError(`expected an http or https address, got ${word}`);
}

function readFileOf(word: string, name: string | undefined): ShownInstance {
  const looksLikeHost = /^[a-z0-9.-]+(?::\d+)?(?:\/.*)?$/iu.test(word) && (word.includes(":") || !word.includes("/"));
  if (!isPresent(word) && looksLikeHost)
    throw usageError(
      `expected an address, a file or a name that is known, got ${word}`,
      `for an address write ${isThisMachine(word.replace(/[:/].*$/u, "")) ? "http" : "https"}://${word}; sigstore trust list shows the names`,
    );
  return readInstanceFile(word, name);
}

function readName(request: ParsedArguments): string | undefined {
  const name = request.value("name");
  if (name === undefined || (isInstanceName(name) && !isBuiltIn(name))) return name;
  throw usageError(
    `expected a name of small letters, digits, dots and hyphens after --name, got ${name}`,
    isBuiltIn(name) ? "this one is built in" : undefined,
  );
}

function isBuiltIn(name: string): boolean {
  return instances.some(({ instance }) => instance === name);
}

/** Two instances may say the same name of themselves; here they must not. */
function refuseTakenName({ name, address }: ShownInstance, known: TrustedInstance | undefined): void {
  const isTaken = isBuiltIn(name) || (known !== undefined && known.address !== address);
  if (!isTaken) return;
  const holder = known?.address ?? (known === undefined ? "built in" : "from a file");
  throw usageError(
    `expected an instance with a name of its own, got ${name}, which is another one (${holder})`,
    "give it another name with --name NAME, or remove the other: sigstore trust remove NAME",
  );
}

function checkGivenFingerprint(
  { name, fingerprintHex }: Pick<ShownInstance, "name" | "fingerprintHex">,
  request: ParsedArguments,
): void {
  const given = request
    .value("fingerprint")
    ?.toLowerCase()
    .replace(/^sha256:/u, "");
  if (given === undefined) return;
  if (!/^[0-9a-f]{64}$/u.test(given))
    throw usageError(
      "expected 64 hex digits after --fingerprint, got something else",
      "whoever runs the instance sees it in: sigstore status",
    );
  if (given === fingerprintHex) return;
  throw new SigstoreError(
    "fingerprint-mismatch",
    `expected the instance ${name} with the fingerprint ${given}, got ${fingerprintHex}`,
    {
      hint: "nothing was kept; ask who runs the instance for the fingerprint of today: its trust may have been renewed",
    },
  );
}

/** Shows what is to be trusted and has somebody say yes. */
async function agree(
  shown: ShownInstance,
  known: TrustedInstance | undefined,
  request: ParsedArguments,
  world: World,
): Promise<void> {
  if (request.flag("fingerprint")) return;
  const isPlain = shown.address !== undefined && isPlainAndFar(shown.address);
  tellInstance(shown, known, isPlain, world);
  if (request.flag("yes")) {
    if (known === undefined && !isPlain) return;
    const why = isPlain ? "over plain http" : "that has changed";
    throw usageError(
      `expected --fingerprint for an instance ${why}, got --yes alone`,
      "ask who runs it for its fingerprint",
    );
  }
  if (world.ask === undefined)
    throw usageError(
      "expected somebody at a terminal to say yes, got none",
      "give --fingerprint HEX, as whoever runs the instance says it, or --yes",
    );
  const answer = await world.ask("trust it, and make it your default? [y/N] ");
  if (!/^\s*y(?:es)?\s*$/iu.test(answer))
    throw new SigstoreError("cancelled", "expected yes to trust the instance, got no", { hint: "nothing was kept" });
}

function tellInstance(
  { name, address, fingerprintHex }: ShownInstance,
  known: TrustedInstance | undefined,
  isPlain: boolean,
  world: World,
): void {
  const style = talkStyle(world);
  const where = address === undefined ? "" : `  address      ${printable(address)}\n`;
  world.writeTalk(
    `  instance     ${style.strong(printable(name))}\n${where}  fingerprint  ${style.strong(fingerprintHex)}\n`,
  );
  world.writeTalk("compare the fingerprint with what whoever runs the instance says (sigstore status prints it)\n");
  if (isPlain) writeWarning(world, "this is plain http: anybody on the way could show you another instance");
  if (known !== undefined)
    writeWarning(world, `its trust has changed: since ${formatRfc3339(known.addedMs)} it was ${known.fingerprintHex}`);
}

function isPlainAndFar(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "http:" && !isThisMachine(hostname);
}

function isThisMachine(hostname: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(hostname);
}

function makeDefault(name: string, home: Home): void {
  changeSettings(home, { defaultInstance: name === "public" ? undefined : name });
}

function answerUsed(name: string, home: Home, request: ParsedArguments, world: World): void {
  if (request.flag("json")) return writeJson(world, documentOf(name, home));
  world.writeOutput(`sign and verify now mean ${name}, unless told otherwise\n`);
}

function list(home: Home, request: ParsedArguments, world: World): void {
  const names = [...instances.map(({ instance }) => instance), ...listInstances(home).map(({ name }) => name)];
  const documents = names.map((name) => documentOf(name, home));
  if (request.flag("json"))
    return writeJson(world, { apiVersion: API_VERSION, kind: "TrustedInstanceList", items: documents });
  const width = Math.max(...names.map((name) => name.length));
  for (const { name, address, isDefault } of documents) {
    const mark = isDefault ? "*" : " ";
    world.writeOutput(
      `${mark} ${name.padEnd(width)}  ${printable(address ?? (isBuiltIn(name) ? "built in" : "a file"))}\n`,
    );
  }
}

function show(name: string, home: Home, request: ParsedArguments, world: World): void {
  const document = documentOf(name, home);
  if (request.flag("json")) return writeJson(world, document);
  const { address, fingerprint, trustedSince, isDefault } = document;
  const rows: readonly (readonly [string, string])[] = [
    ["address", address ?? (isBuiltIn(name) ? "built in" : "none: it came as a file")],
    ["fingerprint", fingerprint],
    ...(trustedSince === undefined ? [] : [["since", trustedSince] as const]),
    ["default", isDefault ? "yes" : "no"],
  ];
  const style = outputStyle(world);
  world.writeOutput(
    `${style.strong(printable(name))}\n${rows.map(([label, value]) => `  ${style.faint(label.padEnd(12))}${printable(value)}\n`).join("")}`,
  );
}

function remove(name: string, home: Home, request: ParsedArguments, world: World): void {
  if (isBuiltIn(name)) throw usageError(`expected an instance of your own, got ${name}, which is built in`);
  if (!removeInstance(home, name)) throw unknown(name);
  removeSession(home, name);
  if (readSettings(home).defaultInstance === name) changeSettings(home, { defaultInstance: undefined });
  if (request.flag("json")) return writeJson(world, { apiVersion: API_VERSION, kind: "TrustRemoval", name });
  world.writeOutput(`${name} is no longer trusted\n`);
}

/** One instance as a document (docs/schemas/trusted-instance.json). */
interface InstanceDocument {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "TrustedInstance";
  readonly name: string;
  readonly address?: string;
  readonly fingerprint: string;
  readonly trustedSince?: string;
  readonly isDefault: boolean;
}

function documentOf(name: string, home: Home): InstanceDocument {
  const isDefault = (readSettings(home).defaultInstance ?? "public") === name;
  const head = { apiVersion: API_VERSION, kind: "TrustedInstance", name } as const;
  const builtIn = instances.find(({ instance }) => instance === name);
  if (builtIn !== undefined) return { ...head, fingerprint: builtIn.trustedRootSha256, isDefault };
  const known = readInstance(home, name);
  if (known === undefined) throw unknown(name);
  const { address, fingerprintHex, addedMs } = known;
  return {
    ...head,
    ...(address === undefined ? {} : { address }),
    fingerprint: fingerprintHex,
    trustedSince: formatRfc3339(addedMs),
    isDefault,
  };
}

function unknown(name: string): SigstoreError {
  return new SigstoreError("instance-unknown", `expected an instance that you trust, got ${name}`, {
    hint: "sigstore trust list shows them",
  });
}
