/** The second reader is asked about mutants that verify, which are all harmless: here it is shown the others. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { virtualCases } from "../verify/virtual-cases.ts";
import { bundleMeaning, compareBundles } from "./bundle-meaning.ts";
import { compareRoots, rootMeaning } from "./root-meaning.ts";
import { isSameSignature } from "./tlv.ts";

interface Changeable {
  [name: string]: Changeable & string;
}

const cases = new Map((await virtualCases()).map((one) => [one.name, one]));

function find(name: string): NonNullable<ReturnType<typeof cases.get>> {
  const found = cases.get(name);
  if (found === undefined) throw new TypeError(`expected the case ${name}`);
  return found;
}

/** What is said of a bundle of this case after `change`. */
function judgeBundle(
  name: string,
  change: (bundle: Changeable) => void,
): { forbidden: readonly string[]; allowed: readonly string[] } {
  const { bundle, trustedRoot, artifact } = find(name);
  const changed = JSON.parse(bundle) as Changeable;
  change(changed);
  const { forbidden, allowed } = compareBundles(
    bundleMeaning(bundle),
    JSON.stringify(changed),
    rootMeaning(trustedRoot),
    artifact,
  );
  return { forbidden, allowed: [...allowed] };
}

function judgeRoot(
  name: string,
  change: (root: Changeable) => void,
): { forbidden: readonly string[]; allowed: readonly string[] } {
  const { bundle, trustedRoot } = find(name);
  const changed = JSON.parse(trustedRoot) as Changeable;
  change(changed);
  const { forbidden, allowed } = compareRoots(rootMeaning(trustedRoot), JSON.stringify(changed), bundleMeaning(bundle));
  return { forbidden, allowed: [...allowed] };
}

function member(value: Changeable | undefined, ...path: readonly (string | number)[]): Changeable {
  let current = value;
  for (const name of path) current = current?.[name];
  if (current === undefined) throw new TypeError(`expected ${path.join(".")}`);
  return current;
}

/** The same base64 with one bit of the bytes flipped, near the end. */
function flipped(base64: string, back: number = 3): string & Changeable {
  const bytes = Buffer.from(base64, "base64");
  bytes[bytes.length - back] = (bytes.at(-back) ?? 0) ^ 1;
  return bytes.toString("base64") as string & Changeable;
}

function flipMember(value: Changeable, name: string, back?: number): void {
  value[name] = flipped(String(value[name]), back);
}

const text = (value: string): string & Changeable => value as string & Changeable;
const material = (bundle: Changeable): Changeable => member(bundle, "verificationMaterial");
const entryOf = (bundle: Changeable): Changeable => member(bundle, "verificationMaterial", "tlogEntries", 0);

describe("a bundle that verifies and says something else is told", () => {
  const changes: readonly (readonly [string, string, (bundle: Changeable) => void])[] = [
    ["signature", "message-rekor2", (bundle) => flipMember(member(bundle, "messageSignature"), "signature")],
    ["certificate", "message-rekor2", (bundle) => flipMember(member(material(bundle), "certificate"), "rawBytes")],
    [
      "digest hint",
      "message-rekor2",
      (bundle) => flipMember(member(bundle, "messageSignature", "messageDigest"), "digest"),
    ],
    ["payload", "statement-rekor1", (bundle) => flipMember(member(bundle, "dsseEnvelope"), "payload")],
    [
      "payload type",
      "statement-rekor1",
      (bundle) => {
        member(bundle, "dsseEnvelope")["payloadType"] = text("text/plain");
      },
    ],
    [
      "key id",
      "statement-managed-key",
      (bundle) => {
        member(bundle, "dsseEnvelope", "signatures", 0)["keyid"] = text("another");
      },
    ],
    ["entry body", "message-rekor1", (bundle) => flipMember(entryOf(bundle), "canonicalizedBody")],
    [
      "kind",
      "message-rekor1",
      (bundle) => {
        member(entryOf(bundle), "kindVersion")["kind"] = text("dsse");
      },
    ],
    [
      "promised index",
      "message-rekor1",
      (bundle) => {
        entryOf(bundle)["logIndex"] = text("77");
      },
    ],
    [
      "proved index",
      "message-rekor2",
      (bundle) => {
        entryOf(bundle)["logIndex"] = text("77");
      },
    ],
    [
      "promised time",
      "message-rekor1",
      (bundle) => {
        entryOf(bundle)["integratedTime"] = text("1772366403");
      },
    ],
    [
      "promise",
      "message-rekor1",
      (bundle) => flipMember(member(entryOf(bundle), "inclusionPromise"), "signedEntryTimestamp"),
    ],
    ["proof", "message-rekor2", (bundle) => flipMember(member(entryOf(bundle), "inclusionProof"), "rootHash")],
    [
      "checkpoint",
      "message-rekor2",
      (bundle) => {
        const checkpoint = member(entryOf(bundle), "inclusionProof", "checkpoint");
        checkpoint["envelope"] = text(String(checkpoint["envelope"]).replace("log2026", "log2027"));
      },
    ],
    [
      "signature of a checkpoint",
      "message-rekor2",
      (bundle) => {
        const checkpoint = member(entryOf(bundle), "inclusionProof", "checkpoint");
        checkpoint["envelope"] = text(String(checkpoint["envelope"]).replace(/....\n$/, "AAA=\n"));
      },
    ],
    [
      "timestamp",
      "message-rekor2",
      (bundle) =>
        flipMember(member(material(bundle), "timestampVerificationData", "rfc3161Timestamps", 0), "signedTimestamp"),
    ],
    [
      "all timestamps gone",
      "message-rekor2",
      (bundle) => {
        material(bundle)["timestampVerificationData"] = {} as Changeable & string;
      },
    ],
    [
      "all entries gone",
      "message-rekor2",
      (bundle) => {
        material(bundle)["tlogEntries"] = [] as unknown as Changeable & string;
      },
    ],
    [
      "base64 in two ways",
      "message-rekor2",
      (bundle) => {
        const content = member(bundle, "messageSignature");
        content["signature"] = text(String(content["signature"]).replace(/=*$/, ""));
        content["signature"] = text(`${String(content["signature"])}*`);
      },
    ],
  ];
  for (const [name, caseName, change] of changes) {
    it(name, () => assert.notDeepEqual(judgeBundle(caseName, change).forbidden, []));
  }
});

