/**
 * openssl as a client of our timestamp authority (`openssl ts`, RFC 3161) and as a reader of our certificates (`openssl x509`, `verify`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { base64Decode } from "../../../src/encoding/base64.ts";
import { serializePem } from "../../../src/encoding/pem.ts";
import type { Suite } from "../../suite.ts";
import type { Material } from "../clients/client.ts";
import type { PeerFolder } from "../peers/install.ts";
import { lastWords, requireProgram, runProgram } from "../programs.ts";
import type { OurStack } from "./instance.ts";

/** Digest, and what else the query asks for. */
const QUERIES: readonly (readonly string[])[] = [
  ["-sha256"],
  ["-sha256", "-cert"],
  ["-sha256", "-no_nonce"],
  ["-sha384", "-cert"],
  ["-sha512", "-cert"],
];

/** What openssl prints of a certificate by our authority, each on a line of its own. */
const CERTIFICATE_LINES = [
  "Version: 3 (0x2)",
  "X509v3 Key Usage: critical",
  "Digital Signature",
  "X509v3 Extended Key Usage: ",
  "Code Signing",
  "X509v3 Subject Key Identifier: ",
  "X509v3 Authority Key Identifier: ",
  "X509v3 Subject Alternative Name: critical",
  "CT Precertificate SCTs: ",
];

/** Runs all cases; `bundle` is one that was signed on this instance by `email`. */
export async function checkWithOpenssl(
  suite: Suite,
  { peers, stack, material, bundle, email }: OpensslOptions,
): Promise<void> {
  const openssl = (...args: readonly string[]): Promise<string> =>
    requireProgram(peers.program("openssl"), args, { cwd: material.folder });
  const trust = (name: string): string => join(stack.folder, "trust", name);
  const work = (name: string): string => join(material.folder, name);
  const chain = splitPem(readFileSync(trust("tsa.crt.pem"), "utf8"));
  writeFileSync(work("tsa-root.pem"), chain.at(-1) ?? "");
  const anchors = ["-CAfile", work("tsa-root.pem"), "-untrusted", trust("tsa.crt.pem")];
  for (const flags of QUERIES) {
    await suite.case(`openssl ts ${flags.join(" ")}`, async () => {
      await openssl("ts", "-query", "-data", material.file, ...flags, "-out", work("query.tsq"));
      await stamp(stack, work("query.tsq"), work("reply.tsr"));
      const ask = ["ts", "-verify", "-in", work("reply.tsr"), ...anchors];
      await openssl(...ask, "-queryfile", work("query.tsq"));
      await openssl(...ask, "-data", material.file);
      const other = await runProgram(peers.program("openssl"), [...ask, "-data", material.otherFile]);
      if (other.status === 0) throw new Error("expected the timestamp of another file to be refused, got a yes");
      const shown = await openssl("ts", "-reply", "-in", work("reply.tsr"), "-text");
      return lastWords(/Accuracy:.*/.exec(shown)?.[0] ?? "no accuracy");
    });
  }
  writeFileSync(work("leaf.pem"), leafOf(bundle));
  await suite.case("openssl x509 reads a certificate", async () => {
    const lines = (await openssl("x509", "-in", work("leaf.pem"), "-noout", "-text")).split("\n");
    const wanted = [...CERTIFICATE_LINES, `email:${email}`];
    const missing = wanted.filter((text) => !lines.some((line) => line.trim().startsWith(text.trim())));
    if (missing.length > 0) throw new Error(`expected ${missing.join(", ")}, got none of it`);
  });
  await suite.case("openssl verify takes the chain, strictly", async () => {
    const authorities = splitPem(readFileSync(trust("fulcio.crt.pem"), "utf8"));
    writeFileSync(work("ca-root.pem"), authorities.at(-1) ?? "");
    writeFileSync(work("ca-intermediates.pem"), authorities.slice(0, -1).join(""));
    const chainFlags = ["-CAfile", work("ca-root.pem"), "-untrusted", work("ca-intermediates.pem")];
    await openssl("verify", "-x509_strict", ...chainFlags, "-purpose", "any", work("leaf.pem"));
  });
}

interface OpensslOptions {
  readonly peers: PeerFolder;
  readonly stack: OurStack;
  readonly material: Material;
  readonly bundle: string;
  readonly email: string;
}

async function stamp(stack: OurStack, query: string, reply: string): Promise<void> {
  const answer = await fetch(`${stack.url}/api/v1/timestamp`, {
    method: "POST",
    headers: { "content-type": "application/timestamp-query" },
    body: readFileSync(query),
  });
  const type = answer.headers.get("content-type") ?? "nothing";
  if (type !== "application/timestamp-reply")
    throw new Error(`expected a timestamp reply, got ${answer.status} ${type}`);
  writeFileSync(reply, new Uint8Array(await answer.arrayBuffer()));
}

function splitPem(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
}

/** The signer's certificate in a bundle, PEM. */
function leafOf(path: string): string {
  const { verificationMaterial } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly verificationMaterial: { readonly certificate: { readonly rawBytes: string } };
  };
  return serializePem("CERTIFICATE", base64Decode(verificationMaterial.certificate.rawBytes));
}
