/** Names of images: what Docker reads, and what nobody should. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assert as assertProperty, property, string } from "fast-check";
import {
  formatImageReference,
  parseImageReference,
  parseRegistryName,
  parseRepositoryName,
} from "./image-reference.ts";

const HEX = "0123456789abcdef".repeat(4);

describe("names of images", () => {
  const read: Readonly<Record<string, string>> = {
    alpine: "index.docker.io/library/alpine:latest",
    "alpine:3.20": "index.docker.io/library/alpine:3.20",
    "bitnami/redis": "index.docker.io/bitnami/redis:latest",
    "docker.io/alpine": "index.docker.io/library/alpine:latest",
    "docker.io/library/alpine": "index.docker.io/library/alpine:latest",
    "registry-1.docker.io/bitnami/redis:7": "index.docker.io/bitnami/redis:7",
    "ghcr.io/owner/app": "ghcr.io/owner/app:latest",
    "GHCR.io/owner/app": "ghcr.io/owner/app:latest",
    "localhost/app": "localhost/app:latest",
    "localhost:5000": "index.docker.io/library/localhost:5000",
    "localhost:5000/app": "localhost:5000/app:latest",
    "localhost:5000/app:v1": "localhost:5000/app:v1",
    "[::1]:5000/app:v1": "[::1]:5000/app:v1",
    "127.0.0.1:5000/a/b/c_d__e-f--g.h": "127.0.0.1:5000/a/b/c_d__e-f--g.h:latest",
    [`app@sha256:${HEX}`]: `index.docker.io/library/app@sha256:${HEX}`,
    [`ghcr.io/o/app:1.0@sha256:${HEX}`]: `ghcr.io/o/app:1.0@sha256:${HEX}`,
    [`ghcr.io/o/app@sha512:${HEX}${HEX}`]: `ghcr.io/o/app@sha512:${HEX}${HEX}`,
    "myhost/app": "index.docker.io/myhost/app:latest",
  };
  for (const [written, full] of Object.entries(read))
    it(`reads ${written.slice(0, 40)}`, () => {
      assert.equal(formatImageReference(parseImageReference(written)), full);
      assert.equal(formatImageReference(parseImageReference(full)), full);
    });

  const refused = [
    "",
    ":1.0",
    "app:",
    "app@",
    "@sha256:",
    `app@sha256:${HEX.toUpperCase()}`,
    "app@sha256:abc",
    `app@md5:${HEX}`,
    `app@sha256:${HEX}@sha256:${HEX}`,
    "App",
    "MyHost/app",
    "ghcr.io/Owner/app",
    "ghcr.io//app",
    "ghcr.io/app/",
    "/app",
    "ghcr.io/../app",
    "ghcr.io/a/../../b",
    "ghcr.io/app?x=1",
    "ghcr.io/app#x",
    "ghcr.io/a%2fb",
    "ghcr.io:0/app",
    "ghcr.io:99999/app",
    "user:password@ghcr.io/app",
    "https://ghcr.io/app",
    "ghcr.io/app:a b",
    "ghcr.io/app\n",
    `ghcr.io/app:${"t".repeat(129)}`,
    `ghcr.io/${"a".repeat(300)}`,
    "0x7f.1/app",
    "127.1/app",
    "-a.io/app",
    "[::1/app",
    "[::g]:1/app",
    "a_b.io/app",
    "gh\u{ff43}r.io/app",
  ];
  for (const name of refused)
    it(`refuses ${JSON.stringify(name).slice(0, 50)}`, () => {
      assert.throws(() => parseImageReference(name), { code: "image-reference-invalid" });
    });

  it("never leaves the host and path that it read", () => {
    assertProperty(
      property(string({ unit: "binary", maxLength: 40 }), (text) => {
        try {
          const { registry, repository } = parseImageReference(text);
          const url = new URL(`https://${registry}/v2/${repository}/manifests/x`);
          assert.equal(url.pathname, `/v2/${repository}/manifests/x`);
          assert.equal(url.username + url.password + url.search + url.hash, "");
        } catch (error) {
          assert.equal((error as { code?: string }).code, "image-reference-invalid");
        }
      }),
    );
  });
});

describe("repositories and registries", () => {
  it("reads a repository without tag or digest, and no other", () => {
    assert.deepEqual(parseRepositoryName("ghcr.io/o/sigs"), { registry: "ghcr.io", repository: "o/sigs" });
    for (const name of ["ghcr.io/o/sigs:1", `ghcr.io/o/sigs@sha256:${HEX}`])
      assert.throws(() => parseRepositoryName(name), { code: "image-reference-invalid" });
  });

  it("reads a registry as people write it for a login", () => {
    const names = ["docker.io", "https://index.docker.io/v1/", "https://ghcr.io", "localhost:5000", "[::1]:5000"];
    assert.deepEqual(names.map(parseRegistryName), [
      "index.docker.io",
      "index.docker.io",
      "ghcr.io",
      "localhost:5000",
      "[::1]:5000",
    ]);
    assert.throws(() => parseRegistryName("ghcr.io/owner"), { code: "image-reference-invalid" });
  });
});
