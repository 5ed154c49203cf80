/**
 * The peers of this suite: names, pinned versions, and how an ordinary client of a package registry brings each.
 */

/** A program that `go install` builds, and the name it gets. */
interface GoProgram {
  readonly package: string;
  readonly name: string;
}

/** How a peer is had. */
export type PeerSource =
  | {
      readonly kind: "go";
      readonly module: string;
      readonly programs: readonly GoProgram[];
      /** No list of its versions is served, which `go install` asks for: it is built as what a module of ours requires. */
      readonly isRequired?: boolean;
    }
  /** A client of ours over a library: the folder beside this file is built. */
  | { readonly kind: "go-client"; readonly program: string }
  | { readonly kind: "pip"; readonly package: string }
  | { readonly kind: "npm" }
  /** Programs of the machine, and the packages of Debian that bring them where they are absent. */
  | { readonly kind: "system"; readonly programs: readonly string[]; readonly packages: readonly string[] };

/** A program or library of others. */
export interface Peer {
  readonly version: string;
  readonly source: PeerSource;
  /** Seconds from nothing on two cores, roughly. */
  readonly seconds: number;
}

function goPeer(version: string, seconds: number, module: string, programs: Readonly<Record<string, string>>): Peer {
  const list = Object.entries(programs).map(([name, below]) => ({ name, package: `${module}${below}` }));
  return { version, seconds, source: { kind: "go", module, programs: list } };
}

/** All of them, by name. */
export const PEERS = {
  cosign: goPeer("3.1.3", 190, "github.com/sigstore/cosign/v3", { cosign: "/cmd/cosign" }),
  "sigstore-python": { version: "4.5.1", seconds: 11, source: { kind: "pip", package: "sigstore" } },
  "sigstore-js": { version: "5.1.0", seconds: 7, source: { kind: "npm" } },
  "sigstore-go": { version: "1.3.0", seconds: 30, source: { kind: "go-client", program: "sigstore-go-interop" } },
  "tessera-fsck": goPeer("1.0.4", 5, "github.com/transparency-dev/tessera", { "tessera-fsck": "/cmd/fsck" }),
  distribution: goPeer("3.1.2", 170, "github.com/distribution/distribution/v3", { registry: "/cmd/registry" }),
  "ggcr-registry": goPeer("0.22.1", 12, "github.com/google/go-containerregistry", { "ggcr-registry": "/cmd/registry" }),
  olareg: {
    version: "0.1.2",
    seconds: 35,
    source: {
      kind: "go",
      module: "github.com/olareg/olareg",
      programs: [{ name: "olareg", package: "github.com/olareg/olareg/cmd/olareg" }],
      isRequired: true,
    },
  },
  openssl: { version: "3", seconds: 5, source: { kind: "system", programs: ["openssl"], packages: ["openssl"] } },
  fulcio: goPeer("1.8.8", 40, "github.com/sigstore/fulcio", { fulcio: "" }),
  "timestamp-server": goPeer("2.1.3", 58, "github.com/sigstore/timestamp-authority/v2", {
    "timestamp-server": "/cmd/timestamp-server",
  }),
  "rekor-tiles": goPeer("2.3.0", 27, "github.com/sigstore/rekor-tiles/v2", {
    "rekor-server-posix": "/cmd/rekor-server/posix",
  }),
  rekor: goPeer("1.5.4", 77, "github.com/sigstore/rekor", { "rekor-server": "/cmd/rekor-server" }),
  trillian: goPeer("1.8.0", 187, "github.com/google/trillian", {
    trillian_log_server: "/cmd/trillian_log_server",
    trillian_log_signer: "/cmd/trillian_log_signer",
    createtree: "/cmd/createtree",
  }),
  ctfe: goPeer("1.4.0", 53, "github.com/google/certificate-transparency-go", { ct_server: "/trillian/ctfe/ct_server" }),
  mariadb: {
    version: "10",
    seconds: 7,
    source: {
      kind: "system",
      programs: ["mariadbd", "mariadb", "mariadb-install-db"],
      packages: ["mariadb-server-core", "mariadb-client-core"],
    },
  },
} as const satisfies Readonly<Record<string, Peer>>;

/** Name of a peer. */
export type PeerName = keyof typeof PEERS;
