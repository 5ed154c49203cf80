/**
 * The lockfiles hold what a developer's machine needs, wherever it is: every platform's binaries (a registry whose newest
 * packages lack some writes a lockfile that lacks them too), exact versions, and no address of any registry.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ROOT } from "./files.ts";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Lockfile = Readonly<Record<string, LockedPackage>>;

const PLATFORMS = /(?:linux-x64|linux-arm64|darwin-arm64)(?:-gnu)?$/;

function readLockfile(path: string): Lockfile {
  return (JSON.parse(readFileSync(join(ROOT, path), "utf8")) as { packages: Lockfile }).packages;
}

/** Binaries of our platforms that some package names and the lockfile has not. */
function missingBinaries(packages: Lockfile): string[] {
  const named = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
  return named.filter((name) => PLATFORMS.test(name) && packages[`node_modules/${name}`] === undefined);
}

test("a missing binary is seen", () => {
  const tool: LockedPackage = { optionalDependencies: { "@tool/linux-x64": "1.0.0", "@tool/darwin-arm64": "1.0.0" } };
  const packages: Lockfile = { "node_modules/tool": tool, "node_modules/@tool/linux-x64": { version: "1.0.0" } };
  assert.deepEqual(missingBinaries(packages), ["@tool/darwin-arm64"]);
});

for (const path of ["package-lock.json", "bench/package-lock.json", "test/browser/package-lock.json"]) {
  describe(path, () => {
    const packages = readLockfile(path);
    test("has the binaries of every platform that we develop on", () => {
      assert.deepEqual(missingBinaries(packages), []);
    });
    test("names no registry, and says what each package must be", () => {
      const fromRegistry = Object.entries(packages).filter(([name]) => name.startsWith("node_modules/"));
      for (const [name, { link, resolved, integrity }] of fromRegistry) {
        if (link === true) continue;
        assert.equal(resolved, undefined, name);
        assert.match(integrity ?? "", /^sha512-/, name);
      }
    });
    test("pins exactly what we ask for", () => {
      const own = Object.entries(packages).filter(([name]) => !name.startsWith("node_modules/"));
      for (const [name, one] of own) {
        const wanted = { ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies };
        for (const [dependency, version] of Object.entries(wanted)) {
          assert.match(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, `${name} ${dependency}`);
        }
      }
    });
  });
}
