/**
 * The first entry of a log of the instance: its own trusted root, as it was when the log began.
 *
 * It says who the log's instance was from the first day on, and it takes the index 0 that some stock clients leave out of their bundles
 * and others then refuse (cosign, sigstore-go and sigstore-js write no zero; sigstore-python wants the field). Signed with a key that is
 * forgotten at once: it binds nobody to anything.
 */
import { sha256 } from "../../crypto/digest.ts";
import { generatePrivateKey } from "../../crypto/private-key.ts";
import { createSigner } from "../../crypto/signer.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import type { RekorService } from "../rekor/service.ts";

/** Puts the trusted root into a log that is empty; any other log stays as it is. @throws SigstoreError as `TiledLog.submit` */
export async function writeFirstEntry(service: RekorService, trustedRoot: Uint8Array): Promise<void> {
  if (service.log.published.treeSize > 0n) return;
  const signer = createSigner(generatePrivateKey("ecdsa-p256"));
  const request = {
    hashedRekordRequestV002: {
      digest: base64Encode(sha256(trustedRoot)),
      signature: {
        content: base64Encode(await signer.sign(trustedRoot)),
        verifier: {
          publicKey: { rawBytes: base64Encode(signer.publicKey.spki) },
          keyDetails: signer.algorithm.name,
        },
      },
    },
  };
  await service.createEntry(utf8Encode(JSON.stringify(request)));
}
