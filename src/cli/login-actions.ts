/**
 * What `sigstore login`, `logout` and `whoami` do.
 *
 * A token is shown by whom it names and until when it is good, never itself.
 */
import { chooseSigningInstance } from "../compose/instance.ts";
import type { SigningInstance } from "../compose/instance.ts";
import { findStandingIdentity, logIn } from "../compose/login.ts";
import { openHttp } from "../compose/signing-services.ts";
import { formatRfc3339 } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import { isObject } from "../formats/proto-json.ts";
import { findHome, requireHome } from "../home/folder.ts";
import { removeSession, writeSession } from "../home/sessions.ts";
import { API_VERSION } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptible } from "./interrupt.ts";
import { fittingFlow, loginTalk } from "./login-talk.ts";
import { readConnectionOptions } from "./options/connection.ts";
import { readInstanceChoice } from "./options/instance.ts";
import { readFlow } from "./options/signing.ts";
import { writeJson } from "./output.ts";
import { outputStyle, printable } from "./terminal.ts";
import type { World } from "./world.ts";

/** Runs `sigstore login`. */
export async function runLogin(request: ParsedArguments, world: World): Promise<number> {
  const isRemembered = request.flag("remember");
  const home = isRemembered ? requireHome(world.environment) : findHome(world.environment);
  const instance = chooseSigningInstance(readInstanceChoice(request, world));
  const flow = readFlow(request) ?? fittingFlow(world) ?? refuseWithoutPerson();
  const http = openHttp(instance, readConnectionOptions(request, world));
  const { environment } = world;
  const now = (): number => world.nowMs();
  const wish = { instance, http, home, environment, fittingFlow: flow, talk: loginTalk(world), now };
  const token = await interruptible(async (signal) => logIn(wish, flow, signal)).finally(() => http.close());
  if (isRemembered && home !== undefined) writeSession(home, instance.name, token);
  answerIdentity(token, { source: "login", instance, isRemembered }, request, world);
  if (!request.flag("json"))
    world.writeTalk(
      isRemembered
        ? "signing asks for no login until then; sigstore logout forgets it\n"
        : "nothing was kept; sigstore login --remember keeps the login until then\n",
    );
  return EXIT.yes;
}

/** Runs `sigstore logout`. */
export async function runLogout(request: ParsedArguments, world: World): Promise<number> {
  const home = requireHome(world.environment);
  const { name } = chooseSigningInstance(readInstanceChoice(request, world));
  const wasThere = removeSession(home, name);
  if (request.flag("json")) writeJson(world, { apiVersion: API_VERSION, kind: "Logout", instance: name, wasThere });
  else world.writeOutput(wasThere ? `the login at ${name} is forgotten\n` : `no login at ${name} was remembered\n`);
  return Promise.resolve(EXIT.yes);
}

/** Runs `sigstore whoami`. */
export async function runWhoami(request: ParsedArguments, world: World): Promise<number> {
  const instance = chooseSigningInstance(readInstanceChoice(request, world));
  const http = openHttp(instance, readConnectionOptions(request, world));
  const { environment } = world;
  const home = findHome(environment);
  const now = (): number => world.nowMs();
  try {
    const provider = await findStandingIdentity({ instance, http, home, environment, now });
    if (provider === undefined) throw nobody(instance);
    const token = await interruptible(async (signal) => provider.fetchIdentityToken({ signal }));
    answerIdentity(token, { source: provider.label, instance, isRemembered: undefined }, request, world);
    return EXIT.yes;
  } finally {
    http.close();
  }
}

interface IdentitySource {
  readonly source: string;
  readonly instance: SigningInstance;
  readonly isRemembered: boolean | undefined;
}

function answerIdentity(
  token: IdentityToken,
  { source, instance, isRemembered }: IdentitySource,
  request: ParsedArguments,
  world: World,
): void {
  const identity = token.email ?? token.subject;
  const issuer = issuerOf(token);
  const expires = formatRfc3339(token.expiresMs);
  if (request.flag("json"))
    return writeJson(world, {
      apiVersion: API_VERSION,
      kind: "Identity",
      identity,
      issuer,
      expires,
      source,
      instance: instance.name,
      ...(isRemembered !== undefined && { isRemembered }),
    });
  const style = outputStyle(world);
  const rows = [
    ["issuer", issuer],
    ["until", expires],
    ["from", source],
    ["instance", instance.name],
  ] as const;
  const lines = rows.map(([label, value]) => `  ${style.faint(label.padEnd(10))}${printable(value)}\n`);
  world.writeOutput(`${style.strong(printable(identity))}\n${lines.join("")}`);
}

/** Behind a Dex, the certificate names whom it asked. */
function issuerOf({ issuer, claims }: IdentityToken): string {
  const federated = claims["federated_claims"];
  const connector = isObject(federated) ? federated["connector_id"] : undefined;
  return typeof connector === "string" && connector.includes("://") ? connector : issuer;
}

function nobody({ name }: SigningInstance): SigstoreError {
  return new SigstoreError("identity-token-missing", `expected somebody logged in at ${name}, got nobody`, {
    hint: "sigstore login --remember logs in; sign logs in by itself",
  });
}

function refuseWithoutPerson(): never {
  throw new SigstoreError("usage", "expected somebody to log in, got no terminal and no browser", {
    hint: "log in at another device with --device",
  });
}
