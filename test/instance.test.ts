/** An instance over its life: first start and the next, damage, rotation, backups, TLS; what it hands out and shows. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { HttpClient } from "../src/clients/http/http-client.ts";
import { isSigstoreError } from "../src/errors.ts";
import { parseClientTrustConfig } from "../src/formats/client-trust-config.ts";
import { parseSigningConfig } from "../src/formats/signing-config.ts";
import { parseTrustedRoot } from "../src/formats/trusted-root.ts";
import { type InstanceOptions, type RunningInstance, startInstance } from "../src/services/instance/start.ts";
import { CommandFolder, type CommandOutcome } from "./command-world.ts";
import { fetchInstanceToken } from "./instance-login.ts";
import { findViolations, readSchema } from "./scripts/json-schema.ts";

/** The instance checks certificates and tokens against the clock of the machine, so the command must see the same. */
const now = Date.now;
const PERSON = "jane@example.com";
const folder = new CommandFolder(now);
after(() => folder.remove());

async function withInstance<Value>(
  name: string,
  use: (instance: RunningInstance) => Promise<Value>,
  options: Partial<InstanceOptions> = {},
): Promise<Value> {
  const instance = await startInstance({
    folder: folder.at(name),
    port: 0,
    dev: true,
    log: () => undefined,
    ...options,
  });
  try {
    return await use(instance);
  } finally {
    await instance.stop();
  }
}

async function refusalOf(
  name: string,
  options: Partial<InstanceOptions> = {},
): Promise<{ code: string; text: string }> {
  try {
    await withInstance(name, async () => undefined, options);
  } catch (error) {
    if (isSigstoreError(error)) return { code: error.code, text: `${error.message}\n${error.hint ?? ""}` };
    throw error;
  }
  return { code: "none", text: "" };
}

async function textOf(url: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text() };
}

/** A request with a Host of its own, which fetch does not send. */
async function atHost(host: string, port: number, path: string): Promise<string> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Takes the trust files as they are now, signs `name` and answers with the outcome. */
async function sign(instance: RunningInstance, name: string): Promise<CommandOutcome> {
  const config = folder.write("trust_config.json", (await textOf(`${instance.url}/trust/trust_config.json`)).text);
  const token = folder.write("token", (await fetchInstanceToken(instance.url, PERSON, now)).reveal());
  const file = folder.write(name, `content of ${name}`);
  return folder.run(["sign", file, "--identity-token-file", token, "--trust-config", config, "--yes"]);
}

async function verify(instance: RunningInstance, name: string): Promise<number> {
  const root = folder.write("trusted_root.json", (await textOf(`${instance.url}/trust/trusted_root.json`)).text);
  const trusted = ["--identity", PERSON, "--issuer", instance.issuer];
  return (await folder.run(["verify", folder.at(name), "--trusted-root", root, ...trusted])).exitCode;
}

describe("an instance starts", () => {
  test("from nothing, and again: the same name, keys and logs", async () => {
    const first = await withInstance("again", async (instance) => {
      assert.equal(instance.isNew, true);
      assert.match(instance.name, /^[0-9a-f]{8}\.localhost$/);
      assert.deepEqual(await textOf(`${instance.url}/healthz`), { status: 200, text: '{"status":"SERVING"}' });
      assert.equal((await sign(instance, "kept.txt")).exitCode, 0);
      return instance;
    });
    await withInstance("again", async (instance) => {
      assert.equal(instance.isNew, false);
      assert.deepEqual([instance.name, instance.fingerprintHex], [first.name, first.fingerprintHex]);
      assert.equal((await textOf(`${instance.url}/api/v2/checkpoint`)).text.split("\n")[1], "2");
    });
  });

  test("where a first start was ended before its time, and nothing of that stays", async () => {
    mkdirSync(folder.at("ended/keys"), { recursive: true });
    writeFileSync(folder.at("ended/beginning"), "");
    writeFileSync(folder.at("ended/keys/ca-1.pem"), "half a ke");
    await withInstance("ended", async (instance) => assert.equal(instance.isNew, true));
    assert.equal(existsSync(folder.at("ended/beginning")), false);
  });

  test("once at a time: the second one says who has the folder", async () => {
    await withInstance(
      "held",
      async (instance) => {
        const { code, text } = await refusalOf("held");
        assert.equal(code, "storage-in-use");
        assert.match(text, new RegExp(`held by process 4711, which serves ${instance.url}`));
        assert.match(text, /sigstore down/);
      },
      { processId: 4711 },
    );
  });

  test("not where somebody else listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, text } = await refusalOf("port", { port });
    server.close();
    assert.equal(code, "port-unavailable");
    assert.match(text, new RegExp(`127\\.0\\.0\\.1:${port}, got: somebody else listens there`));
  });

  test("with what serves it told on /metrics, on a port of its own", async () => {
    await withInstance(
      "metrics",
      async ({ metricsPort, url }) => {
        const { text } = await textOf(`http://localhost:${metricsPort}/metrics`);
        assert.match(text, /^# TYPE fulcio_new_certs counter$/m);
        assert.equal((await textOf(`${url}/metrics`)).status, 404);
      },
      { metricsPort: 0 },
    );
  });
});

