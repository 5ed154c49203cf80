import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findInstance, instances } from "../src/policy/instances/instances.ts";
import { ROOT } from "./files.ts";
import { instanceModule } from "./instance-modules.ts";

test("the modules in src/policy/instances are as the tool writes them", () => {
  for (const instance of instances) {
    const written = readFileSync(join(ROOT, "src", "policy", "instances", `${instance.instance}.ts`), "utf8");
    assert.equal(written, instanceModule(instance, instance.instance === "github"), instance.instance);
  }
});

test("JSON that a template literal would change is refused", () => {
  const instance = findInstance("public");
  for (const text of ['{"a":"`"}', '{"a":"\\n"}', `\${x}`, "{}\r\n"]) {
    assert.throws(() => instanceModule({ ...instance, trustedRoot: text }, false), /template literal/u);
  }
});
