/**
 * What every client needs to know of a set of services, ours or the stock ones.
 */

/** A log of a stack, with the files that send a client there. */
export interface LogTarget {
  readonly name: "rekor2" | "rekor1";
  readonly signingConfig: string;
  /** Trusted root and signing config in one file, for sigstore-python. */
  readonly trustConfig: string;
}

/** Services that run. Files are named by path. */
export interface Stack {
  readonly name: "ours" | "stock";
  readonly issuer: string;
  readonly trustedRoot: string;
  readonly logs: readonly LogTarget[];
  /** File of the certificate authority behind its TLS, where it speaks that and nobody knows the authority. */
  readonly tlsAuthority?: string;
  /** An identity token for this e-mail address, good for some minutes. */
  token(email: string): Promise<string>;
  stop(): Promise<void>;
}
