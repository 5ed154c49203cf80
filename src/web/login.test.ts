/** Hostile values in every place of every page: they stay text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { PageForm, PageFrame } from "./login-page.ts";
import {
  accountPage,
  continuePage,
  deviceCodePage,
  deviceConfirmPage,
  loginPage,
  messagePage,
  outOfBandPage,
} from "./login.ts";
import { html } from "./markup.ts";

/** All pages with `value` wherever a value can stand. */
function pagesWith(value: string, isDev: boolean): readonly string[] {
  const frame: PageFrame = { instance: value, isDev };
  const form: PageForm = { action: value, formToken: value, fields: { [value]: value } };
  return [
    loginPage(frame, {
      purpose: { kind: "program", client: value, waitsAt: value },
      form,
      name: value,
      problem: value,
    }),
    loginPage(frame, { purpose: { kind: "out-of-band", client: value }, form, name: value }),
    loginPage(frame, { purpose: { kind: "device", userCode: value }, form, name: value }),
    continuePage(frame, { purpose: { kind: "device", userCode: undefined }, form, email: value }),
    deviceCodePage(frame, { form, email: value, typed: value, problem: value }),
    deviceConfirmPage(frame, {
      form,
      email: value,
      device: { userCode: value, client: value, started: value, address: value },
    }),
    outOfBandPage(frame, { code: value, minutes: 5 }),
    messagePage(frame, { title: value, paragraphs: [value], isProblem: true }),
    accountPage(frame, { email: value, signOut: form, deviceAddress: value }),
  ];
}

/** Tags and the names of their attributes: what a page consists of, without its texts and values. */
function skeleton(text: string): string {
  return [...text.matchAll(/<[^>"]*(?:"[^"]*"[^>"]*)*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""')).join("");
}

const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onfocus='alert(1)",
  "</textarea><script>",
  "</title></style><svg onload=alert(1)>",
  "&lt;b&gt;",
  "\u0000<b>\u0000",
  "-->",
  "\ud800<b>",
  "]]>",
  "{{constructor}}",
];

for (const isDev of [false, true]) {
  const plain = pagesWith("plain", isDev).map(skeleton);

  test(`no known trick becomes a tag or an attribute${isDev ? " in development mode" : ""}`, () => {
    for (const value of HOSTILE) assert.deepEqual(pagesWith(value, isDev).map(skeleton), plain, value);
  });

  test(`nor does any text${isDev ? " in development mode" : ""}`, () => {
    const texts = fc.string({
      unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "=", " ", "a", "-", "!", "\u0000", "`"),
    });
    fc.assert(
      fc.property(texts, (value) => {
        // An empty problem is one all the same; an empty address of a device is not shown.
        fc.pre(value !== "");
        assert.deepEqual(pagesWith(value, isDev).map(skeleton), plain);
      }),
    );
  });
}

test("what is markup stays markup, and what is nothing is nothing", () => {
  const inner = html`<b>${"<i>"}</b>`;
  assert.equal(
    html`<p title="${'"'}">${inner}${[inner, "&"]}${false}${undefined}${7}</p>`.text,
    '<p title="&quot;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>&amp;7</p>',
  );
});

test("characters that HTML cannot have are replaced", () => {
  assert.equal(html`${"a\u0000b\u0085c\ud800"}`.text, "a\u{fffd}b\u{fffd}c\u{fffd}");
});

test("every page names its language, its title and its one heading, and has no script", () => {
  for (const text of pagesWith("plain", true)) {
    assert.match(text, /^<!doctype html>\n<html lang="en">/);
    assert.match(text, /<title>[^<]+ – plain<\/title>/);
    assert.equal(text.match(/<h1>/g)?.length, 1);
    assert.equal(text.match(/<main>/g)?.length, 1);
    assert.match(text, /Development mode\./);
    assert.doesNotMatch(text, /<script|https?:\/\//);
    for (const [, id = ""] of text.matchAll(/<label for="([^"]+)"/g)) assert.match(text, new RegExp(`id="${id}"`));
    for (const [, ids = ""] of text.matchAll(/aria-describedby="([^"]+)"/g))
      for (const id of ids.split(" ")) assert.match(text, new RegExp(`id="${id}"`));
  }
});