describe("a bundle that says the same is let pass", () => {
  it("as it is", () =>
    assert.deepEqual(
      judgeBundle("message-rekor2", () => undefined),
      { forbidden: [], allowed: ["notation"] },
    ));
  it("without hint", () =>
    assert.deepEqual(
      judgeBundle("message-rekor2", (bundle) => {
        delete member(bundle, "messageSignature")["messageDigest"];
      }),
      { forbidden: [], allowed: ["message-digest"] },
    ));
  it("of another hint", () =>
    assert.deepEqual(
      judgeBundle("message-managed-key", (bundle) => {
        member(material(bundle), "publicKey")["hint"] = text("x");
      }),
      { forbidden: [], allowed: ["hint"] },
    ));
});

describe("a trusted root that trusts otherwise is told", () => {
  const changes: readonly (readonly [string, (root: Changeable) => void])[] = [
    ["log ID", (root) => flipMember(member(root, "tlogs", 1, "logId"), "keyId")],
    ["key of the log", (root) => flipMember(member(root, "tlogs", 1, "publicKey"), "rawBytes")],
    [
      "range of the log",
      (root) => {
        member(root, "tlogs", 1, "publicKey", "validFor")["end"] = text("2026-01-01T00:00:00Z");
      },
    ],
    [
      "range of the authority",
      (root) => {
        member(root, "certificateAuthorities", 0, "validFor")["end"] = text("2026-01-01T00:00:00Z");
      },
    ],
    [
      "key of the authority",
      (root) => {
        const chain = member(root, "certificateAuthorities", 0, "certChain");
        chain["certificates"] = [member(chain, "certificates", 1)] as unknown as Changeable & string;
      },
    ],
    [
      "range of the timestamp authority",
      (root) => {
        member(root, "timestampAuthorities", 0, "validFor")["start"] = text("2026-03-01T12:00:02Z");
      },
    ],
    [
      "no timestamp authority",
      (root) => {
        root["timestampAuthorities"] = [] as unknown as Changeable & string;
      },
    ],
    ["CT log", (root) => flipMember(member(root, "ctlogs", 0, "logId"), "keyId")],
    [
      "range of the CT log",
      (root) => {
        member(root, "ctlogs", 0, "publicKey", "validFor")["start"] = text("2026-03-01T12:00:01Z");
      },
    ],
  ];
  for (const [name, change] of changes)
    it(name, () => assert.notDeepEqual(judgeRoot("message-rekor2", change).forbidden, []));

  it("but not what is only shown, or not needed", () => {
    assert.deepEqual(
      judgeRoot("message-rekor2", (root) => {
        member(root, "certificateAuthorities", 0)["uri"] = text("x");
      }),
      { forbidden: [], allowed: ["root-label"] },
    );
    assert.deepEqual(
      judgeRoot("message-rekor2", (root) => flipMember(member(root, "tlogs", 0, "logId"), "keyId")),
      { forbidden: [], allowed: ["root-unused-part"] },
    );
  });
});

describe("two ECDSA signatures", () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const integer = (value: bigint): string => {
    const hex = value.toString(16).padStart(64, "0");
    return hex >= "8" ? `022100${hex}` : `0220${hex}`;
  };
  const signature = (r: bigint, s: bigint): string => {
    const content = integer(r) + integer(s);
    return `30${(content.length / 2).toString(16)}${content}`;
  };
  const r = 5n << 248n;
  const s = 3n << 248n;

  it("are the same when s is the other one", () =>
    assert.ok(isSameSignature(signature(r, s), signature(r, order - s))));
  it("are not when r is another, or s any other", () => {
    assert.ok(!isSameSignature(signature(r, s), signature(r + 1n, order - s)));
    assert.ok(!isSameSignature(signature(r, s), signature(r, order - s + 1n)));
    assert.ok(!isSameSignature(signature(r, s), `${signature(r, order - s)}00`));
  });
});
