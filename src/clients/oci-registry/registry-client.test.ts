/** What differs between registries, row by row, and the thin way from a tag to what belongs to it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Encode } from "../../encoding/text.ts";
import { referrersTag } from "../../formats/oci/digest.ts";
import { serializeOciDocument } from "../../formats/oci/manifest.ts";
import { OCI_MEDIA_TYPE } from "../../formats/oci/media-types.ts";
import { HttpClient } from "../http/http-client.ts";
import type { TestScope } from "../http/misbehaving-server.ts";
import { digestOf, imageBytes, refuse, startRegistry } from "./misbehaving-registry.ts";
import type { Peculiarities, TestRegistry } from "./misbehaving-registry.ts";
import { RegistryClient } from "./registry-client.ts";
import { blobOf } from "./upload.ts";

const IMAGE = imageBytes();
const IMAGE_DIGEST = digestOf(IMAGE);
const SUBJECT = { digest: IMAGE_DIGEST, size: IMAGE.length };

interface Opened {
  readonly registry: TestRegistry;
  readonly client: RegistryClient;
  readonly name: { readonly registry: string; readonly repository: string };
}

async function open(scope: TestScope, peculiarities: Peculiarities = {}): Promise<Opened> {
  const registry = await startRegistry(scope, peculiarities);
  const http = new HttpClient({ timeoutMs: 5000, firstWaitMs: 1 });
  scope.after(() => http.close());
  const client = new RegistryClient({ http, nowMs: () => 0 });
  return { registry, client, name: { registry: registry.host, repository: "team/app" } };
}

describe("a tag, its manifest and its blobs", () => {
  it("pushes and reads back, with as few requests as there are things", async (scope) => {
    const { registry, client, name } = await open(scope);
    assert.equal(await client.uploads.push(name, blobOf(utf8Encode("{}"))), "sent");
    assert.deepEqual(await client.manifests.put(name, IMAGE, OCI_MEDIA_TYPE.manifest, "1.0"), {
      digest: IMAGE_DIGEST,
      isListedAsReferrer: false,
    });
    const found = await client.manifests.resolve(name, "1.0");
    assert.deepEqual(found, { mediaType: OCI_MEDIA_TYPE.manifest, digest: IMAGE_DIGEST, size: IMAGE.length });
    const stored = await client.manifests.get(name, IMAGE_DIGEST);
    assert.deepEqual(stored?.bytes, IMAGE);
    assert.ok(stored?.document.kind === "manifest");
    assert.deepEqual(await client.blobs.read(name, stored.document.config), utf8Encode("{}"));
    assert.deepEqual(
      registry.asked().map((one) => one.split(" ")[0]),
      ["HEAD", "POST", "PUT", "PUT", "HEAD", "GET", "GET"],
    );
  });

  it("asks once for one digest, however many ask", async (scope) => {
    const { registry, client, name } = await open(scope);
    await client.manifests.put(name, IMAGE, OCI_MEDIA_TYPE.manifest);
    const all = await Promise.all(Array.from({ length: 20 }, async () => client.manifests.get(name, IMAGE_DIGEST)));
    assert.equal(new Set(all).size, 1);
    assert.equal(registry.requests.length, 2);
  });

  it("says that there is nothing only where the registry says 404", async (scope) => {
    const missing = await open(scope);
    assert.equal(await missing.client.manifests.resolve(missing.name, "1.0"), undefined);
    assert.equal(await missing.client.manifests.get(missing.name, IMAGE_DIGEST), undefined);
    for (const status of [400, 401, 403, 500, 503]) {
      const { client, name } = await open(scope, { instead: (response) => refuse(response, status, "TROUBLE") });
      const askings = [
        async () => client.manifests.resolve(name, "1.0"),
        async () => client.manifests.get(name, IMAGE_DIGEST),
      ];
      for (const ask of askings)
        await assert.rejects(ask, (error: Error & { details: Record<string, unknown> }) => {
          assert.match(error.message, /team\/app/);
          assert.deepEqual([error.details["registry"], error.details["repository"]], [name.registry, "team/app"]);
          assert.match(String(error.details["asked"]), /^manifest/);
          return true;
        });
    }
  });

  it("reads a tag whole where HEAD is not known, or does not say the digest", async (scope) => {
    for (const how of [{ hasHead: false }, { saysDigest: false }]) {
      const { client, name } = await open(scope, how);
      await client.manifests.put(name, IMAGE, OCI_MEDIA_TYPE.manifest, "1.0");
      assert.equal((await client.manifests.resolve(name, "1.0"))?.digest, IMAGE_DIGEST);
    }
  });

  it("refuses content of another digest, another type, or another length", async (scope) => {
    const other = imageBytes(undefined, "other");
    const { registry, client, name } = await open(scope);
    registry.manifests.set(IMAGE_DIGEST, { bytes: other, mediaType: OCI_MEDIA_TYPE.manifest });
    await assert.rejects(client.manifests.get(name, IMAGE_DIGEST), { code: "registry-content-mismatch" });
    registry.manifests.set(IMAGE_DIGEST, { bytes: IMAGE, mediaType: OCI_MEDIA_TYPE.index });
    await assert.rejects(client.manifests.get(name, IMAGE_DIGEST), { code: "registry-content-mismatch" });
    registry.manifests.set(IMAGE_DIGEST, { bytes: IMAGE, mediaType: OCI_MEDIA_TYPE.manifest });
    const descriptor = { mediaType: OCI_MEDIA_TYPE.manifest, digest: IMAGE_DIGEST, size: IMAGE.length };
    assert.ok(await client.manifests.follow(name, descriptor));
    for (const wrong of [{ size: 1 }, { mediaType: OCI_MEDIA_TYPE.dockerManifest }])
      await assert.rejects(client.manifests.follow(name, { ...descriptor, ...wrong }), {
        code: "registry-content-mismatch",
      });
  });
});

describe("referrers", () => {
  const referrers = Array.from({ length: 5 }, (_, index) => imageBytes(SUBJECT, `number ${index}`));

  async function pushAll({ client, name }: Opened): Promise<void> {
    for (const bytes of referrers) await client.manifests.put(name, bytes, OCI_MEDIA_TYPE.manifest);
  }

  it("says whether the registry lists what it was given", async (scope) => {
    const answers: boolean[] = [];
    for (const how of [{}, { hidesSubject: true }, { withoutReferrers: "json" as const }]) {
      const { client, name } = await open(scope, how);
      answers.push((await client.manifests.put(name, imageBytes(SUBJECT), OCI_MEDIA_TYPE.manifest)).isListedAsReferrer);
    }
    assert.deepEqual(answers, [true, false, false]);
  });

  for (const link of ["quoted", "bare"] as const)
    it(`reads all pages, next one named ${link}`, async (scope) => {
      const opened = await open(scope, { pageEntries: 2, link });
      await pushAll(opened);
      const { referrers: found, hasApi } = await opened.client.referrers.list(opened.name, IMAGE_DIGEST);
      assert.equal(hasApi, true);
      assert.deepEqual(found.map(({ descriptor }) => descriptor.digest).sort(), referrers.map(digestOf).sort());
    });

  it("takes a list that is null for an empty one", async (scope) => {
    const { client, name } = await open(scope, { nullReferrers: true });
    assert.deepEqual(await client.referrers.listByApi(name, IMAGE_DIGEST), []);
  });

  for (const withoutReferrers of ["text", "json", "html"] as const)
    it(`reads the fallback tag of a registry that has no API and says so in ${withoutReferrers}`, async (scope) => {
      const { client, name } = await open(scope, { withoutReferrers });
      const descriptor = { mediaType: OCI_MEDIA_TYPE.manifest, digest: digestOf(IMAGE), size: 3 };
      const list = serializeOciDocument({ kind: "index", mediaType: OCI_MEDIA_TYPE.index, manifests: [descriptor] });
      await client.manifests.put(name, list, OCI_MEDIA_TYPE.index, referrersTag(IMAGE_DIGEST));
      const found = await client.referrers.list(name, IMAGE_DIGEST);
      assert.deepEqual(found, {
        referrers: [{ descriptor, listedBy: ["tag"] }],
        hasApi: false,
        tagDigest: digestOf(list),
      });
    });

  it("lists once what both places have", async (scope) => {
    const { client, name } = await open(scope);
    const { digest } = await client.manifests.put(name, imageBytes(SUBJECT), OCI_MEDIA_TYPE.manifest);
    const manifests = [{ mediaType: OCI_MEDIA_TYPE.manifest, digest, size: imageBytes(SUBJECT).length }];
    const list = serializeOciDocument({ kind: "index", mediaType: OCI_MEDIA_TYPE.index, manifests });
    await client.manifests.put(name, list, OCI_MEDIA_TYPE.index, referrersTag(IMAGE_DIGEST));
    const found = await client.referrers.list(name, IMAGE_DIGEST);
    assert.deepEqual(
      found.referrers.map(({ listedBy }) => listedBy),
      [["api", "tag"]],
    );
  });

  for (const status of [401, 403, 429, 500, 502, 503])
    it(`is an error, not an empty list, where the API or the tag answers ${status}`, async (scope) => {
      for (const place of ["/referrers/", "/manifests/"]) {
        const instead: Peculiarities["instead"] = (response, { path }) =>
          path.includes(place) && refuse(response, status, "TROUBLE");
        const { client, name } = await open(scope, { instead });
        await assert.rejects(client.referrers.list(name, IMAGE_DIGEST), { name: "SigstoreError" });
      }
    });

  it("does not follow a list to another address, nor round in circles", async (scope) => {
    for (const link of ["http://localhost:1/v2/team/app/x", "/v2/other/referrers/x", ""]) {
      const instead: Peculiarities["instead"] = (response, { path }) => {
        if (!path.includes("/referrers/")) return false;
        const headers = { "content-type": OCI_MEDIA_TYPE.index, link: `<${link}>; rel="next"` };
        response.writeHead(200, headers).end('{"schemaVersion":2,"manifests":[]}');
        return true;
      };
      const { client, name } = await open(scope, { instead });
      await assert.rejects(client.referrers.listByApi(name, IMAGE_DIGEST), { code: "service-answer-invalid" });
    }
  });
});

describe("tags", () => {
  for (const link of ["quoted", "bare", "none"] as const)
    it(`lists all, where the next page is named ${link}`, async (scope) => {
      const { registry, client, name } = await open(scope, { link });
      const tags = ["a", "b", "c", "d", "e"];
      for (const tag of tags) registry.tags.set(tag, IMAGE_DIGEST);
      assert.deepEqual(await client.listTags(name, 2), tags);
    });

  it("tells a repository that is not known from one without tags, where the registry does", async (scope) => {
    const { client, name } = await open(scope);
    await assert.rejects(client.listTags(name), { code: "image-not-found", message: /team\/app.*NAME_UNKNOWN/ });
    const other = await open(scope, { emptyTagsOfUnknown: true });
    assert.deepEqual(await other.client.listTags(other.name), []);
  });
});

describe("deletion", () => {
  it("deletes tag and digest, and says where there was none", async (scope) => {
    const { client, name } = await open(scope);
    await client.manifests.put(name, IMAGE, OCI_MEDIA_TYPE.manifest, "1.0");
    assert.equal(await client.manifests.delete(name, "1.0"), true);
    assert.equal(await client.manifests.delete(name, IMAGE_DIGEST), true);
    assert.equal(await client.manifests.delete(name, IMAGE_DIGEST), false);
    assert.equal(await client.manifests.get(name, IMAGE_DIGEST), undefined);
  });

  it("says what to do where the registry does not delete", async (scope) => {
    const { client, name } = await open(scope, { deletes: false });
    await assert.rejects(client.manifests.delete(name, IMAGE_DIGEST), { code: "service-refused", hint: /turned on/ });
  });
});
