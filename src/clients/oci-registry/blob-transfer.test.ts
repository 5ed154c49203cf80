/** Blobs on their way in and out: checked as they go by, taken up again where they broke, in one piece or in many. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concatBytes } from "../../encoding/bytes.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { HttpClient } from "../http/http-client.ts";
import type { TestScope } from "../http/misbehaving-server.ts";
import { digestOf, startRegistry } from "./misbehaving-registry.ts";
import type { Peculiarities, TestRegistry } from "./misbehaving-registry.ts";
import { RegistryClient } from "./registry-client.ts";
import { blobOf } from "./upload.ts";

const CONTENT = utf8Encode("0123456789".repeat(20_000));
const BLOB = { digest: digestOf(CONTENT), size: CONTENT.length };

interface Opened {
  readonly registry: TestRegistry;
  readonly client: RegistryClient;
  readonly name: { readonly registry: string; readonly repository: string };
}

async function open(scope: TestScope, peculiarities: Peculiarities = {}): Promise<Opened> {
  const registry = await startRegistry(scope, peculiarities);
  const http = new HttpClient({ timeoutMs: 5000, firstWaitMs: 1 });
  scope.after(() => http.close());
  return {
    registry,
    client: new RegistryClient({ http, nowMs: () => 0 }),
    name: { registry: registry.host, repository: "a/b" },
  };
}

function methods({ registry }: Opened): string {
  return registry.requests.map(({ method }) => method).join(" ");
}

describe("blobs that come", () => {
  it("are whole, and remembered when they are small", async (scope) => {
    const opened = await open(scope);
    opened.registry.blobs.set(BLOB.digest, CONTENT);
    for (let count = 0; count < 2; count += 1)
      assert.deepEqual(await opened.client.blobs.read(opened.name, BLOB), CONTENT);
    assert.equal(methods(opened), "GET");
  });

  it("are taken up again where they broke off", async (scope) => {
    const opened = await open(scope, {
      instead: (response, { headers }, count) => {
        if (count > 2) return false;
        const from = count === 1 ? 0 : Number(/\d+/.exec(headers.range ?? "")?.[0]);
        const range = { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` };
        response.writeHead(from === 0 ? 200 : 206, from === 0 ? {} : range);
        response.write(CONTENT.subarray(from, from + 70_000), () => setTimeout(() => response.destroy(), 30));
        return true;
      },
    });
    opened.registry.blobs.set(BLOB.digest, CONTENT);
    assert.deepEqual(await opened.client.blobs.read(opened.name, BLOB), CONTENT);
    const ranges = opened.registry.requests.map(({ headers }) => headers.range);
    assert.deepEqual(ranges, [undefined, "bytes=70000-", "bytes=140000-"]);
  });

  it("skip what is there already where the registry ignores ranges", async (scope) => {
    const opened = await open(scope, {
      instead: (response, _, count) => {
        response.writeHead(200);
        if (count > 1) response.end(CONTENT);
        else response.write(CONTENT.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 30));
        return true;
      },
    });
    assert.deepEqual(await opened.client.blobs.read(opened.name, BLOB), CONTENT);
  });

  const wrong: Readonly<Record<string, Uint8Array>> = {
    "other content": concatBytes(CONTENT.subarray(1), utf8Encode("x")),
    "too little": CONTENT.subarray(1),
    "too much": concatBytes(CONTENT, utf8Encode("x")),
    nothing: new Uint8Array(),
  };
  for (const [what, bytes] of Object.entries(wrong))
    it(`are refused with ${what}, whether the length is said or not`, async (scope) => {
      for (const headers of [{}, { "content-length": String(bytes.length) }]) {
        const opened = await open(scope, {
          instead: (response) => Boolean(response.writeHead(200, headers).end(bytes)),
        });
        await assert.rejects(opened.client.blobs.read(opened.name, BLOB), { code: "registry-content-mismatch" });
      }
    });

  it("are not begun when they are larger than may be, and stop when they do not end", async (scope) => {
    const opened = await open(scope, {
      instead: (response) => {
        const more = (): void => {
          if (!response.destroyed) response.write(CONTENT, () => setImmediate(more));
        };
        more();
        return true;
      },
    });
    await assert.rejects(opened.client.blobs.read(opened.name, BLOB, 10), { code: "input-too-large" });
    assert.equal(opened.registry.requests.length, 0);
    await assert.rejects(opened.client.blobs.read(opened.name, BLOB), { code: "registry-content-mismatch" });
  });
});

describe("blobs that go", () => {
  const locations: readonly Peculiarities[] = [{}, { absoluteLocation: true }];
  for (const how of locations)
    it(`go in one piece, to an address that is ${how.absoluteLocation === true ? "absolute" : "relative"}`, async (scope) => {
      const opened = await open(scope, how);
      assert.equal(await opened.client.uploads.push(opened.name, blobOf(CONTENT)), "sent");
      assert.deepEqual(opened.registry.blobs.get(BLOB.digest), CONTENT);
      assert.equal(methods(opened), "HEAD POST PUT");
      assert.equal(await opened.client.uploads.push(opened.name, blobOf(CONTENT)), "present");
    });

  it("are streamed when they are large", async (scope) => {
    const opened = await open(scope);
    await opened.client.uploads.push(opened.name, blobOf(CONTENT), { chunkBytes: 1000 });
    assert.equal(methods(opened), "HEAD POST PUT");
    assert.deepEqual(opened.registry.blobs.get(BLOB.digest), CONTENT);
  });

  it("are mounted, or sent where the registry does not mount", async (scope) => {
    const mounting = await open(scope);
    mounting.registry.blobs.set(BLOB.digest, CONTENT);
    const options = { mountFrom: "base/image", isNew: true };
    assert.equal(await mounting.client.uploads.push(mounting.name, blobOf(CONTENT), options), "mounted");
    assert.match(mounting.registry.asked()[0] ?? "", /mount=sha256:[0-9a-f]{64}&from=base%2Fimage$/);
    const other = await open(scope, { mounts: false });
    assert.equal(await other.client.uploads.push(other.name, blobOf(CONTENT), options), "sent");
    assert.equal(methods(other), "POST PUT");
  });

  it("go in chunks where they are too large for one", async (scope) => {
    const opened = await open(scope, { mostBytes: 60_000 });
    await opened.client.uploads.push(opened.name, blobOf(CONTENT), { chunkBytes: 50_000, isNew: true });
    assert.equal(methods(opened), "POST PUT POST PATCH PATCH PATCH PATCH PUT");
    assert.deepEqual(opened.registry.blobs.get(BLOB.digest), CONTENT);
  });

  for (const forgetsUploads of [false, true])
    it(`go on when a connection breaks, ${forgetsUploads ? "anew" : "from where it was"}`, async (scope) => {
      let broken = 0;
      const opened = await open(scope, {
        forgetsUploads,
        instead: (response, { method }) => {
          if ((method !== "PUT" && method !== "PATCH") || broken >= 2) return false;
          broken += 1;
          response.destroy();
          return true;
        },
      });
      await opened.client.uploads.push(opened.name, blobOf(CONTENT), { chunkBytes: 100_000, isNew: true });
      assert.deepEqual(opened.registry.blobs.get(BLOB.digest), CONTENT);
      assert.equal(broken, 2);
    });

  it("end where no chunk is ever taken", async (scope) => {
    const opened = await open(scope, {
      instead: (response, { method }) => method !== "POST" && method !== "GET" && Boolean(response.destroy()),
    });
    const pushing = opened.client.uploads.push(opened.name, blobOf(CONTENT), { isNew: true });
    await assert.rejects(pushing, { code: "service-answer-invalid", message: /a\/b/ });
  });

  it("are not finished when they are not what they say", async (scope) => {
    for (const chunkBytes of [1000, 1_000_000]) {
      const opened = await open(scope);
      const source = { ...blobOf(concatBytes(utf8Encode("x"), CONTENT.subarray(1))), ...BLOB };
      const pushing = opened.client.uploads.push(opened.name, source, { isNew: true, chunkBytes });
      await assert.rejects(pushing, { code: "registry-content-mismatch" });
      assert.equal(opened.registry.blobs.size, 0);
    }
  });

  it("do not follow an upload out of TLS, or to nowhere", async (scope) => {
    for (const location of ["", "ftp://localhost/x", "http://"]) {
      const opened = await open(scope, { instead: (response) => Boolean(response.writeHead(202, { location }).end()) });
      const pushing = opened.client.uploads.push(opened.name, blobOf(CONTENT), { isNew: true });
      await assert.rejects(pushing, { code: "service-answer-invalid", message: /where the upload goes on/ });
    }
  });
});
