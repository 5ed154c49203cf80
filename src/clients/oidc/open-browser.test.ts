/** Opening a browser: only pages, and no shell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "./open-browser.ts";

test("what is no page is not opened", async () => {
  for (const address of ["file:///etc/passwd", "--help", "calc.exe", ""])
    await assert.rejects(openBrowser(address, "linux"), TypeError);
});

test("a platform without the program says so", async () => {
  assert.equal(await openBrowser("https://example.test/", "win32"), false);
});
