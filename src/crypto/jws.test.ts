/** Signatures of tokens: the examples of the RFCs, and names that mean nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { base64UrlDecode } from "../encoding/base64.ts";
import { utf8Encode } from "../encoding/text.ts";
import { parseJsonWebKeySet } from "../formats/jwk.ts";
import { JWS_ALGORITHMS, verifyJws } from "./jws.ts";
import { importPublicKey, type PublicKey } from "./keys.ts";

function keyOf(jwk: Readonly<Record<string, string>>): PublicKey {
  const [key] = parseJsonWebKeySet(JSON.stringify({ keys: [jwk] }));
  assert.ok(key !== undefined);
  return importPublicKey(key.spki);
}

// RFC 7515, appendix A.2 (RS256), A.3 (ES256); RFC 8037, appendix A.4 (EdDSA).
const EXAMPLES = [
  {
    algorithm: "RS256",
    key: keyOf({
      kty: "RSA",
      n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
      e: "AQAB",
    }),
    token:
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
  },
  {
    algorithm: "ES256",
    key: keyOf({
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }),
    token:
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
  },
  {
    algorithm: "EdDSA",
    key: keyOf({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
    token:
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
  },
] as const;

for (const { algorithm, key, token } of EXAMPLES) {
  const at = token.lastIndexOf(".");
  const input = utf8Encode(token.slice(0, at));
  const signature = base64UrlDecode(token.slice(at + 1));

  test(`${algorithm} verifies the RFC's example, and no other algorithm does`, () => {
    assert.equal(verifyJws(key, algorithm, input, signature), true);
    for (const other of [...JWS_ALGORITHMS, "HS256", "none", "", "__proto__"])
      if (other !== algorithm) assert.equal(verifyJws(key, other, input, signature), false, other);
  });

  test(`${algorithm} refuses every other signature, also of another length`, () => {
    for (const length of [0, 1, signature.length - 1])
      assert.equal(verifyJws(key, algorithm, input, signature.subarray(0, length)), false);
    assert.equal(verifyJws(key, algorithm, input, Uint8Array.of(...signature, 0)), false);
    assert.equal(verifyJws(key, algorithm, input, new Uint8Array(signature.length)), false);
    assert.equal(verifyJws(key, algorithm, utf8Encode("other"), signature), false);
  });
}
