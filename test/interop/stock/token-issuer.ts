/**
 * An OpenID issuer for the stock Fulcio: discovery and keys over HTTP, tokens from a function. Loopback only, nobody logs in.
 *
 * RS256, because cosign takes an `--identity-token` of any other algorithm for the name of a file.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

/** An issuer that runs. */
export interface TokenIssuer {
  readonly url: string;
  /** A token of ten minutes, or one with other claims. */
  token(email: string, claims?: Readonly<Record<string, unknown>>): string;
  stop(): void;
}

const KEY_ID = "interop";

/** Listens on `port`. */
export async function startTokenIssuer(port: number): Promise<TokenIssuer> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const url = `http://localhost:${port}`;
  const discovery = {
    issuer: url,
    jwks_uri: `${url}/keys`,
    authorization_endpoint: `${url}/auth`,
    token_endpoint: `${url}/token`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
  const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: KEY_ID }] };
  const server = createServer((request, response) => {
    const answer = { "/.well-known/openid-configuration": discovery, "/keys": keys }[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? {}));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const token = (email: string, claims: Readonly<Record<string, unknown>> = {}): string => {
    const now = Math.floor(Date.now() / 1000);
    const header = encode({ alg: "RS256", typ: "JWT", kid: KEY_ID });
    const person = { iss: url, sub: email, email, email_verified: true };
    const input = `${header}.${encode({ ...person, aud: "sigstore", iat: now, exp: now + 600, ...claims })}`;
    return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
  };
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url, token, stop };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
