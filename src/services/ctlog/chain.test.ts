/** Which chains a CT log takes, and which not: each rule by a chain that breaks it alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { intermediateCertificateFields } from "../../authority/authority-certificate.ts";
import { type IssuingAuthority, issuingAuthority, signCertificate } from "../../authority/issuing-authority.ts";
import { sha256 } from "../../crypto/digest.ts";
import { der } from "../../encoding/der.ts";
import { type ErrorCode, isSigstoreError } from "../../errors.ts";
import { precertificateTbs } from "../../formats/sct.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import {
  serializeBasicConstraints,
  serializeExtendedKeyUsage,
  serializeKeyUsage,
} from "../../formats/x509/extensions.ts";
import { OID } from "../../formats/x509/oids.ts";
import { removeExtension, setExtension } from "../../testing/certificate-edits.ts";
import type { Lie } from "../../testing/lie-hooks.ts";
import {
  certificateOf,
  certificateRequest,
  createVirtualCertificateAuthority,
  type VirtualAuthorityOptions,
  type VirtualCertificateAuthority,
} from "../../testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { virtualCertificateChain, virtualPrecertificateChain } from "../../testing/virtual-precertificate.ts";
import { ChainJudge } from "./chain.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const keys = new VirtualKeys("ctlog chain tests");

function optionsOf(changes: Partial<VirtualAuthorityOptions> = {}): VirtualAuthorityOptions {
  return {
    label: "fulcio",
    uri: "https://fulcio.example",
    algorithm: "PKIX_ECDSA_P256_SHA_256",
    organization: "example",
    certificatesValidFor: { startMs: NOW, endMs: NOW + 31_536_000_000 },
    validFor: { startMs: NOW, endMs: undefined },
    ...changes,
  };
}

const authority = await createVirtualCertificateAuthority(keys, optionsOf());
const submission = { keys, authority, notBeforeMs: NOW };
const judge = judgeOf(authority);

function judgeOf(of: VirtualCertificateAuthority): ChainJudge {
  return new ChainJudge(of.chain.slice(-1));
}

function refuses(
  chain: readonly Uint8Array[],
  text: RegExp,
  { code = "certificate-path-invalid", by = judge }: { code?: ErrorCode; by?: ChainJudge } = {},
): Promise<void> {
  return assert.rejects(by.accept(chain, "precertificate"), (error) => {
    assert.ok(isSigstoreError(error, code), String(error));
    assert.match(error.message, text);
    return true;
  });
}

test("a chain that is taken, as it goes on record", async () => {
  const [first = new Uint8Array(0), ...issuers] = await virtualPrecertificateChain(submission);
  const accepted = await judge.accept([first, ...issuers], "precertificate");
  assert.deepEqual(accepted.issuers, issuers);
  assert.deepEqual(accepted.issuerFingerprints, issuers.map(sha256));
  assert.deepEqual(accepted.precertificate, first);
  const tbs = precertificateTbs(parseCertificate(first));
  assert.deepEqual(accepted.entry, { type: "precertificate", issuerKeyHash: authority.issuer.keyHash, tbs });
  assert.equal(
    parseCertificate(first).extensions.length - 1,
    parseCertificate(
      der.sequence(tbs, parseCertificate(first).signatureAlgorithm.raw, der.bitString(new Uint8Array(1))),
    ).extensions.length,
  );
});

test("times are nobody's business here: what is long past is taken", async () => {
  const chain = await virtualPrecertificateChain({ ...submission, notBeforeMs: NOW - 500_000_000_000 });
  assert.equal((await judge.accept(chain, "precertificate")).issuers.length, 2);
});

test("the issuer may be an accepted root itself, with or without its certificate in the chain", async () => {
  const direct = { ...authority, issuer: authority.root, chain: [certificateOf(authority.root)] };
  const chain = await virtualPrecertificateChain({ ...submission, authority: direct });
  for (const submitted of [chain, chain.slice(0, 1)])
    assert.deepEqual((await judge.accept(submitted, "precertificate")).issuers, direct.chain);
});

test("an intermediate may be an accepted root", async () => {
  const [intermediate = new Uint8Array(0)] = authority.chain;
  const chain = await virtualPrecertificateChain(submission);
  const by = new ChainJudge([intermediate]);
  assert.deepEqual((await by.accept(chain.slice(0, 2), "precertificate")).issuers, [intermediate]);
  // The root behind it leads nowhere that is accepted.
  await refuses(chain, /accepted root/, { by });
});

test("precertificate or certificate: each at its own place", async () => {
  await refuses(await virtualCertificateChain(submission), /poison extension\), got a certificate|got a certificate/, {
    code: "certificate-invalid",
  });
  const chain = await virtualPrecertificateChain(submission);
  await assert.rejects(
    judge.accept(chain, "x509"),
    (error) => isSigstoreError(error, "certificate-invalid") && error.hint === "add-pre-chain takes it",
  );
  assert.equal((await judge.accept(await virtualCertificateChain(submission), "x509")).precertificate, undefined);
});

test("a poison that is not critical, not NULL, or beside SCTs", async () => {
  const fieldsWith = (change: Lie<Parameters<ReturnType<typeof setExtension>>[0]>) =>
    virtualCertificateChain({ ...submission, fields: change });
  for (const [critical, value] of [
    [false, [5, 0]],
    [true, [5, 1, 0]],
    [true, []],
    [true, [4, 2, 5, 0]],
  ] as const) {
    const poison = { oid: OID.poison, critical, value: Uint8Array.from(value) };
    await refuses(await fieldsWith(setExtension(poison)), /critical and NULL/, { code: "certificate-invalid" });
  }
  const scts = setExtension({ oid: OID.sctList, critical: false, value: Uint8Array.of(4, 0) });
  await refuses(await virtualPrecertificateChain({ ...submission, fields: scts }), /without SCTs/, {
    code: "certificate-invalid",
  });
});

test("code signing alone", async () => {
  const code = "certificate-usage-invalid";
  await refuses(
    await virtualPrecertificateChain({ ...submission, fields: removeExtension(OID.extendedKeyUsage) }),
    /no extended/,
    { code },
  );
  for (const oids of [[OID.timeStamping], [OID.anyExtendedKeyUsage]]) {
    const fields = setExtension(serializeExtendedKeyUsage({ oids, critical: false }));
    await refuses(await virtualPrecertificateChain({ ...submission, fields }), /code signing/, { code });
  }
});

test("no chain, too many certificates, and no certificates", async () => {
  const [first = new Uint8Array(0), ...issuers] = await virtualPrecertificateChain(submission);
  await refuses([], /1 to 10 certificates, got 0/);
  await refuses([first, ...Array.from({ length: 10 }, () => issuers[0] ?? first)], /1 to 10 certificates, got 11/);
  for (const at of [0, 1, 2]) {
    const chain = [first, ...issuers];
    chain[at] = Uint8Array.of(0x30, 0);
    await refuses(chain, /./, { code: "certificate-invalid" });
    chain[at] = new Uint8Array(65_537);
    await refuses(chain, /at most 65536 bytes/, { code: "input-too-large" });
  }
});

test("issuers out of order, repeated, foreign, or going round", async () => {
  const [first = new Uint8Array(0), intermediate = first, root = first] = await virtualPrecertificateChain(submission);
  await refuses([first, root, intermediate], /followed by its issuer, got another at place 3/);
  await refuses([first, intermediate, intermediate, root], /each certificate once/);
  await refuses([first, root], /issuer of the first certificate to come second/);
  const other = await createVirtualCertificateAuthority(keys, optionsOf({ label: "other" }));
  await refuses([first, ...other.chain], /accepted root/);
  await refuses([first, intermediate, ...other.chain.slice(-1)], /followed by its issuer, got another at place 3/);
  await refuses(await virtualPrecertificateChain({ ...submission, authority: other }), /accepted root/);
  // A root that names itself, again and again.
  await refuses([first, intermediate, ...Array.from({ length: 8 }, () => root)], /each certificate once/);
});

test("signatures: of the leaf, of an issuer, of another root of the same name", async () => {
  const chain = await virtualPrecertificateChain(submission);
  const flip = (bytes: Uint8Array | undefined): Uint8Array => {
    const copy = Uint8Array.from(bytes ?? []);
    copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
    return copy;
  };
  const [first = new Uint8Array(0), intermediate = first, root = first] = chain;
  await refuses([flip(first), intermediate, root], /signed by the second/);
  await refuses([first, flip(intermediate), root], /signed by the next/);
  await refuses([first, intermediate, flip(root)], /accepted root/);
  const forged = await createVirtualCertificateAuthority(keys, optionsOf({ rootKeyLabel: "forged" }));
  await refuses(await virtualPrecertificateChain({ ...submission, authority: forged }), /accepted root/);
  const [forgedFirst = first, forgedIntermediate = first] = await virtualPrecertificateChain({
    ...submission,
    authority: forged,
  });
  await refuses([forgedFirst, forgedIntermediate], /accepted root/);
});

test("issuers that may not issue", async () => {
  const cases: [Lie<Parameters<ReturnType<typeof setExtension>>[0]>, RegExp][] = [
    [removeExtension(OID.basicConstraints), /marked as CA/],
    [setExtension(serializeBasicConstraints({ isCa: false })), /marked as CA/],
    [setExtension(serializeKeyUsage({ digitalSignature: true })), /may sign certificates/],
    [
      setExtension(serializeExtendedKeyUsage({ oids: [OID.timeStamping], critical: false })),
      /issuers for code signing/,
    ],
    [
      setExtension(serializeExtendedKeyUsage({ oids: [OID.codeSigning, "1.3.6.1.4.1.11129.2.4.4"], critical: true })),
      /signed by its issuer/,
    ],
  ];
  for (const [issuingFields, text] of cases) {
    const limited = await createVirtualCertificateAuthority(keys, optionsOf({ issuingFields }));
    await refuses(await virtualPrecertificateChain({ ...submission, authority: limited }), text, {
      by: judgeOf(limited),
    });
  }
});

test("path lengths", async () => {
  const below = await intermediateBelow(authority.issuer);
  const chain = await virtualPrecertificateChain({
    ...submission,
    authority: { ...authority, issuer: below, chain: [certificateOf(below), ...authority.chain] },
  });
  await refuses(chain, /at most 0 authorities below an issuer, got 1/);
});

async function intermediateBelow(issuer: IssuingAuthority): Promise<IssuingAuthority> {
  const signer = keys.signer("below", "PKIX_ECDSA_P256_SHA_256");
  const request = certificateRequest(keys, optionsOf(), "below", signer.publicKey.spki);
  return issuingAuthority(
    await signCertificate(issuer.signer, intermediateCertificateFields(issuer, request, "codeSigning")),
    signer,
  );
}

test("what was judged once is judged the same again, and only then", async () => {
  const by = judgeOf(authority);
  for (let round = 0; round < 3; round += 1) {
    const chain = await virtualPrecertificateChain(submission);
    assert.equal((await by.accept(chain, "precertificate")).issuers.length, 2);
    await refuses([chain[0] ?? new Uint8Array(0), ...chain.slice(1).toReversed()], /./, { by });
  }
  const other = await createVirtualCertificateAuthority(keys, optionsOf({ label: "other" }));
  by.useRoots(other.chain.slice(-1));
  await refuses(await virtualPrecertificateChain(submission), /accepted root/, { by });
});
