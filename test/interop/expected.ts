/**
 * What stock clients cannot do, by name and with the reason. Whatever else fails is a fault of ours until shown otherwise; what is listed here
 * and passes is told too.
 */
import type { ClientName, SignedKind } from "./clients/client.ts";
import type { LogTarget } from "./stack.ts";

/** One cell of the matrix; without a verifier it is the signature itself. */
export interface Attempt {
  readonly log: LogTarget["name"];
  readonly kind: SignedKind;
  readonly signer: ClientName;
  readonly verifier?: ClientName;
}

interface Expectation {
  readonly attempt: Partial<Attempt>;
  readonly step: "sign" | "verify";
  readonly reason: string;
}

const EXPECTED: readonly Expectation[] = [
  {
    attempt: { log: "rekor2", kind: "attestation", signer: "sigstore-js" },
    step: "sign",
    reason: "sigstore-js sends an entry of type dsse, Rekor v2 takes hashedrekord alone",
  },
  {
    attempt: { kind: "attestation", signer: "cosign", verifier: "sigstore-python" },
    step: "verify",
    reason: "cosign attests Statement v0.1, sigstore-python reads v1 alone",
  },
];

/** Why this attempt must fail; undefined when it must not. */
export function expectedFailure(attempt: Attempt): string | undefined {
  const step = attempt.verifier === undefined ? "sign" : "verify";
  const matches = (expected: Expectation): boolean =>
    expected.step === step &&
    Object.entries(expected.attempt).every(([name, value]) => attempt[name as keyof Attempt] === value);
  return EXPECTED.find(matches)?.reason;
}

/** sigstore-js verifies the signature of a statement and never looks at the file that the statement is about. */
export function looksAtFile({ kind, verifier }: Attempt): boolean {
  return !(kind === "attestation" && verifier === "sigstore-js");
}
