/**
 * `sigstore up --print FORM`: how an instance is used by other programs, or started by systemd; text to be put where it belongs.
 *
 * Speaks of the instance in the folder, or of the address that the options name. Nothing secret is in it, and nothing is changed.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { inFolder } from "../../services/instance/durable-file.ts";
import { pathsOf, readInstanceRecord } from "../../services/instance/folder.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { portOf } from "../options/serving.ts";
import { writeJson } from "../output.ts";
import { ownProgram } from "../own-program.ts";
import { printable, shellWord } from "../terminal.ts";
import type { World } from "../world.ts";

/** What the texts speak of. */
interface Subject {
  readonly folder: string;
  readonly url: string;
  readonly isTls: boolean;
  /** The one that was named. */
  readonly port: number | undefined;
  /** Words of the command line, but for those that ask for this. */
  readonly words: readonly string[];
  readonly program: readonly string[];
}

const FORMS: Readonly<Record<string, (subject: Subject) => string>> = { systemd, env, cosign, python, js };

/** Prints the text of a form. */
export function printUsage(form: string, request: ParsedArguments, world: World): number {
  const { path: folder } = findDataFolder(request, world);
  const record = existsSync(pathsOf(folder).record) ? readInstanceRecord(folder) : undefined;
  const port = portOf(request, "port");
  const wished = request.value("url") ?? (port === undefined ? undefined : `http://localhost:${port}`);
  const url = wished ?? record?.url ?? "http://localhost:8480";
  const text = FORMS[form]?.({ folder, url, port, isTls: url.startsWith("https:"), ...commandLine() }) ?? "";
  if (request.flag("json")) writeJson(world, { apiVersion: API_VERSION, kind: "InstanceUsage", form, url, text });
  else world.writeOutput(text);
  return EXIT.yes;
}

function commandLine(): Pick<Subject, "words" | "program"> {
  const { program, words: all } = ownProgram();
  const [, ...words] = all;
  const kept = words.filter((word, at) => {
    const before = words[at - 1];
    const isForm = word === "--print" || before === "--print" || word.startsWith("--print=");
    return !isForm && !["-d", "--detach", "--json"].includes(word);
  });
  return { words: kept, program };
}

/** systemd.service, systemd.exec: a user of its own, its data in /var/lib/sigstore, the key from an encrypted credential. */
function systemd({ program, words, port }: Subject): string {
  const { kept, credentials } = withCredentials(words);
  const isForRoot = port !== undefined && port > 0 && port < 1024;
  const line = [...[...program, "up"].map(systemdWord), "--data", "%S/sigstore", ...kept];
  return `# /etc/systemd/system/sigstore.service
# To seal the keys, before the first start:
#   head -c 32 /dev/urandom | systemd-creds encrypt --name=sigstore-key - /etc/sigstore-key.cred
# and take the # away from LoadCredentialEncrypted below.
[Unit]
Description=Sigstore instance
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${line.join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
DynamicUser=yes
StateDirectory=sigstore
StateDirectoryMode=0700
#LoadCredentialEncrypted=sigstore-key:/etc/sigstore-key.cred
${credentials.join("")}Restart=on-failure
TimeoutStopSec=60
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
LockPersonality=yes
UMask=0077
${isForRoot ? "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" : ""}
[Install]
WantedBy=multi-user.target
`;
}

/** Files that only root may read reach a user of the service's own as credentials (systemd.exec, "LoadCredential"); data is in its state. */
function withCredentials(words: readonly string[]): { readonly kept: string[]; readonly credentials: string[] } {
  const kept: string[] = [];
  const credentials: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const [name = "", ...rest] = (words[at] ?? "").split("=");
    if (name !== "--data" && !CREDENTIALS.includes(name)) {
      kept.push(systemdWord(words[at] ?? ""));
      continue;
    }
    const value = rest.length > 0 ? rest.join("=") : (words[++at] ?? "");
    if (name === "--data" || value === "-") continue;
    credentials.push(`LoadCredential=${name.slice(2)}:${resolve(value).replaceAll("%", "%%")}\n`);
    kept.push(name, `%d/${name.slice(2)}`);
  }
  return { kept, credentials };
}

const CREDENTIALS: readonly string[] = ["--tls-cert", "--tls-key", "--key-file", "--fulcio-config"];

/** Quoted as systemd reads it (systemd.syntax, "Quoting"); % and $ stand for themselves. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@+=:,./%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function env({ folder, url }: Subject): string {
  const trust = pathsOf(folder).trust;
  const lines = [
    ["SIGSTORE_URL", url],
    ["SIGSTORE_OIDC_ISSUER", `${url}/auth`],
    ["SIGSTORE_TRUSTED_ROOT", `${trust}/trusted_root.json`],
    ["SIGSTORE_SIGNING_CONFIG", `${trust}/signing_config.json`],
    ["SIGSTORE_TRUST_CONFIG", `${trust}/trust_config.json`],
  ];
  return lines.map(([name = "", value = ""]) => `export ${name}=${shellWord(value)}\n`).join("");
}

/** TLS of the instance's own making: whose file the others need first, from whoever runs it, and how each of them is told of it. */
function authorityLines({ isTls, folder }: Subject, variables: readonly string[]): readonly string[] {
  const file = inFolder(pathsOf(folder).trust, "tls-ca.pem");
  if (!isTls || !existsSync(file)) return [];
  return [
    `# first have tls-ca.pem here; whoever runs the instance has it in ${printable(file)}`,
    ...variables.map((name) => `export ${name}=$PWD/tls-ca.pem`),
  ];
}

function fetching(subject: Subject, names: readonly string[], variables: readonly string[]): string {
  const lines = authorityLines(subject, variables);
  const authority = lines.length === 0 ? "" : " --cacert tls-ca.pem";
  return [...lines, ...names.map((name) => `curl -fsS${authority} -O ${subject.url}/trust/${name}`)]
    .map((line) => `${line}\n`)
    .join("");
}

/** The signing config names the issuer: cosign refuses both ("cannot specify service URLs and use signing config"). */
function cosign(subject: Subject): string {
  const { url } = subject;
  return `# cosign 3: trust first, then sign, then verify
${fetching(subject, ["trusted_root.json", "signing_config.json"], ["SSL_CERT_FILE"])}cosign sign-blob --signing-config signing_config.json --trusted-root trusted_root.json \\
  --bundle FILE.sigstore.json FILE
cosign verify-blob --trusted-root trusted_root.json --bundle FILE.sigstore.json \\
  --certificate-identity EMAIL --certificate-oidc-issuer ${url}/auth FILE
`;
}

function python(subject: Subject): string {
  const { url } = subject;
  return `# sigstore-python 4: trust first, then sign, then verify
${fetching(subject, ["trust_config.json"], ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])}sigstore --trust-config trust_config.json sign FILE
sigstore --trust-config trust_config.json verify identity \\
  --cert-identity EMAIL --cert-oidc-issuer ${url}/auth FILE
`;
}

function js(subject: Subject): string {
  const { url } = subject;
  return `// @sigstore/sign and @sigstore/verify; the trusted root: ${url}/trust/trusted_root.json
import { CIContextProvider, FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } from "@sigstore/sign";

const signer = new FulcioSigner({ fulcioBaseURL: "${url}", identityProvider: new CIContextProvider("sigstore") });
const witnesses = [
  new RekorWitness({ rekorBaseURL: "${url}", majorApiVersion: 2 }),
  new TSAWitness({ tsaBaseURL: "${url}" }),
];
const bundle = await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data: Buffer.from("hello") });
`;
}
