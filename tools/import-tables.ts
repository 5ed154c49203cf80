/**
 * The two tables of the house, as data: which folder may import which, and which part of the platform may be used
 * where.
 *
 * They say the same as the tables of ARCHITECTURE.md; whoever changes one changes the other in the same commit and says
 * why. tools/check-imports.ts reads them.
 */

/** What one folder of src/ may import besides itself, errors.ts and limits.ts, which are open to all. */
export interface ImportRule {
  readonly folders: readonly string[];
  /** Folders of which only the types of ports may be named, with `import type`. */
  readonly types?: readonly string[];
}

const FORMATS = ["formats", "encoding"];
const CRYPTO = ["crypto", ...FORMATS];
const TLOG = ["tlog", ...CRYPTO];
const POLICY = ["verify", ...TLOG];
const VERDICT = ["policy", ...POLICY];
const MONITOR = ["verdict", ...VERDICT];
const SERVICES = ["verdict", "authority", "policy", "verify", "tuf", "tlog", "images", ...CRYPTO, "clients", "web"];
const TESTING = ["authority", "verify", "sign", "tuf", ...TLOG];
const BELOW_COMPOSE = [...MONITOR, "tuf", "authority", "files", "images", "git", "sign", "monitor", "clients", "home"];

/** The first table. A folder that is not in it must not exist. */
export const IMPORT_TABLE: Readonly<Record<string, ImportRule>> = {
  encoding: { folders: [] },
  formats: { folders: ["encoding"] },
  crypto: { folders: FORMATS },
  tlog: { folders: ["crypto", "encoding"] },
  tuf: { folders: TLOG },
  authority: { folders: TLOG },
  verify: { folders: TLOG },
  policy: { folders: POLICY },
  verdict: { folders: VERDICT },
  files: { folders: CRYPTO, types: ["verdict"] },
  images: { folders: CRYPTO, types: ["verdict"] },
  git: { folders: CRYPTO, types: ["verdict"] },
  sign: { folders: POLICY },
  monitor: { folders: MONITOR },
  clients: { folders: TLOG, types: ["sign", "tuf", "images", "monitor"] },
  home: { folders: ["tuf", "policy", ...TLOG] },
  compose: { folders: BELOW_COMPOSE },
  services: { folders: SERVICES },
  testing: { folders: TESTING },
  "testing/instance": { folders: [...TESTING, "testing", "services", "clients"] },
  web: { folders: ["verdict", "tlog", ...FORMATS] },
  cli: { folders: [...BELOW_COMPOSE, "compose", "services", "web"] },
  "index.ts": { folders: [...BELOW_COMPOSE, "compose"] },
};

/** Inside services/, a service imports no other service but these; `instance` joins all. */
export const SHARED_SERVICES: readonly string[] = ["tiled-log", "http"];
export const JOINING_SERVICE = "instance";

/** A part of the platform: how a file is seen to use it, and the files that may (patterns of path.matchesGlob). */
export interface PlatformRule {
  readonly what: string;
  readonly modules?: readonly string[];
  /** Global functions and constructors, seen when the file does not declare the name itself. */
  readonly globals?: readonly string[];
  /** Members of globals, such as `process.env`. */
  readonly members?: readonly string[];
  readonly allowed: readonly string[];
  /** Whether tests beside the source are bound too: no test needs the internet, nor a clock of now. */
  readonly bindsTests?: boolean;
}

const STORAGE_ADAPTERS = "src/services/*/storage-*.ts";
const SERVICE_START = "src/services/*/start.ts";

const NODE_CRYPTOGRAPHY = ["src/crypto/platform.node.ts", "src/crypto/platform.node/**"];
const PORTABLE_CRYPTOGRAPHY = ["src/crypto/platform.browser.ts", "src/crypto/platform.browser/**"];

/** Everything but the pure folders. */
const OUTSIDE_PURE = "files,images,git,sign,monitor,clients,home,compose,services,testing,cli"
  .split(",")
  .map((folder) => `src/${folder}/**`);

