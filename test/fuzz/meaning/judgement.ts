/**
 * How far a mutant that still verifies may differ from what it was made of, each kind of difference with the reason why
 * it changes nothing that is told to the user.
 */

/** Every difference that is allowed. */
export const ALLOWED_DIFFERENCES = {
  notation: "white space, order, escapes, snake_case names, numbers as text, null for absent: the same document",
  "media-type": "versions differ in what must be there, and it was there",
  "message-digest": "a hint that nobody signed; where it is there it must be that of the artifact",
  keyid: "a hint that nobody signed; it must not contradict the key hint",
  hint: "a hint that nobody signed: the caller names the key",
  "certificate-chain":
    "trust never comes from the bundle: certificates beside the leaf are not looked at, but for roots",
  "log-index":
    "Rekor v1 without an inclusion promise: nobody signs the index in all shards; the proof's own index is proved",
  "integrated-time":
    "without an inclusion promise nobody signs it: it proves nothing, and must not contradict the certificate",
  "promise-dropped": "the proof and another time are enough",
  "proof-dropped": "v0.1: the promise is enough",
  "proof-unsigned": "v0.1: a proof without checkpoint leads to a root that nobody signed; the promise is what counts",
  "checkpoint-dropped": "v0.1: the promise is enough",
  cosignature: "lines of other keys than the log's are ignored (C2SP signed-note)",
  "signature-twin":
    "ECDSA: (r, n - s) is a signature of the same key over the same message; nothing is known by these bytes",
  "entry-left-out": "an entry of a log that the trusted root does not hold is left out of account",
  "entry-dropped": "another entry is enough",
  "timestamp-left-out": "a timestamp of an authority that the trusted root does not hold is left out of account",
  "timestamp-dropped": "another time is enough",
  "timestamp-twice": "the same timestamp again: one authority counts once",
  "timestamp-unsigned-part":
    "status text, certificates, algorithms list and unsigned attributes: nobody signed them, nobody asks them",
  "root-unused-part": "a log or authority that this bundle does not need",
  "root-less-evidence": "what is not trusted any more is left out of account, and the rest is enough",
  "root-label": "addresses and names are shown to people, nothing more",
  "root-range": "the range still holds every time at which it is asked",
  "root-anchor": "an anchor is trusted for its name and key; nobody signs it but itself",
  "root-key-details": "another name of the same algorithm",
  "root-checkpoint-key": "the first four bytes are those of the log's key still",
} as const;

/** The name of an allowed difference. */
export type AllowedDifference = keyof typeof ALLOWED_DIFFERENCES;

/** What came of comparing a mutant that verifies with its original. */
export class Judgement {
  readonly allowed = new Set<AllowedDifference>();
  readonly forbidden: string[] = [];

  /** Books a difference that changes nothing. */
  allow(difference: AllowedDifference): void {
    this.allowed.add(difference);
  }

  /** Books a difference that changes the meaning. */
  forbid(difference: string): void {
    this.forbidden.push(difference);
  }

  /** Books it as allowed where `isSame`, else as forbidden. */
  allowIf(isSame: boolean, difference: AllowedDifference, otherwise: string): void {
    if (isSame) this.allow(difference);
    else this.forbid(otherwise);
  }
}
