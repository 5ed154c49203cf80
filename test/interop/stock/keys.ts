/**
 * Keys and certificates of the stock services, made by openssl: P-256 throughout, Ed25519 for Rekor v2.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireProgram } from "../programs.ts";

/** Opens the key files that want a password; nothing here is secret. */
export const KEY_PASSWORD = "interop";

const AUTHORITY = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign";
const IDENTIFIERS = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
const STAMPING =
  "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping";

/** Makes all of them in `folder`. */
export async function makeStockKeys(folder: string): Promise<void> {
  const run = (...args: string[]): Promise<string> => requireProgram("openssl", args, { cwd: folder });
  const key = (name: string): Promise<string> =>
    run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}.key`);
  const root = async (name: string): Promise<void> => {
    await key(name);
    const extensions = ["basicConstraints=critical,CA:TRUE,pathlen:1", "keyUsage=critical,keyCertSign,cRLSign"];
    const added = extensions.flatMap((extension) => ["-addext", extension]);
    const subject = `/O=interop.test/CN=${name}`;
    await run(
      "req",
      "-x509",
      "-new",
      "-key",
      `${name}.key`,
      "-subj",
      subject,
      "-days",
      "30",
      "-out",
      `${name}.pem`,
      ...added,
    );
  };
  const issue = async (name: string, by: string, extensions: string): Promise<void> => {
    await key(name);
    writeFileSync(join(folder, `${name}.ext`), `${extensions}\n${IDENTIFIERS}`);
    await run("req", "-new", "-key", `${name}.key`, "-subj", `/O=interop.test/CN=${name}`, "-out", `${name}.csr`);
    const authority = ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial"];
    const files = ["-in", `${name}.csr`, "-extfile", `${name}.ext`, "-out", `${name}.pem`];
    await run("x509", "-req", "-sha256", "-days", "29", ...authority, ...files);
  };
  await root("fulcio-root");
  await issue("fulcio-intermediate", "fulcio-root", `${AUTHORITY}\nextendedKeyUsage=codeSigning`);
  await root("tsa-root");
  await issue("tsa-leaf", "tsa-root", STAMPING);
  joinFiles(folder, "fulcio-chain.pem", ["fulcio-intermediate.pem", "fulcio-root.pem"]);
  joinFiles(folder, "tsa-chain.pem", ["tsa-leaf.pem", "tsa-root.pem"]);
  await key("ctlog");
  await key("rekor1");
  await run("genpkey", "-algorithm", "ED25519", "-out", "rekor2.key");
  for (const log of ["ctlog", "rekor1", "rekor2"])
    await run("pkey", "-in", `${log}.key`, "-pubout", "-out", `${log}.pub`);
  // Fulcio and CTFE want a password, in the old encryption of PEM.
  for (const name of ["fulcio-intermediate", "ctlog"])
    await run("ec", "-in", `${name}.key`, "-aes256", "-passout", `pass:${KEY_PASSWORD}`, "-out", `${name}.enc.key`);
}

function joinFiles(folder: string, target: string, parts: readonly string[]): void {
  writeFileSync(join(folder, target), parts.map((part) => readFileSync(join(folder, part), "utf8")).join(""));
}
