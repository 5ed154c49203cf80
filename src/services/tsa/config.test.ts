/** Settings of the timestamp authority: defaults, and the chains that it does not start with. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { timestampCertificateFields, intermediateCertificateFields } from "../../authority/authority-certificate.ts";
import { type CertificateFields, issuingAuthority, signCertificate } from "../../authority/issuing-authority.ts";
import { isSigstoreError } from "../../errors.ts";
import { serializeBasicConstraints, serializeExtendedKeyUsage } from "../../formats/x509/extensions.ts";
import { OID } from "../../formats/x509/oids.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { createVirtualSigstore } from "../../testing/virtual-sigstore.ts";
import { tsaSettings } from "./config.ts";

const sigstore = await createVirtualSigstore({ seed: "tsa config" });
const [virtual] = sigstore.current.timestampAuthorities;
assert.ok(virtual !== undefined);
const { root, authority } = virtual;
const { signer, chain } = authority;
const rootDer = chain.at(-1) ?? new Uint8Array();
const other = new VirtualKeys("other").signer("other", "PKIX_ECDSA_P256_SHA_256");

const request = {
  serialNumber: new Uint8Array(20).fill(0x41),
  spki: signer.publicKey.spki,
  subject: [{ oid: OID.commonName, value: "a timestamp authority" }],
  notBeforeMs: sigstore.nowMs,
  notAfterMs: sigstore.nowMs + 86_400_000,
};

async function leafWith(edit: (fields: CertificateFields) => CertificateFields): Promise<Uint8Array> {
  return signCertificate(root.signer, edit(timestampCertificateFields(root, request)));
}

async function usage(oids: readonly string[], critical: boolean): Promise<Uint8Array> {
  return leafWith((fields) => ({
    ...fields,
    extensions: fields.extensions.map((one) =>
      one.oid === OID.extendedKeyUsage ? serializeExtendedKeyUsage({ oids, critical }) : one,
    ),
  }));
}

function refuses(leafAndMore: readonly Uint8Array[], words: RegExp, code = "config-invalid", key = signer): void {
  assert.throws(
    () => tsaSettings({ chain: leafAndMore, signer: key }),
    (error) => isSigstoreError(error) && error.code === code && words.test(error.message),
  );
}

describe("the settings of a timestamp authority", () => {
  test("are the original's where nothing is said", () => {
    const settings = tsaSettings({ chain, signer });
    assert.deepEqual([...settings.acceptedPolicies], [OID.sigstoreTimestampPolicy]);
    assert.deepEqual(
      [settings.certificates, settings.allowExtensions, settings.grantedStatus, settings.clock.accuracyMs],
      ["leaf", false, 200, 1000],
    );
  });

  test("accept the default policy besides those that are named", () => {
    const { acceptedPolicies } = tsaSettings({ chain, signer, defaultPolicy: "1.2", acceptedPolicies: ["1.3"] });
    assert.deepEqual([...acceptedPolicies], ["1.2", "1.3"]);
  });

  test("refuse chains that clients would refuse", async () => {
    refuses([], /at least its root/);
    refuses(chain.slice(0, 1), /at least its root/);
    refuses(chain, /key of the authority/, "config-invalid", other);
    refuses([await usage([OID.timeStamping], false), rootDer], /critical/);
    refuses([await usage([OID.timeStamping, OID.codeSigning], true), rootDer], /nothing else/);
    refuses([await usage([OID.codeSigning], true), rootDer], /nothing else/);
    const isCa = (fields: CertificateFields): CertificateFields => ({
      ...fields,
      extensions: [...fields.extensions, serializeBasicConstraints({ isCa: true })],
    });
    refuses([await leafWith(isCa), rootDer], /end certificate/);
    const forged = await signCertificate(other, timestampCertificateFields(root, request));
    refuses([forged, rootDer], /issuer/, "certificate-path-invalid");
  });

  test("want an intermediate to be for timestamps, unless told otherwise", async () => {
    const intermediateRequest = {
      ...request,
      spki: other.publicKey.spki,
      subject: [{ oid: OID.commonName, value: "intermediate" }],
    };
    const honest = intermediateCertificateFields(root, intermediateRequest, "timeStamping");
    const extensions = honest.extensions.filter(({ oid }) => oid !== OID.extendedKeyUsage);
    const bare = await signCertificate(root.signer, { ...honest, extensions });
    const leaf = await signCertificate(other, timestampCertificateFields(issuingAuthority(bare, other), request));
    refuses([leaf, bare, rootDer], /intermediates/);
    const settings = tsaSettings({ chain: [leaf, bare, rootDer], signer, enforceIntermediateUsage: false });
    assert.equal(settings.authority.chain.length, 3);
  });
});
