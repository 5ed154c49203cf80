/** Threads admit what this thread admits, refuse in its words, and end in peace. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { digest } from "../../crypto/digest.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, type SigstoreError } from "../../errors.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { AdmissionPool } from "./admission-pool.ts";
import { type Admission, directAdmission } from "./admission-port.ts";
import { REKOR_ALGORITHMS } from "./admission.ts";

async function bodyOf(text: string, signed: string = text): Promise<Uint8Array> {
  const signer = new VirtualKeys("pool tests").signer("client", "PKIX_ECDSA_P256_SHA_256");
  const rawBytes = base64Encode(signer.publicKey.spki);
  const content = base64Encode(await signer.sign(utf8Encode(signed)));
  const signature = { content, verifier: { publicKey: { rawBytes }, keyDetails: signer.algorithm.name } };
  const hashedRekordRequestV002 = { digest: base64Encode(digest("sha256", utf8Encode(text))), signature };
  return utf8Encode(JSON.stringify({ hashedRekordRequestV002 }));
}

async function refusalOf(admission: Admission, body: Uint8Array): Promise<SigstoreError> {
  const error = await admission.admit(body).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isSigstoreError(error)) return error;
  throw new Error(`expected a refusal, got ${String(error)}`);
}

test("a pool answers as the plain form does", async () => {
  const direct = directAdmission(REKOR_ALGORITHMS);
  const pool = new AdmissionPool(REKOR_ALGORITHMS, 2);
  const bodies = await Promise.all(Array.from({ length: 20 }, (_, at) => bodyOf(`artifact ${at}`)));
  assert.deepEqual(
    await Promise.all(bodies.map((body) => pool.admit(body))),
    await Promise.all(bodies.map((body) => direct.admit(body))),
  );
  assert.equal(await pool.admit(utf8Encode("{}")), undefined);
  for (const body of [utf8Encode("{"), utf8Encode('{"foo":1}'), await bodyOf("one", "another")]) {
    const [a, b] = await Promise.all([refusalOf(pool, body), refusalOf(direct, body)]);
    assert.deepEqual([a.code, a.message, a.hint], [b.code, b.message, b.hint]);
  }
  await pool.stop();
});

test("a pool that stops answers what it was asked", async () => {
  const pool = new AdmissionPool(REKOR_ALGORITHMS, 1);
  const asked = pool.admit(await bodyOf("artifact"));
  await pool.stop();
  assert.equal((await asked)?.kindVersion.kind, "hashedrekord");
});
