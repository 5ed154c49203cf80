/** The file of users: read strictly, changed whole, by one at a time; and passwords against it. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ALICE, BOB, testUser } from "../../../test/oidc-provider.ts";
import { isSigstoreError, type SigstoreError } from "../../errors.ts";
import { seededRandom } from "../../testing/seed.ts";
import { LocalUsers } from "./local-users.ts";
import { editUsers, UsersFile } from "./storage-users.ts";
import {
  hashPassword,
  isEmail,
  isUserName,
  parseUsers,
  PASSWORD_PARAMETERS,
  passwordDefect,
  serializeUsers,
  type User,
} from "./users.ts";

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  try {
    await run(join(folder, "users.json"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function invalid(error: unknown): error is SigstoreError {
  return isSigstoreError(error) && ["users-invalid", "json-invalid", "input-empty"].includes(error.code);
}

test("what is written is read back", async () => {
  const users = [await testUser(ALICE), await testUser(BOB)];
  assert.deepEqual(parseUsers(serializeUsers(users)), users);
});

test("a file that is not exactly one of users is refused", async () => {
  const text = serializeUsers([await testUser(ALICE), await testUser(BOB)]);
  const changed = (change: (file: Record<string, unknown>, first: Record<string, unknown>) => void): string => {
    const file = JSON.parse(text) as { users: Record<string, unknown>[] } & Record<string, unknown>;
    change(file, file.users[0] ?? {});
    return JSON.stringify(file);
  };
  const password = (change: Record<string, unknown>): string =>
    changed((_, first) => Object.assign(first["password"] as object, change));
  for (const bad of [
    "",
    "[]",
    "{}",
    `${text} `.repeat(2),
    text.slice(0, -10),
    changed((file) => (file["kind"] = "Passwords")),
    changed((file) => (file["apiVersion"] = "sigstore-ts/v2")),
    changed((file) => (file["more"] = 1)),
    changed((_, first) => (first["admin"] = true)),
    changed((_, first) => (first["name"] = "bob")),
    changed((_, first) => (first["email"] = "BOB@example.com")),
    changed((_, first) => (first["name"] = "Alice")),
    changed((_, first) => (first["name"] = "a@b")),
    changed((_, first) => (first["email"] = "alice")),
    changed((_, first) => (first["id"] = "../x")),
    changed((_, first) => delete first["created"]),
    changed((_, first) => delete first["password"]),
    password({ algorithm: "plain" }),
    password({ cost: 3 }),
    password({ cost: 0 }),
    password({ cost: 2 ** 30 }),
    password({ parallelization: 0 }),
    password({ salt: "AAAA" }),
    password({ hash: "AAAA" }),
    text.replace('"name": "alice"', '"name": "alice", "name": "eve"'),
  ])
    assert.throws(() => parseUsers(bad), invalid, bad.slice(0, 300));
});

test("names and addresses that a certificate can carry, and nothing else", () => {
  for (const name of ["a", "alice", "a.b-c_d", "0x", "a".repeat(64)]) assert.ok(isUserName(name), name);
  for (const name of ["", "A", "-a", "a-", "a b", "a@b", "ä", "a".repeat(65), "a\n"])
    assert.ok(!isUserName(name), name);
  for (const email of ["a@b.co", "Alice+tag@Example.com", "o'neil@a-b.example", "a.b@c.d.museum"])
    assert.ok(isEmail(email), email);
  for (const email of [
    "",
    "a",
    "a@b",
    "@b.co",
    "a@",
    "a@b.co\n",
    "a b@c.de",
    ".a@b.co",
    "a.@b.co",
    "a..b@c.de",
    '"a"@b.co',
    "a@-b.co",
    "a@b-.co",
    "a@b.1",
    "a@[127.0.0.1]",
    "ä@b.co",
    "a@b@c.de",
    `${"a".repeat(65)}@b.co`,
    `a@${"b".repeat(64)}.co`,
    `a@${"b.".repeat(130)}co`,
    "<a@b.co>",
  ])
    assert.ok(!isEmail(email), email);
});

test("a password is long enough, and anything else is its owner's choice", () => {
  const account = { name: "alexander", email: "alexander@example.com" };
  for (const good of ["12345678", "correct horse", "pässwörd", "        1a", "😀😁😂😃😄😅😆😇"])
    assert.equal(passwordDefect(good, account), undefined, good);
  for (const [bad, reason] of [
    ["1234567", /at least 8 characters, got 7/],
    ["😀😁😂😃😄😅😆", /at least 8 characters, got 7/],
    ["Alexander", /not the account's name/],
    ["alexander@example.com", /not the account's name/],
    ["aaaaaaaaaa", /several different/],
    ["x1".repeat(600), /at most 1024 bytes/],
  ] as const) {
    assert.match(passwordDefect(bad, account) ?? "", reason, bad);
    assert.doesNotMatch(passwordDefect(bad, account) ?? "", new RegExp(bad.slice(0, 30)));
  }
});

test("the same letters are the same password, however they were typed", async () => {
  const composed = await hashPassword("pa\u00dfw\u00f6rter", seededRandom("x", "y"), {
    cost: 2,
    blockSize: 1,
    parallelization: 1,
  });
  const user: User = { ...(await testUser(ALICE)), password: composed };
  const users = new LocalUsers({ read: async () => [user] });
  assert.ok((await users.authenticate("alice", "pa\u00dfwo\u0308rter")) !== undefined);
  assert.equal(await users.authenticate("alice", "pa\u00dfworter"), undefined);
});

test("by name or address, and only with the account's own password", async () => {
  const all = [await testUser(ALICE), await testUser(BOB)];
  const users = new LocalUsers({ read: async () => all });
  for (const name of ["alice", "ALICE", " alice ", "alice@example.com", "ALICE@EXAMPLE.COM"])
    assert.equal((await users.authenticate(name, ALICE.password))?.email, ALICE.email, name);
  for (const [name, password] of [
    ["alice", BOB.password],
    ["alice", ""],
    ["alice", `${ALICE.password} `],
    ["bob", ALICE.password],
    ["", ALICE.password],
    ["eve", BOB.password],
    ["alice@example.org", ALICE.password],
  ] as const)
    assert.equal(await users.authenticate(name, password), undefined, name);
});

test("a name that nobody has costs one derivation with the same parameters, as a wrong password does", async () => {
  for (const list of [[await testUser(ALICE), await testUser(BOB)], []] as readonly (readonly User[])[]) {
    const costs = [];
    for (const name of ["alice", "nobody", ""]) {
      const asked: unknown[] = [];
      const users = new LocalUsers({ read: async () => list }, async (password, salt, parameters) => {
        asked.push([password.length, salt.length, parameters]);
        return new Uint8Array(32);
      });
      assert.equal(await users.authenticate(name, "a wrong password"), undefined);
      costs.push(asked);
    }
    assert.deepEqual(costs[1], costs[0]);
    assert.deepEqual(costs[2], costs[0]);
    assert.deepEqual(costs[0], [[16, 16, list[0]?.password.parameters ?? PASSWORD_PARAMETERS]]);
  }
  assert.ok(128 * PASSWORD_PARAMETERS.cost * PASSWORD_PARAMETERS.blockSize >= 32 * 1024 * 1024);
});

test("many passwords at once: few are checked, some wait, the rest is told to come back", async () => {
  const all = [await testUser(ALICE)];
  const users = new LocalUsers({ read: async () => all });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, () => users.authenticate("alice", ALICE.password)),
  );
  const refused = outcomes.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 100 - 2 - 64);
  for (const outcome of refused)
    assert.ok(outcome.status === "rejected" && isSigstoreError(outcome.reason, "login-refused"));
  assert.ok((await users.authenticate("alice", ALICE.password)) !== undefined, "and afterwards all is as before");
});

test("the file is its owner's alone, whole, and read again when it changes", async () => {
  await inFolder(async (path) => {
    const file = new UsersFile(path);
    assert.deepEqual(await file.read(), [], "no file, no users");
    const [alice, bob] = [await testUser(ALICE), await testUser(BOB)];
    await editUsers(path, (users) => [...users, alice]);
    assert.deepEqual(await file.read(), [alice]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await editUsers(path, (users) => [...users, bob]);
    assert.deepEqual(await file.read(), [alice, bob]);
    await editUsers(path, () => [bob]);
    assert.deepEqual(await file.read(), [bob]);
    assert.deepEqual(readdirSync(join(path, "..")).toSorted(), ["users.json", "users.json.lock"]);
    rmSync(path);
    assert.deepEqual(await file.read(), []);
  });
});

test("twenty changes at once are all there", async () => {
  await inFolder(async (path) => {
    const accounts = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        testUser({ ...ALICE, name: `user-${at}`, email: `user-${at}@example.com` }),
      ),
    );
    await Promise.all(accounts.map((account) => editUsers(path, (users) => [...users, account])));
    const names = (await new UsersFile(path).read()).map(({ name }) => name);
    assert.deepEqual(names.toSorted(), accounts.map(({ name }) => name).toSorted());
  });
});

test("a change that is refused, or makes twins, changes nothing", async () => {
  await inFolder(async (path) => {
    const alice = await testUser(ALICE);
    await editUsers(path, () => [alice]);
    const before = readFileSync(path, "utf8");
    await assert.rejects(
      editUsers(path, () => {
        throw new TypeError("no");
      }),
      TypeError,
    );
    await assert.rejects(
      editUsers(path, (users) => [...users, { ...alice, id: "A".repeat(22), name: "other" }]),
      (error) => isSigstoreError(error, "users-invalid"),
    );
    assert.equal(readFileSync(path, "utf8"), before);
    await editUsers(path, () => []);
    assert.deepEqual(await new UsersFile(path).read(), []);
  });
});

test("a file that others may read, or that is damaged, lets nobody in, and says what to do", async () => {
  await inFolder(async (path) => {
    await editUsers(path, () => []);
    chmodSync(path, 0o640);
    await assert.rejects(new UsersFile(path).read(), (error) => {
      assert.ok(isSigstoreError(error, "users-invalid"));
      assert.match(error.message, /expected rights for its owner alone \(0600\), got 0640/);
      assert.equal(error.hint, `chmod 600 ${path}`);
      return true;
    });
    chmodSync(path, 0o600);
    const file = new UsersFile(path);
    assert.deepEqual(await file.read(), []);
    writeFileSync(path, "{");
    await assert.rejects(
      file.read(),
      (error) => isSigstoreError(error, "users-invalid") && error.message.includes(path),
    );
  });
});