/** The second table. */
export const PLATFORM_TABLE: readonly PlatformRule[] = [
  {
    what: "node:crypto",
    modules: ["node:crypto"],
    allowed: [...NODE_CRYPTOGRAPHY, "src/services/http/**"],
  },
  {
    what: "web crypto",
    globals: ["crypto"],
    members: ["globalThis.crypto"],
    allowed: PORTABLE_CRYPTOGRAPHY,
  },
  {
    what: "sockets and fetch",
    modules: ["node:net", "node:tls", "node:http", "node:https", "node:http2", "node:dns", "node:dgram"],
    globals: ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"],
    members: ["globalThis.fetch"],
    allowed: ["src/clients/**", "src/services/http/**", STORAGE_ADAPTERS],
  },
  {
    what: "files",
    modules: ["node:fs", "node:fs/promises"],
    allowed: [
      "src/home/**",
      "src/files/**",
      "src/images/layout/**",
      "src/images/layout.ts",
      STORAGE_ADAPTERS,
      "src/services/*/config.ts",
      "src/services/instance/**",
      "src/cli/**",
    ],
  },
  { what: "node:sqlite", modules: ["node:sqlite"], allowed: ["src/services/*/storage-sqlite*.ts"] },
  {
    what: "child processes",
    modules: ["node:child_process", "node:cluster"],
    allowed: ["src/git/**", "src/clients/**", "src/cli/**"],
  },
  { what: "workers", modules: ["node:worker_threads"], allowed: ["src/services/**", "src/compose/**"] },
  {
    what: "environment and arguments",
    modules: ["node:process"],
    globals: ["process"],
    members: ["globalThis.process"],
    allowed: ["src/cli/**"],
  },
  {
    what: "the clock",
    members: ["Date.now", "performance.now", "performance.timeOrigin"],
    allowed: ["src/cli/**", "src/compose/**", SERVICE_START, "src/services/instance/**"],
    bindsTests: true,
  },
  { what: "terminal", modules: ["node:tty", "node:readline", "node:readline/promises"], allowed: ["src/cli/**"] },
  {
    what: "the machine",
    modules: ["node:os"],
    allowed: ["src/cli/**", "src/home/**", "src/clients/**", "src/compose/**", "src/services/instance/**"],
  },
  { what: "the module loader", modules: ["node:module"], allowed: ["src/cli/**"] },
  {
    what: "Node's own notation (paths, streams, compression)",
    modules: [
      "node:path",
      "node:url",
      "node:util",
      "node:events",
      "node:stream",
      "node:stream/promises",
      "node:zlib",
      "node:timers/promises",
    ],
    allowed: OUTSIDE_PURE,
  },
  { what: "Buffer", globals: ["Buffer"], allowed: [...OUTSIDE_PURE, ...NODE_CRYPTOGRAPHY] },
];

/**
 * What no platform signs (a digest alone, Ed25519ph), the portable curves sign on both; loaded when first asked for.
 */
const PORTABLE_SIGNING = "src/crypto/curve-signing.ts";

/** MD5, by which OpenSSL once made keys of passwords; loaded when such a key is read. */
const PORTABLE_MD5 = "src/crypto/pem-encryption.ts";

/** npm packages: which files of src/ may import which; a package that is not here, none may. */
export const PACKAGE_TABLE: Readonly<Record<string, readonly string[]>> = {
  "@noble/curves": [...PORTABLE_CRYPTOGRAPHY, PORTABLE_SIGNING],
  "@noble/hashes": [...PORTABLE_CRYPTOGRAPHY, PORTABLE_SIGNING, PORTABLE_MD5],
  "@noble/ciphers": ["src/crypto/**"],
  "@noble/post-quantum": PORTABLE_CRYPTOGRAPHY,
  yaml: ["src/services/fulcio/config-file.ts"],
};

/** Packages that tests beside the source may import as well; the portable curves there are a second opinion. */
export const TEST_PACKAGES: readonly string[] = [
  "fast-check",
  "@noble/curves",
  "@noble/hashes",
  "@noble/ciphers",
  "@noble/post-quantum",
];

/**
 * What tests beside the source may import of test/: the material shared with its suites (where vectors lie, what is
 * arbitrary).
 */
export const TEST_FILES = "test/*.ts";