describe("an instance whose folder is damaged does not start, and says which file and what to do:", () => {
  const damages: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    [
      "no record among other files",
      (path) => rmSync(join(path, "instance.json")),
      /instance\.json: expected the record/,
    ],
    ["a torn record", (path) => writeFileSync(join(path, "instance.json"), "{"), /instance\.json: expected the record/],
    ["no log", (path) => rmSync(join(path, "rekor"), { recursive: true }), /rekor: expected the log rekor\./],
    [
      "no key",
      (path) => rmSync(join(path, "keys/tsa-1.pem")),
      /tsa-1\.pem: expected a file of this instance, got none/,
    ],
    [
      "another key",
      (path) => cpSync(join(path, "keys/tsa-1.pem"), join(path, "keys/ct.pem")),
      /the key of the log ct\./,
    ],
    ["a key for all to read", (path) => chmodSync(join(path, "keys/ca-1.pem"), 0o644), /chmod 600 .*ca-1\.pem/],
    ["a torn chain", (path) => writeFileSync(join(path, "ca/ca-1.pem"), "-----BEGIN"), /ca-1\.pem: expected a chain/],
    ["a state that is no database", (path) => writeFileSync(join(path, "ct/state.sqlite"), "x".repeat(9000)), /ct/],
  ];
  for (const [name, damage, expected] of damages)
    test(name, async () => {
      const path = `damaged ${name}`;
      await withInstance(path, async () => undefined);
      damage(folder.at(path));
      const { code, text } = await refusalOf(path);
      assert.notEqual(code, "none");
      assert.match(text, expected);
      assert.match(text, /\n./);
    });

  test("a folder of somebody else's things stays as it is", async () => {
    mkdirSync(folder.at("foreign"));
    writeFileSync(folder.at("foreign/photo.jpg"), "mine");
    assert.equal((await refusalOf("foreign")).code, "instance-invalid");
    assert.equal(readFileSync(folder.at("foreign/photo.jpg"), "utf8"), "mine");
  });
});

