/**
 * Making of the authorities and logs of a virtual Sigstore, each by a label from which its keys follow.
 */
import type { CertificateFields } from "../authority/issuing-authority.ts";
import type { ValidityRange } from "../formats/trusted-root.ts";
import type { Lie } from "./lie-hooks.ts";
import {
  createVirtualCertificateAuthority,
  type VirtualAuthorityOptions,
  type VirtualCertificateAuthority,
} from "./virtual-certificate-authority.ts";
import { VirtualCtLog } from "./virtual-ct-log.ts";
import type { VirtualKeys } from "./virtual-keys.ts";
import { VirtualLog } from "./virtual-log.ts";
import { YEAR_MS } from "./virtual-sigstore-options.ts";
import type { CompleteOptions } from "./virtual-sigstore-options.ts";
import { createVirtualTimestampAuthority, type VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";

/** The parties of one time. Of logs the last is in use. */
export interface VirtualParties {
  readonly certificateAuthority: VirtualCertificateAuthority;
  readonly ctLogs: readonly VirtualCtLog[];
  readonly rekorV1: readonly VirtualLog[];
  readonly rekorV2: readonly VirtualLog[];
  readonly timestampAuthorities: readonly VirtualTimestampAuthority[];
}

/** What may be said of a party besides its label. */
export interface PartyOptions {
  /** How long the trusted root trusts it. */
  readonly validFor?: ValidityRange;
  /** How long its certificates are valid. */
  readonly certificatesValidFor?: { readonly startMs: number; readonly endMs: number };
  /** Rekor v1: entries in the shards before. */
  readonly firstIndex?: bigint;
  readonly treeId?: bigint;
  /** Gives the root another key, under the same name. */
  readonly rootKeyLabel?: string;
  /** Falsifies a certificate before it is signed: the root, or the one that issues or stamps. */
  readonly rootFields?: Lie<CertificateFields>;
  readonly issuingFields?: Lie<CertificateFields>;
}

/** Makes parties from the options and keys of one virtual Sigstore. */
export class PartyFactory {
  readonly #options: CompleteOptions;
  readonly #keys: VirtualKeys;

  constructor(options: CompleteOptions, keys: VirtualKeys) {
    this.#options = options;
    this.#keys = keys;
  }

  /** A certificate authority, root and intermediate. */
  async certificateAuthority(label: string, party: PartyOptions = {}): Promise<VirtualCertificateAuthority> {
    return createVirtualCertificateAuthority(this.#keys, {
      ...this.#authority(label, party),
      algorithm: this.#options.certificateAuthorityAlgorithm,
    });
  }

  /** A timestamp authority, root and leaf. */
  async timestampAuthority(label: string, party: PartyOptions = {}): Promise<VirtualTimestampAuthority> {
    return createVirtualTimestampAuthority(this.#keys, {
      ...this.#authority(label, party),
      algorithm: this.#options.timestampAuthorityAlgorithm,
    });
  }

  /** A CT log. */
  ctLog(label: string, party: PartyOptions = {}): VirtualCtLog {
    return new VirtualCtLog({
      baseUrl: this.#url(label),
      signer: this.#keys.signer(label, this.#options.ctLogAlgorithm),
      validFor: party.validFor ?? this.#defaultRange(),
      isStatic: this.#options.hasStaticCtLogs,
    });
  }

  /** A log of Rekor v1 or v2. */
  log(version: 1 | 2, label: string, party: PartyOptions = {}): VirtualLog {
    const { rekorV1Algorithm, rekorV2Algorithm, earlierEntries } = this.#options;
    return new VirtualLog({
      version,
      hostname: this.#hostname(label),
      signer: this.#keys.signer(label, version === 1 ? rekorV1Algorithm : rekorV2Algorithm),
      validFor: party.validFor ?? this.#defaultRange(),
      earlierEntries,
      treeId: party.treeId ?? 1_193_050_959_916_656_506n,
      firstIndex: party.firstIndex ?? 0n,
    });
  }

  #authority(label: string, party: PartyOptions): Omit<VirtualAuthorityOptions, "algorithm"> {
    return {
      label,
      uri: this.#url(label),
      organization: this.#options.domain,
      certificatesValidFor: party.certificatesValidFor ?? this.#certificateRange(),
      validFor: party.validFor ?? this.#defaultRange(),
      ...(party.rootKeyLabel !== undefined && { rootKeyLabel: party.rootKeyLabel }),
      ...(party.rootFields && { rootFields: party.rootFields }),
      ...(party.issuingFields && { issuingFields: party.issuingFields }),
    };
  }

  /** Authorities certify themselves for ten years, six of which have passed. */
  #certificateRange(): { startMs: number; endMs: number } {
    return { startMs: this.#options.nowMs - 6 * YEAR_MS, endMs: this.#options.nowMs + 4 * YEAR_MS };
  }

  #defaultRange(): ValidityRange {
    return { startMs: this.#options.nowMs - YEAR_MS / 2, endMs: undefined };
  }

  #url(label: string): string {
    return `https://${this.#hostname(label)}`;
  }

  #hostname(label: string): string {
    return `${label}.${this.#options.domain}`;
  }
}
