import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asTrustedRootV01, signingConfig, trustedRootV02 } from "../../test/arbitrary-formats.ts";
import {
  CLIENT_TRUST_CONFIG_MEDIA_TYPE,
  parseClientTrustConfig,
  serializeClientTrustConfig,
} from "./client-trust-config.ts";
import { SIGNING_CONFIG_MEDIA_TYPES } from "./signing-config.ts";
import { TRUSTED_ROOT_MEDIA_TYPES } from "./trusted-root.ts";

const CONFIG = {
  mediaType: CLIENT_TRUST_CONFIG_MEDIA_TYPE,
  trustedRoot: { mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.1"] },
  signingConfig: { mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.2"] },
};

function refuses(changes: Record<string, unknown>, message: string | RegExp): void {
  assert.throws(() => parseClientTrustConfig(JSON.stringify({ ...CONFIG, ...changes })), {
    code: "client-trust-config-invalid",
    message,
  });
}

describe("client trust configs", () => {
  it("are read back from what was written, their parts in their own versions", () => {
    const root = fc.oneof(trustedRootV02, trustedRootV02.map(asTrustedRootV01));
    fc.assert(
      fc.property(root, signingConfig, (trustedRoot, config) => {
        const value = { mediaType: CLIENT_TRUST_CONFIG_MEDIA_TYPE, trustedRoot, signingConfig: config };
        assert.deepEqual(parseClientTrustConfig(serializeClientTrustConfig(value)), value);
      }),
    );
  });

  it("are refused when malformed, with the path from the outermost document", () => {
    refuses(
      { mediaType: "application/vnd.dev.sigstore.clienttrustconfig.v0.2+json" },
      /^mediaType: expected .*v0\.1\+json, got "/,
    );
    refuses({ trustedRoot: null }, "trustedRoot: expected an object, got nothing");
    refuses({ signingConfig: null }, "signingConfig: expected an object, got nothing");
    refuses({ signingConfig: 1 }, "signingConfig: expected an object, got 1");
    refuses({ x: 1 }, /^client trust config: .* got unknown field "x"$/);
    refuses({ trustedRoot: { ...CONFIG.trustedRoot, tlogs: [{}] } }, /^trustedRoot\.tlogs\[0\]\.hashAlgorithm: /);
    refuses(
      { signingConfig: { ...CONFIG.signingConfig, caUrls: [{}] } },
      "signingConfig.caUrls[0].url: expected a string, got nothing",
    );
    refuses({ signingConfig: { mediaType: "x" } }, /^signingConfig\.mediaType: expected /);
  });

  it("keep the code of an unsupported trusted root version", () => {
    const trustedRoot = { mediaType: "application/vnd.dev.sigstore.trustedroot.v0.9+json" };
    assert.throws(() => parseClientTrustConfig(JSON.stringify({ ...CONFIG, trustedRoot })), {
      code: "trusted-root-version-unsupported",
      message: /^trustedRoot\.mediaType: expected /,
    });
  });
});
