/** Opening a browser: only pages, and no shell; and where there is none to be seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { canOpenBrowser, openBrowser } from "./open-browser.ts";

const NOWHERE = { environment: {}, platform: "win32" };

test("what is no page is not opened", async () => {
  for (const address of ["file:///etc/passwd", "--help", "calc.exe", ""])
    await assert.rejects(openBrowser(address, { environment: {}, platform: "linux" }), TypeError);
});

test("a platform without the program says so", async () => {
  assert.equal(await openBrowser("https://example.test/", NOWHERE), false);
});

test("the variable BROWSER names the program, with arguments; one that fails says so", async () => {
  const named = (text: string): typeof NOWHERE & { environment: Record<string, string> } => ({
    ...NOWHERE,
    environment: { BROWSER: text },
  });
  assert.equal(await openBrowser("https://example.test/", named("true")), true);
  assert.equal(await openBrowser("https://example.test/", named("test -z:other")), false);
  assert.equal(await openBrowser("https://example.test/", named("no-such-program")), false);
});

test("a browser can be seen with a display, or where the platform always has one, but not from afar", () => {
  const can = (environment: Record<string, string>, platform = "linux"): boolean =>
    canOpenBrowser({ environment, platform });
  assert.equal(can({}), false);
  assert.equal(can({ DISPLAY: ":0" }), true);
  assert.equal(can({ WAYLAND_DISPLAY: "wayland-0" }), true);
  assert.equal(can({}, "darwin"), true);
  assert.equal(can({ DISPLAY: "localhost:10", SSH_CONNECTION: "a b c d" }), false);
  assert.equal(can({ SSH_TTY: "/dev/pts/1" }, "darwin"), false);
  assert.equal(can({ SSH_TTY: "/dev/pts/1", BROWSER: "w3m" }), true);
});
