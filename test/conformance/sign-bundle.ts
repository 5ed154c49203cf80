/**
 * The signing half of the public suite's CLI_PROTOCOL.md: `sign-bundle [--staging] [--in-toto] --identity-token TOKEN
 * --bundle FILE [--trusted-root FILE] [--signing-config FILE] FILE`.
 *
 * The token stands among the arguments because the protocol has it there; our own command takes none that way.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { HttpClient } from "../../src/clients/http/http-client.ts";
import { givenTokenProvider } from "../../src/clients/oidc/given-token.ts";
import { chooseSigningInstance } from "../../src/compose/instance.ts";
import { chooseServices } from "../../src/compose/signing-services.ts";
import { signMessage, signStatement } from "../../src/sign/sign.ts";

/** Signs as `argv` (without program names) says. Throws what signing throws, TypeError for other arguments. */
export async function signBundle(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      staging: { type: "boolean" },
      "in-toto": { type: "boolean" },
      "identity-token": { type: "string" },
      bundle: { type: "string" },
      "trusted-root": { type: "string" },
      "signing-config": { type: "string" },
    },
  });
  const [command, path] = positionals;
  const { bundle, "identity-token": token } = values;
  if (command !== "sign-bundle" || path === undefined || bundle === undefined || token === undefined)
    throw new TypeError("expected: sign-bundle [--staging] [--in-toto] --identity-token TOKEN --bundle FILE … FILE");
  const instance = chooseSigningInstance({
    home: undefined,
    instance: values.staging === true ? "staging" : undefined,
    trustedRoot: values["trusted-root"],
    signingConfig: values["signing-config"],
  });
  const http = new HttpClient();
  const { session, context } = chooseServices({
    instance,
    http,
    identityProvider: givenTokenProvider("--identity-token", async () => Promise.resolve(token)),
    now: Date.now,
    random: Math.random,
    signal: new AbortController().signal,
  });
  try {
    const key = await session.key();
    const bytes = readFileSync(path);
    const signed =
      values["in-toto"] === true
        ? await signStatement(bytes, key, context)
        : await signMessage({ kind: "bytes", bytes }, key, context);
    writeFileSync(bundle, signed.json);
  } finally {
    http.close();
  }
}