describe("an instance hands out", () => {
  test("trust files that are read strictly, one fingerprint for the root alone and inside", async () => {
    await withInstance("trust", async (instance) => {
      const read = async (name: string): Promise<string> => (await textOf(`${instance.url}/trust/${name}`)).text;
      const root = parseTrustedRoot(await read("trusted_root.json"));
      assert.equal(root.mediaType, "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
      const config = parseClientTrustConfig(await read("trust_config.json"));
      assert.deepEqual(config.trustedRoot, root);
      assert.deepEqual(config.signingConfig, parseSigningConfig(await read("signing_config.json")));
      const [log, ...others] = root.tlogs;
      assert.deepEqual(others, []);
      assert.equal(new URL(log?.baseUrl ?? "").hostname, `rekor.${instance.name}`);
      assert.equal(log?.checkpointKeyId, undefined);
      const whole = [...root.tlogs, ...root.ctlogs, ...root.certificateAuthorities, ...root.timestampAuthorities];
      assert.ok(whole.every(({ validFor }) => validFor.startMs > 0));
      assert.ok((await read("trust_config.json")).includes(await read("trusted_root.json")));
      for (const name of readdirSync(folder.at("trust/trust")))
        assert.equal(await read(name), readFileSync(folder.at(`trust/trust/${name}`), "utf8"), name);
      assert.equal((await textOf(`${instance.url}/trust/..%2finstance.json`)).status, 404);
    });
  });

  test("its logs under their own names, and nothing under names of others", async () => {
    await withInstance("hosts", async ({ name, port }) => {
      assert.match(
        await atHost(`rekor.${name}:${port}`, port, "/api/v2/checkpoint"),
        new RegExp(`^200 rekor\\.${name}\n1\n`),
      );
      assert.match(await atHost(`rekor.${name}`, port, "/checkpoint"), /^200 rekor\./);
      assert.match(await atHost(`ct.${name}`, port, "/ct/v1/get-roots"), /^200 \{"certificates":\[/);
      assert.match(await atHost(`127.0.0.1:${port}`, port, "/ct/ct/v1/get-roots"), /^200 /);
      for (const host of ["evil.example", `evil.example:${port}`, `localhost:${port + 1}`])
        assert.match(await atHost(host, port, "/trust/trusted_root.json"), /^421 /, host);
    });
  });

  test("a page for each entry, which escapes what it shows, and the same as JSON", async () => {
    await withInstance("pages", async (instance) => {
      assert.match((await textOf(`${instance.url}/`)).text, /the instance&#39;s trusted root/);
      documentOf("instance-health", (await textOf(`${instance.url}/status.json`)).text);
      assert.equal((await sign(instance, "shown.txt")).exitCode, 0);
      const page = await textOf(`${instance.url}/entry/1`);
      assert.match(page.text, /<h1>jane@example\.com signed something<\/h1>/);
      assert.match(page.text, /Everything that can be checked here holds/);
      const json = documentOf("log-entry", (await textOf(`${instance.url}/entry/1?format=json`)).text) as unknown as {
        checks: { isGood: boolean }[];
        signer: { isCertified: boolean };
      };
      assert.deepEqual(
        json.checks.map(({ isGood }) => isGood),
        [true, true, true, true],
      );
      assert.equal(json.signer.isCertified, true);
      assert.match((await textOf(`${instance.url}/`)).text, /Entry 1<\/a> <span>jane@example\.com/);
      for (const path of ["/entry/2", "/entry/-1", "/entry/01", "/entry/x", `/entry/${"9".repeat(19)}`, "/entry/"])
        assert.equal((await textOf(`${instance.url}${path}`)).status, 404, path);
    });
  });

  test("no page that says that somebody signed whom it has not certified", async () => {
    const bundle = await withInstance("stranger", async (instance) => {
      await sign(instance, "strange.txt");
      return JSON.parse(readFileSync(folder.at("strange.txt.sigstore.json"), "utf8")) as BundleJson;
    });
    await withInstance("host", async ({ url }) => {
      const { rawBytes } = bundle.verificationMaterial.certificate;
      const { messageDigest, signature } = bundle.messageSignature;
      const verifier = { x509Certificate: { rawBytes }, keyDetails: "PKIX_ECDSA_P256_SHA_256" };
      const body = {
        hashedRekordRequestV002: { digest: messageDigest.digest, signature: { content: signature, verifier } },
      };
      const response = await fetch(`${url}/api/v2/log/entries`, { method: "POST", body: JSON.stringify(body) });
      assert.equal(response.status, 201);
      const { text } = await textOf(`${url}/entry/1`);
      assert.match(text, /by a name that was not checked here/);
      assert.match(text, /Claims to be<\/dt><dd>jane@example\.com/);
      assert.match(text, /Something does not hold/);
      assert.doesNotMatch((await textOf(url)).text, /jane@example\.com/);
    });
  });
});

const FULCIO_CONFIG = `oidc-issuers:
  https://token.actions.githubusercontent.com:
    issuer-url: https://token.actions.githubusercontent.com
    client-id: sigstore
    type: github-workflow
meta-issuers:
  https://oidc.eks.*.amazonaws.com/id/*:
    client-id: sigstore
    type: kubernetes
`;

interface BundleJson {
  readonly verificationMaterial: { readonly certificate: { readonly rawBytes: string } };
  readonly messageSignature: { readonly messageDigest: { readonly digest: string }; readonly signature: string };
}

describe("the certificate authority", () => {
  test("is rotated while it serves, under its root and under another; all that was signed stays good", async () => {
    await withInstance("rotated", async (instance) => {
      const data = ["--data", folder.at("rotated")];
      const signed = async (name: string): Promise<void> => {
        assert.equal((await sign(instance, name)).exitCode, 0);
      };
      await signed("one.txt");
      for (const words of [[], ["--new-root", "--ca-algorithm", "p384"]]) {
        assert.equal((await folder.run(["ca", "rotate", ...words, ...data])).exitCode, 0);
        await instance.reload();
        await signed(`after ${words.length}.txt`);
      }
      for (const name of ["one.txt", "after 0.txt", "after 3.txt"]) assert.equal(await verify(instance, name), 0, name);
      const root = parseTrustedRoot((await textOf(`${instance.url}/trust/trusted_root.json`)).text);
      assert.deepEqual(
        root.certificateAuthorities.map(({ validFor }) => validFor.endMs !== undefined),
        [true, true, false],
      );
    });
  });

  test("does without the key of its root, once that is exported", async () => {
    const data = ["--data", folder.at("exported")];
    await withInstance("exported", async () => undefined);
    const file = folder.at("root.pem");
    documentOf("root-key-export", (await folder.run(["ca", "export-root-key", file, "--json", ...data])).output);
    assert.match(readFileSync(file, "utf8"), /BEGIN PRIVATE KEY/);
    assert.equal(existsSync(folder.at("exported/keys/ca-1-root.pem")), false);
    assert.match(
      (await folder.run(["ca", "export-root-key", folder.at("again.pem"), ...data])).talk,
      /it was exported/,
    );
    assert.match((await folder.run(["ca", "rotate", ...data])).talk, /--root-key FILE/);
    const other = folder.at("exported/keys/ca-1.pem");
    assert.match(
      (await folder.run(["ca", "rotate", "--root-key", other, ...data])).talk,
      /the key of the root certificate, got another/,
    );
    assert.equal((await folder.run(["ca", "rotate", "--root-key", file, ...data])).exitCode, 0);
    await withInstance("exported", async (instance) => assert.equal((await sign(instance, "export.txt")).exitCode, 0));
  });

  test("takes tokens of the issuers of a configuration of the original's, beside its own", async () => {
    const fulcioConfigFile = folder.write("fulcio.yaml", FULCIO_CONFIG);
    await withInstance(
      "issuers",
      async (instance) => {
        const { text } = await textOf(`${instance.url}/api/v2/configuration`);
        const { issuers } = JSON.parse(text) as { issuers: { issuerUrl?: string; wildcardIssuerUrl?: string }[] };
        assert.deepEqual(
          issuers.map(({ issuerUrl, wildcardIssuerUrl }) => issuerUrl ?? wildcardIssuerUrl),
          ["https://token.actions.githubusercontent.com", instance.issuer, "https://oidc.eks.*.amazonaws.com/id/*"],
        );
        assert.equal((await sign(instance, "issuers.txt")).exitCode, 0);
      },
      { fulcioConfigFile },
    );
    const broken = folder.write("broken.yaml", "oidc-issuers: [");
    assert.equal((await refusalOf("issuers", { fulcioConfigFile: broken })).code, "config-invalid");
  });

  test("takes each token once where that is wished, also after a restart", async () => {
    const signWith = async (instance: RunningInstance, name: string): Promise<CommandOutcome> => {
      const config = folder.write("trust_config.json", (await textOf(`${instance.url}/trust/trust_config.json`)).text);
      const words = ["--identity-token-file", folder.at("one token"), "--trust-config", config, "--yes"];
      return folder.run(["sign", folder.write(name, name), ...words]);
    };
    const options = { singleUseTokens: true };
    await withInstance(
      "once",
      async (instance) => {
        folder.write("one token", (await fetchInstanceToken(instance.url, PERSON, now)).reveal());
        assert.equal((await signWith(instance, "first use")).exitCode, 0);
        assert.match((await signWith(instance, "second use")).talk, /expected a token that was not used before/);
      },
      options,
    );
    await withInstance(
      "once",
      async (instance) => {
        assert.match((await signWith(instance, "third use")).talk, /expected a token that was not used before/);
      },
      { ...options, port: portOf(folder.at("once")) },
    );
  });
});

describe("a backup", () => {
  test("made while the instance serves becomes one with new logs; the old ones stay readable and trusted", async () => {
    const [original, restored, backup] = [folder.at("original"), folder.at("restored"), folder.at("backup")];
    await withInstance("original", async (instance) => {
      await sign(instance, "before.txt");
      documentOf("instance-backup", (await folder.run(["backup", backup, "--data", original, "--json"])).output);
      assert.equal((await folder.run(["backup", backup, "--data", original])).exitCode, 1);
      await sign(instance, "since.txt");
      assert.match((await folder.run(["restore", original, "--data", restored])).talk, /an instance is running/);
    });
    for (const name of readdirSync(join(backup, "keys"))) assert.equal(modeOf(join(backup, "keys", name)), 0o600, name);
    const { exitCode, output } = await folder.run(["restore", backup, "--data", restored, "--json"]);
    assert.equal(exitCode, 0);
    const [rekor] = documentOf("instance-restore", output)["logs"] as { entries: string; begun: string }[];
    assert.equal(rekor?.entries, "2");
    assert.match(rekor.begun, /^rekor-[0-9a-f]{8}\./);
    assert.equal((await folder.run(["restore", backup, "--data", restored])).exitCode, 1);
    await withInstance(
      "restored",
      async (instance) => {
        assert.equal((await sign(instance, "after.txt")).exitCode, 0);
        for (const name of ["before.txt", "since.txt", "after.txt"])
          assert.equal(await verify(instance, name), 0, name);
        assert.match(await atHost(`rekor.${instance.name}`, instance.port, "/checkpoint"), /^200 rekor\.[^\n]+\n2\n/);
        assert.match(await atHost(`ct.${instance.name}`, instance.port, "/checkpoint"), /^200 ct\.[^\n]+\n1\n/);
        const front = await (await fetch(instance.url)).text();
        assert.match(front, new RegExp(`href="/entry/0\\?log=rekor\\.${instance.name}"`));
        const before = await fetch(`${instance.url}/entry/1?log=rekor.${instance.name}`);
        const page = await before.text();
        assert.match(page, /which is frozen[^]*Everything that can be checked here holds/);
        assert.match(page, new RegExp(`href="/entry/0\\?log=rekor\\.${instance.name}"`));
        const json = await fetch(`${instance.url}/entry/1?log=rekor.${instance.name}&format=json`);
        assert.equal(((await json.json()) as { log: string }).log, `rekor.${instance.name}`);
        assert.equal((await fetch(`${instance.url}/entry/2?log=rekor.${instance.name}`)).status, 404);
        assert.equal((await fetch(`${instance.url}/entry/0?log=../ct`)).status, 404);
      },
      { port: portOf(backup) },
    );
  });

  test("that is a mere copy is refused, until restore has begun new logs in it", async () => {
    await withInstance("copied", async (instance) => sign(instance, "copied.txt"));
    copyWithRights("copied", "copy");
    const { code, text } = await refusalOf("copy");
    assert.equal(code, "storage-copied");
    assert.match(text, /sigstore restore/);
    assert.equal((await folder.run(["restore", folder.at("copy"), "--data", folder.at("copy")])).exitCode, 0);
    await withInstance("copy", async (instance) => assert.equal(await verify(instance, "copied.txt"), 3));
    await withInstance("copied", async (instance) => assert.equal((await sign(instance, "going on.txt")).exitCode, 0));
  });

  test("whose log is torn is not restored", async () => {
    await withInstance("torn", async (instance) => sign(instance, "torn.txt"));
    copyWithRights("torn", "torn copy");
    writeFileSync(folder.at("torn copy/rekor/public/tile/0/000.p/1"), new Uint8Array(32));
    const { exitCode, talk } = await folder.run(["restore", folder.at("torn copy"), "--data", folder.at("mended")]);
    assert.equal(exitCode, 1);
    assert.match(talk, /mended\/rekor: expected a whole log/);
  });
});

test("TLS of its own making: the certificate holds for every name, and stays in use", async () => {
  const look = async (instance: RunningInstance): Promise<string> => {
    const caCertificates = readFileSync(folder.at("tls/trust/tls-ca.pem"), "utf8");
    const client = new HttpClient({ caCertificates, tries: 1 });
    const { bytes } = await client.send({
      service: "instance",
      method: "GET",
      url: `${instance.url}/trust/tls-ca.pem`,
      maxBytes: 65_536,
      repeat: "always",
    });
    client.close();
    assert.equal(new TextDecoder().decode(bytes), caCertificates);
    return readFileSync(folder.at("tls/tls/tls-server.pem"), "utf8");
  };
  const first = await withInstance("tls", look, { tls: "own" });
  const second = await withInstance(
    "tls",
    async (instance) => {
      assert.match(instance.url, /^https:\/\/localhost:/);
      return look(instance);
    },
    { port: portOf(folder.at("tls")) },
  );
  assert.equal(second, first);
});

/** An answer that meets its schema. */
function documentOf(schema: string, text: string): Readonly<Record<string, unknown>> {
  const document = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(findViolations(readSchema(`${schema}.json`), document), []);
  return document;
}

/** As `cp -a` does: cpSync leaves the rights of folders out. */
function copyWithRights(from: string, to: string): void {
  cpSync(folder.at(from), folder.at(to), { recursive: true });
  chmodSync(folder.at(`${to}/keys`), 0o700);
}

/** The port that an instance had last. */
function portOf(path: string): number {
  const { url } = JSON.parse(readFileSync(join(path, "instance.json"), "utf8")) as { url: string };
  return Number(new URL(url).port);
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
