import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { signingConfig } from "../../test/arbitrary-formats.ts";
import { mutateJson } from "../../test/mutate-json.ts";
import { isSigstoreError } from "../errors.ts";
import { parseSigningConfig, serializeSigningConfig, SIGNING_CONFIG_MEDIA_TYPES } from "./signing-config.ts";
import type { SigningConfig } from "./signing-config.ts";

const SERVICE = {
  url: "https://rekor.example",
  majorApiVersion: 2,
  validFor: { start: "2024-01-01T00:00:00Z" },
  operator: "example.com",
};
const CONFIG = {
  mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.2"],
  caUrls: [{ ...SERVICE, url: "https://fulcio.example", majorApiVersion: 1 }],
  oidcUrls: [{ ...SERVICE, url: "https://oauth.example/auth", majorApiVersion: 1 }],
  rekorTlogUrls: [SERVICE],
  rekorTlogConfig: { selector: "ANY" },
  tsaUrls: [{ ...SERVICE, url: "https://tsa.example/api/v1/timestamp", majorApiVersion: 1 }],
  tsaConfig: { selector: "EXACT", count: 1 },
};
const CONFIG_V01 = {
  mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.1"],
  caUrl: "https://fulcio.example",
  oidcUrl: "https://oauth.example/auth",
  tlogUrls: ["https://rekor.example"],
  tsaUrls: [],
};

function parse(value: unknown): SigningConfig {
  return parseSigningConfig(JSON.stringify(value));
}

function refuses(changes: Record<string, unknown>, message: string | RegExp, base: object = CONFIG): void {
  assert.throws(() => parse({ ...base, ...changes }), { code: "signing-config-invalid", message });
}

function refusesService(changes: Record<string, unknown>, message: string | RegExp): void {
  refuses({ rekorTlogUrls: [{ ...SERVICE, ...changes }] }, message);
}

describe("signing configs", () => {
  it("are read back from what was written, in their own version", () => {
    fc.assert(
      fc.property(signingConfig, (config) =>
        assert.deepEqual(parseSigningConfig(serializeSigningConfig(config)), config),
      ),
    );
  });

  it("are written as stock tools write them", () => {
    assert.equal(serializeSigningConfig(parse(CONFIG)), JSON.stringify(CONFIG));
    assert.equal(serializeSigningConfig(parse(CONFIG_V01)), JSON.stringify(CONFIG_V01));
  });

  it("v0.1 means API version 1, always", () => {
    assert.deepEqual(parse(CONFIG_V01).tlogs, [
      { url: "https://rekor.example", majorApiVersion: 1, validFor: undefined, operator: "" },
    ]);
  });

  it("may lack services and what goes with them", () => {
    const { mediaType } = CONFIG;
    const read = parse({ mediaType });
    assert.deepEqual(read.tlogs, []);
    assert.equal(read.tlogSelection, undefined);
    const [service] = parse({
      mediaType,
      caUrls: [{ url: "http://localhost:5555", majorApiVersion: 1 }],
    }).certificateAuthorities;
    assert.deepEqual(service, { url: "http://localhost:5555", majorApiVersion: 1, validFor: undefined, operator: "" });
    assert.deepEqual(parse({ mediaType: CONFIG_V01.mediaType }).certificateAuthorities, []);
  });

  it("of other versions are refused", () => {
    const mediaType = "application/vnd.dev.sigstore.signingconfig.v0.3+json";
    refuses(
      { mediaType },
      `mediaType: expected ${Object.values(SIGNING_CONFIG_MEDIA_TYPES).join(" or ")}, got "${mediaType}"`,
    );
    refuses({ mediaType: undefined }, "mediaType: expected a string, got nothing");
  });

  it("with fields of the other version are refused", () => {
    refuses({ caUrl: "https://x" }, /got unknown field "caUrl"$/);
    refuses({ caUrls: [] }, /got unknown field "caUrls"$/, CONFIG_V01);
  });

  it("with services without a usable address or version are refused", () => {
    refusesService({ url: "" }, 'rekorTlogUrls[0].url: expected a string, got ""');
    for (const url of ["rekor.example", "ftp://rekor.example", "https://", "file:///etc/passwd", "data:text/plain,a"]) {
      refusesService({ url }, `rekorTlogUrls[0].url: expected an http or https address, got ${JSON.stringify(url)}`);
    }
    for (const majorApiVersion of [0, null, "0"]) {
      refusesService(
        { majorApiVersion },
        "rekorTlogUrls[0].majorApiVersion: expected a version from 1 on, got 0 or nothing",
      );
    }
    for (const majorApiVersion of [-1, 2 ** 32]) {
      refusesService(
        { majorApiVersion },
        `rekorTlogUrls[0].majorApiVersion: expected an integer from 0 to 2^32 - 1, got ${majorApiVersion}`,
      );
    }
    refusesService({ validFor: {} }, "rekorTlogUrls[0].validFor.start: expected a time, got nothing");
    refusesService({ x: 1 }, /^rekorTlogUrls\[0\]: .* got unknown field "x"$/);
    refuses(
      { tlogUrls: ["https://a.example", "b"] },
      'tlogUrls[1]: expected an http or https address, got "b"',
      CONFIG_V01,
    );
    refuses({ tlogUrls: [1] }, "tlogUrls[0]: expected a string, got 1", CONFIG_V01);
    refuses({ caUrl: "b" }, 'caUrl: expected an http or https address, got "b"', CONFIG_V01);
  });

  it("with selections that select nothing certain are refused", () => {
    refuses(
      { rekorTlogConfig: {} },
      'rekorTlogConfig.selector: expected ANY, ALL or EXACT, got "SERVICE_SELECTOR_UNDEFINED"',
    );
    refuses({ rekorTlogConfig: { selector: "SOME" } }, /^rekorTlogConfig\.selector: expected one of .*, got "SOME"$/);
    refuses(
      { tsaConfig: { selector: "EXACT" } },
      "tsaConfig.count: expected a count from 1 on for EXACT, got 0 or nothing",
    );
    refuses({ tsaConfig: { selector: "ANY", count: 2 } }, "tsaConfig.count: expected no count for ANY, got 2");
  });

  it("v0.1 cannot hold two certificate authorities", () => {
    const config = parse(CONFIG_V01);
    const [service] = config.certificateAuthorities;
    assert.ok(service !== undefined);
    assert.throws(() => serializeSigningConfig({ ...config, certificateAuthorities: [service, service] }), TypeError);
  });

  it("give nothing but SigstoreErrors when changed in any one place", () => {
    for (const base of [CONFIG, CONFIG_V01]) {
      for (const { change, text } of mutateJson(base)) {
        try {
          parseSigningConfig(text);
        } catch (error) {
          assert.ok(isSigstoreError(error), `${change}: ${String(error)}`);
        }
      }
    }
  });
});
