import crypto from "node:crypto";
import { digest, sha256 } from "./crypto/digest.ts";
import { importPublicKey } from "./crypto/keys.ts";
import { parseSpki } from "./formats/spki.ts";
import { verifySignature, verifyDigestSignature } from "./crypto/verify.ts";
import { algorithmByName, defaultAlgorithm, type SignatureAlgorithm } from "./crypto/algorithms.ts";
import { isOnCurve, NIST_CURVES } from "./crypto/nist-curves.ts";
import { createSigner } from "./crypto/signer.ts";
import { generatePrivateKey, privateKeyFromSeed, importPrivateKey, exportPkcs8 } from "./crypto/private-key.ts";
import { parseEcdsaSignature } from "./crypto/ecdsa.ts";
function med(label: string, f: (i: number) => unknown, N = 300) { for (let i=0;i<Math.min(N,200);i++) f(i); const r: number[] = []; for (let k = 0; k < 9; k++) { const t = process.hrtime.bigint(); for (let i = 0; i < N; i++) f(i); r.push(Number(process.hrtime.bigint() - t) / 1e3 / N); } r.sort((a, b) => a - b); console.log(label.padEnd(52), r[4]!.toFixed(2), "us  min", r[0]!.toFixed(2)); }
const msg = new Uint8Array(256).fill(7);
med("sha256 65 B", () => sha256(msg.subarray(0,65)), 100000);
const b65=msg.slice(0,65);
med("sha256 65 B no subarray", () => sha256(b65), 100000);
med("crypto.hash buffer 65 B", () => crypto.hash("sha256", b65, "buffer"), 100000);
for (const kind of ["ecdsa-p256","ecdsa-p384","ecdsa-p521","ed25519","rsa-2048","rsa-4096"] as const) {
  const priv = generatePrivateKey(kind); const key = priv.publicKey; const spki = key.spki;
  const algs: SignatureAlgorithm[] = [defaultAlgorithm(key)];
  if (kind==="ed25519") algs.push(algorithmByName("PKIX_ED25519_PH"));
  if (kind==="rsa-2048") algs.push(algorithmByName("PKIX_RSA_PSS_2048_SHA256"));
  med(`${kind} parseSpki`, () => parseSpki(spki), 3000);
  med(`${kind} importPublicKey (no native)`, () => importPublicKey(spki), 3000);
  for (const a of algs) {
    const sig = await createSigner(priv, a).sign(msg);
    const N = kind==="ecdsa-p384"||kind==="ecdsa-p521"?60:300;
    const native = crypto.createPublicKey({key:Buffer.from(spki),format:"der",type:"spki"});
    if (a.scheme!=="ed25519ph") { const opt = a.scheme==="rsa-pss"?{key:native,padding:crypto.constants.RSA_PKCS1_PSS_PADDING}:native; med(`${a.name} bare crypto.verify`, () => crypto.verify(a.hash, msg, opt, sig), N);
      med(`${a.name} bare createPublicKey+verify`, () => {const n=crypto.createPublicKey({key:Buffer.from(spki),format:"der",type:"spki"});return crypto.verify(a.hash, msg, a.scheme==="rsa-pss"?{key:n,padding:crypto.constants.RSA_PKCS1_PSS_PADDING}:n, sig)}, N);}
    med(`${a.name} verifySignature`, () => { if(!verifySignature(key, a, msg, sig)) throw 1; }, N);
    med(`${a.name} import+verifySignature`, () => { if(!verifySignature(importPublicKey(spki), a, msg, sig)) throw 1; }, N);
    if (a.hash) { const d = digest(a.hash, msg); med(`${a.name} verifyDigestSignature`, () => { if(!verifyDigestSignature(key, a, d, sig)) throw 1; }, N); }
  }
  med(`${kind} generate`, () => generatePrivateKey(kind), kind.startsWith("rsa")?1:20);
  const p8=exportPkcs8(priv); med(`${kind} importPrivateKey`, () => importPrivateKey(p8), 20);
  if(kind!=="rsa-2048"&&kind!=="rsa-4096") med(`${kind} fromSeed`, (i) => privateKeyFromSeed(kind,Uint8Array.of(i)), 20);
}
