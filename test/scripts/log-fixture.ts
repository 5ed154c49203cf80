/**
 * Folders of logs for scripts: a log of signatures, or of certificates, with its public key beside it.
 */
import { writeFileSync } from "node:fs";
import { rekorV2Log } from "../../src/authority/checkpoint.ts";
import { sha256 } from "../../src/crypto/digest.ts";
import { serializePem } from "../../src/encoding/pem.ts";
import { utf8Encode } from "../../src/encoding/text.ts";
import { CtLogService } from "../../src/services/ctlog/service.ts";
import { noteLogIdentity } from "../../src/services/tiled-log/log-identity.ts";
import { openLocalStorage } from "../../src/services/tiled-log/storage-local.ts";
import { TiledLog } from "../../src/services/tiled-log/tiled-log.ts";
import { createVirtualCertificateAuthority } from "../../src/testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../../src/testing/virtual-keys.ts";
import { virtualPrecertificateChain } from "../../src/testing/virtual-precertificate.ts";
import { hashLeaf } from "../../src/tlog/merkle.ts";

const ORIGIN = "log.example";
const HOLDER = "the fixture";

/** Makes `folder` a log of `kind` (`rekor`, `ct`) with this many entries, and `<folder>.pub` its key. */
export async function makeLog(folder: string, kind: string, entries: number, nowMs: number): Promise<void> {
  const keys = new VirtualKeys("scripts: log");
  const signer = keys.signer("log", "PKIX_ECDSA_P256_SHA_256");
  writeFileSync(`${folder}.pub`, serializePem("PUBLIC KEY", signer.publicKey.spki));
  const storage = openLocalStorage({ folder, origin: ORIGIN, holder: HOLDER });
  const common = { storage, nowMs: () => nowMs };
  if (kind === "ct") {
    const authority = await createVirtualCertificateAuthority(keys, {
      label: "fulcio",
      uri: "https://fulcio.example",
      algorithm: "PKIX_ECDSA_P256_SHA_256",
      organization: "example",
      certificatesValidFor: { startMs: nowMs, endMs: nowMs + 31_536_000_000 },
      validFor: { startMs: nowMs, endMs: undefined },
    });
    const log = await CtLogService.open({ ...common, origin: ORIGIN, signer, roots: authority.chain.slice(-1) });
    for (let at = 0; at < entries; at += 1)
      await log.addPrecertificate(await virtualPrecertificateChain({ keys, authority, notBeforeMs: nowMs }));
    await log.stop();
    return;
  }
  const log = await TiledLog.open({ ...common, identity: noteLogIdentity(rekorV2Log(ORIGIN, signer)) });
  const texts = Array.from({ length: entries }, (_, at) =>
    utf8Encode(`entry ${at} ${sha256(utf8Encode(`${at}`)).join()}`),
  );
  await Promise.all(
    texts.map((bytes) =>
      log.submit({ duplicateKey: hashLeaf(bytes), maximumBytes: bytes.length, serialize: () => bytes }),
    ),
  );
  await log.stop();
}
