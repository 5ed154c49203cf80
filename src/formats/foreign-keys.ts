/**
 * Files that people give for a key and that hold none of ours: by the label of PEM, by what text says, by the first octets; what each
 * is, and what to do. A table, for formats/key-file.ts.
 */

/** What it is, and what to do. */
type Words = readonly [got: string, hint: string];

const NEW_KEY = "make a key: sigstore key new";
const PGP_HINT = `PGP keys do not sign for Sigstore, and Sigstore's not for PGP; ${NEW_KEY}`;
const REQUEST_HINT = "give the private key that it was made with, or the certificate that came of it";
const PUTTY_HINT = "turn it into OpenSSH's form: puttygen FILE -O private-openssh -o NEW";
const PKCS12_HINT = "take the key out: openssl pkcs12 -in FILE -nocerts -out key.pem";
const LIFT_HINT = "give the key or the certificate itself, as PEM";

/** Labels of PEM. */
export const FOREIGN_LABELS: readonly (readonly [RegExp, ...Words])[] = [
  [/^PGP (?:PRIVATE|SECRET) KEY BLOCK$/, "a PGP private key", PGP_HINT],
  [/^PGP PUBLIC KEY BLOCK$/, "a PGP public key", PGP_HINT],
  [/^PGP /, "a PGP signature or message", PGP_HINT],
  [/^(?:NEW )?CERTIFICATE REQUEST$/, "a certificate request", REQUEST_HINT],
  [/^X509 CRL$/, "a certificate revocation list", LIFT_HINT],
  [/^(?:PKCS7|PKCS #7 SIGNED DATA|CMS)$/, "certificates as PKCS #7", "openssl pkcs7 -print_certs -in FILE lists them"],
  [/^DSA /, "a DSA key", `DSA is not safe any more; ${NEW_KEY}`],
  [/^(?:X9\.42 )?DH PARAMETERS$/, "Diffie-Hellman parameters", "they hold no key"],
  [/^SSH SIGNATURE$/, "a signature by ssh-keygen", "give the key that made it"],
  [/^SIGNED MESSAGE$/, "a signature as CMS", "give the key that made it"],
  [/^AGE ENCRYPTED FILE$/, "a file encrypted by age", "decrypt it first: age --decrypt -i IDENTITY FILE"],
];

/** Beginnings of lines of text. */
export const FOREIGN_TEXTS: readonly (readonly [RegExp, ...Words])[] = [
  [/^AGE-SECRET-KEY-/m, "an age secret key", `age's keys encrypt and do not sign; ${NEW_KEY}`],
  [/^age1/m, "an age recipient", `age's keys encrypt and do not sign; ${NEW_KEY}`],
  [/^PuTTY-User-Key-File-/, "a key of PuTTY", PUTTY_HINT],
  [/^---- BEGIN SSH2 /m, "an SSH key as RFC 4716", "turn it into OpenSSH's form: ssh-keygen -i -f FILE"],
  [/^version https:\/\/git-lfs/, "a pointer of Git LFS", "fetch the file itself: git lfs pull"],
  [/^\s*<(?:!doctype|html|\?xml)/i, "an HTML or XML page", "the download may have answered with an error page"],
  [/^[A-Za-z0-9+/=\s]+$/, "base64 without BEGIN and END lines", "put it into PEM, or decode it first: base64 -d"],
];

/** First octets. */
export const FOREIGN_STARTS: readonly (readonly [readonly number[], ...Words])[] = [
  [[0xff, 0xfe], "text in UTF-16", "save it as UTF-8; redirection in older PowerShell writes UTF-16"],
  [[0xfe, 0xff], "text in UTF-16", "save it as UTF-8; redirection in older PowerShell writes UTF-16"],
  [
    [0xfe, 0xed, 0xfe, 0xed],
    "a Java key store",
    "keytool -importkeystore turns it into PKCS #12, openssl pkcs12 into PEM",
  ],
  [[0x1f, 0x8b], "a compressed archive", "unpack it first"],
  [[0x50, 0x4b, 0x03, 0x04], "a ZIP archive", "unpack it first"],
  // RFC 9580 §4.2: packet tags 5 (secret key) and 6 (public key), old and new headers.
  [[0x94], "a binary PGP key", PGP_HINT],
  [[0x95], "a binary PGP key", PGP_HINT],
  [[0x98], "a binary PGP key", PGP_HINT],
  [[0x99], "a binary PGP key", PGP_HINT],
  [[0xc5], "a binary PGP key", PGP_HINT],
  [[0xc6], "a binary PGP key", PGP_HINT],
];

/** What DER holds that is no key of ours. */
export const FOREIGN_DER: Readonly<Record<"certification-request" | "pkcs12", Words>> = {
  "certification-request": ["a certificate request", REQUEST_HINT],
  pkcs12: ["a PKCS #12 store", PKCS12_HINT],
};
