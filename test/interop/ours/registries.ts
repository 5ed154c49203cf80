/**
 * Our client of registries against stock ones: each of them differs from the specification in its own way.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HttpClient } from "../../../src/clients/http/http-client.ts";
import { digestOf, imageBytes } from "../../../src/clients/oci-registry/misbehaving-registry.ts";
import { RegistryClient } from "../../../src/clients/oci-registry/registry-client.ts";
import { blobOf } from "../../../src/clients/oci-registry/upload.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import { referrersTag } from "../../../src/formats/oci/digest.ts";
import type { RepositoryName } from "../../../src/formats/oci/image-reference.ts";
import { serializeOciDocument } from "../../../src/formats/oci/manifest.ts";
import { OCI_MEDIA_TYPE } from "../../../src/formats/oci/media-types.ts";
import type { Suite } from "../../suite.ts";
import type { PeerFolder } from "../peers/install.ts";
import { answersAt, ServingProgram } from "../programs.ts";

const LAYER_BYTES = 20_000_000;
const CHUNK_BYTES = 6_000_000;
const BROKEN_AT = 5_000_000;
const IMAGE = imageBytes();
const IMAGE_DIGEST = digestOf(IMAGE);

interface Expected {
  readonly hasApi: boolean;
  /** Whether blobs are mounted from other repositories. */
  readonly mounts: "mounted" | "sent";
}

const REGISTRIES: readonly Registry[] = [
  {
    name: "distribution",
    expected: { hasApi: false, mounts: "mounted" },
    command: (port, folder) => {
      const config = join(folder, "config.yml");
      const storage = `{filesystem: {rootdirectory: ${join(folder, "data")}}, delete: {enabled: true}}`;
      writeFileSync(config, `version: 0.1\nstorage: ${storage}\nhttp: {addr: "localhost:${port}", secret: peers}\n`);
      return { program: "registry", args: ["serve", config] };
    },
  },
  {
    name: "go-containerregistry",
    expected: { hasApi: false, mounts: "sent" },
    command: (port) => ({ program: "ggcr-registry", args: ["-port", String(port)] }),
  },
  {
    name: "olareg",
    expected: { hasApi: true, mounts: "mounted" },
    command: (port, folder) => ({
      program: "olareg",
      args: [
        "serve",
        "--addr",
        "localhost",
        "--port",
        String(port),
        "--store-type",
        "mem",
        "--dir",
        folder,
        "--api-delete",
      ],
    }),
  },
];

interface Registry {
  readonly name: string;
  readonly expected: Expected;
  command(port: number, folder: string): { readonly program: string; readonly args: readonly string[] };
}

interface RegistryTrial {
  readonly suite: Suite;
  readonly peers: PeerFolder;
  readonly folder: string;
  readonly port: number;
}

/** Starts each, and does everything with it that the client can do. */
export async function checkRegistries({ suite, peers, folder, port }: RegistryTrial): Promise<void> {
  for (const registry of REGISTRIES) {
    const own = join(folder, registry.name);
    mkdirSync(own, { recursive: true });
    const { program, args } = registry.command(port, own);
    const serving = await ServingProgram.start(
      registry.name,
      [peers.program(program), ...args],
      join(own, "log"),
      answersAt(`http://localhost:${port}/v2/`),
    );
    try {
      await checkRegistry(suite, registry, { registry: `localhost:${port}`, repository: "team/app" });
    } finally {
      await serving.stop();
    }
  }
}

async function checkRegistry(suite: Suite, { name: title, expected }: Registry, name: RepositoryName): Promise<void> {
  const http = new HttpClient();
  const client = new RegistryClient({ http, nowMs: Date.now });
  try {
    await suite.case(`${title}: nothing there is nothing`, async () => {
      assert.equal(await client.manifests.resolve(name, "1.0"), undefined);
      assert.equal(await client.manifests.get(name, IMAGE_DIGEST), undefined);
    });
    await suite.case(`${title}: blobs`, async () => checkBlobs(client, name, expected));
    await suite.case(`${title}: a tag and its manifest`, async () => {
      for (const tag of ["1", "2", "3"]) await client.manifests.put(name, IMAGE, OCI_MEDIA_TYPE.manifest, tag);
      assert.equal((await client.manifests.resolve(name, "1"))?.digest, IMAGE_DIGEST);
      assert.deepEqual((await client.manifests.get(name, IMAGE_DIGEST))?.bytes, IMAGE);
      assert.deepEqual(await client.listTags(name, 2), ["1", "2", "3"]);
    });
    await suite.case(`${title}: referrers`, async () => checkReferrers(client, name, expected));
    await suite.case(`${title}: deletion`, async () => {
      assert.equal(await client.manifests.delete(name, "3"), true);
      assert.equal(await client.manifests.resolve(name, "3"), undefined);
      assert.equal(await client.manifests.delete(name, IMAGE_DIGEST), true);
      assert.equal(await client.manifests.get(name, IMAGE_DIGEST), undefined);
    });
  } finally {
    http.close();
  }
}

async function checkBlobs(
  { uploads, blobs }: RegistryClient,
  name: RepositoryName,
  { mounts }: Expected,
): Promise<void> {
  assert.equal(await uploads.push(name, blobOf(utf8Encode("{}"))), "sent");
  assert.equal(await uploads.push(name, blobOf(utf8Encode("{}"))), "present");
  const bytes = new Uint8Array(LAYER_BYTES).fill(7);
  const layer = blobOf(bytes);
  assert.equal(await uploads.push(name, layer), "sent");
  assert.deepEqual(await blobs.read(name, layer), bytes);
  const other = { ...name, repository: "team/other" };
  assert.equal(await uploads.push(other, layer, { mountFrom: name.repository, isNew: true }), mounts);
  const broken = new Uint8Array(LAYER_BYTES).fill(9);
  let begun = 0;
  const source = {
    ...blobOf(broken),
    async *open(offset: number) {
      begun += 1;
      yield broken.subarray(offset, begun === 1 ? BROKEN_AT : undefined);
      if (begun === 1) throw new Error("the source broke off");
    },
  };
  assert.equal(await uploads.push(name, source, { isNew: true, chunkBytes: CHUNK_BYTES }), "sent");
  assert.deepEqual(await blobs.read(name, blobOf(broken)), broken);
}

async function checkReferrers(client: RegistryClient, name: RepositoryName, { hasApi }: Expected): Promise<void> {
  const referrer = imageBytes({ digest: IMAGE_DIGEST, size: IMAGE.length });
  const { digest, isListedAsReferrer } = await client.manifests.put(name, referrer, OCI_MEDIA_TYPE.manifest);
  assert.equal(isListedAsReferrer, hasApi);
  const before = await client.referrers.list(name, IMAGE_DIGEST);
  assert.equal(before.hasApi, hasApi);
  assert.deepEqual(
    before.referrers.map(({ descriptor }) => descriptor.digest),
    hasApi ? [digest] : [],
  );
  const manifests = [{ mediaType: OCI_MEDIA_TYPE.manifest, digest, size: referrer.length }];
  const list = serializeOciDocument({ kind: "index", mediaType: OCI_MEDIA_TYPE.index, manifests });
  await client.manifests.put(name, list, OCI_MEDIA_TYPE.index, referrersTag(IMAGE_DIGEST));
  const after = await client.referrers.list(name, IMAGE_DIGEST);
  assert.deepEqual(
    after.referrers.map(({ listedBy }) => listedBy),
    [hasApi ? ["api", "tag"] : ["tag"]],
  );
}
