/** Where credentials of registries are looked for, and in which order. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { readRegistryCredentials } from "./registry-credentials.ts";

interface Scope {
  after(end: () => Promise<void>): void;
}

async function folderWith(scope: Scope, ...files: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "registry-credentials-"));
  scope.after(async () => rm(folder, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), '{"auths":{}}');
  }
  return folder;
}

describe("files of credentials of registries", () => {
  it("are the named one, Docker's, and podman's, those that there are", async (scope) => {
    const all = ["named.json", ".docker/config.json", "run/containers/auth.json", ".config/containers/auth.json"];
    const home = await folderWith(scope, ...all, "docker/config.json");
    const environment = {
      HOME: home,
      XDG_RUNTIME_DIR: join(home, "run"),
      REGISTRY_AUTH_FILE: join(home, "named.json"),
    };
    const pathsOf = async (more: Record<string, string>): Promise<string[]> =>
      (await readRegistryCredentials({ ...environment, ...more })).map(({ path }) => path.slice(home.length + 1));
    assert.deepEqual(await pathsOf({}), all);
    const elsewhere = await pathsOf({ DOCKER_CONFIG: join(home, "docker"), XDG_CONFIG_HOME: "/nowhere" });
    assert.deepEqual(elsewhere, ["named.json", "docker/config.json", "run/containers/auth.json"]);
    assert.deepEqual(await readRegistryCredentials({}), []);
  });

  it("must be there when named, and be readable", async (scope) => {
    const home = await folderWith(scope, "config.json/not-a-file");
    const missing = readRegistryCredentials({ REGISTRY_AUTH_FILE: join(home, "none.json") });
    await assert.rejects(missing, { code: "file-not-found", hint: /REGISTRY_AUTH_FILE/ });
    await assert.rejects(readRegistryCredentials({ DOCKER_CONFIG: home }), { code: "file-unreadable" });
  });
});
