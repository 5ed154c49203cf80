/**
 * `sign-bundle` as the public harness calls it, against an instance that the suite starts: what it writes must verify by
 * `verify-bundle`, for the signer and for nobody else.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startInstance } from "../../src/services/instance/start.ts";
import { fetchInstanceToken } from "../instance-login.ts";
import type { Suite } from "../suite.ts";

const PERSON = "conformance@example.com";

/** Runs the cases; `run` is the executable of the client. */
export async function runSigningCases(
  suite: Suite,
  run: (argv: readonly string[]) => Promise<number | null>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sigstore-conformance-"));
  const at = (name: string): string => join(folder, name);
  const instance = await startInstance({ folder: at("instance"), port: 0, dev: true, log: () => undefined });
  try {
    const token = (await fetchInstanceToken(instance.url, PERSON, Date.now)).reveal();
    const trust = ["--trusted-root", at("instance/trust/trusted_root.json")];
    const services = [...trust, "--signing-config", at("instance/trust/signing_config.json")];
    const expect = async (exitCode: number, argv: readonly string[]): Promise<void> => {
      const found = await run(argv);
      if (found !== exitCode) throw new Error(`expected exit code ${exitCode}, got ${found}`);
    };
    const verify = (bundle: string, file: string, identity = PERSON): readonly string[] => {
      const signer = ["--certificate-identity", identity, "--certificate-oidc-issuer", instance.issuer];
      return ["verify-bundle", "--bundle", at(bundle), ...signer, ...trust, at(file)];
    };
    const sign = (bundle: string, file: string, ...flags: readonly string[]): readonly string[] => [
      "sign-bundle",
      ...flags,
      "--identity-token",
      token,
      "--bundle",
      at(bundle),
      ...services,
      at(file),
    ];
    writeFileSync(at("artifact"), "an artifact");
    writeFileSync(at("other"), "another artifact");
    await suite.case("sign-bundle, and verify-bundle of it", async () => {
      await expect(0, sign("bundle", "artifact"));
      await expect(0, verify("bundle", "artifact"));
      await expect(1, verify("bundle", "other"));
      await expect(1, verify("bundle", "artifact", "somebody@example.com"));
      return "verified, and refused for another file and signer";
    });
    await suite.case("sign-bundle --in-toto", async () => {
      writeFileSync(at("statement"), statementAbout(readFileSync(at("artifact"))));
      await expect(0, sign("attestation", "statement", "--in-toto"));
      await expect(0, verify("attestation", "artifact"));
      await expect(1, verify("attestation", "other"));
      return "verified, and refused for another file";
    });
    await suite.case("sign-bundle with a token of nobody", async () => {
      const forged = `${token.slice(0, -8)}AAAAAAAA`;
      await expect(
        1,
        sign("forged", "artifact").map((word) => (word === token ? forged : word)),
      );
      return "refused";
    });
  } finally {
    await instance.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function statementAbout(artifact: Uint8Array): string {
  const sha256 = createHash("sha256").update(artifact).digest("hex");
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "artifact", digest: { sha256 } }],
    predicateType: "https://example.com/predicate/v1",
    predicate: {},
  });
}
