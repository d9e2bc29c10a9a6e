import assert from "node:assert/strict";
import { accountById, accountByName, assumeIdentity, groupByName } from "../../ffi/accounts.ts";

// The C library is opened at the first use and stays open: not a leak of the test that comes first.
if (Deno.build.os !== "windows") accountById(0);

const posix = { ignore: Deno.build.os === "windows" };
const byRoot = { ignore: Deno.build.os === "windows" || Deno.uid() !== 0 };

function id(...args: string[]): string {
  return new TextDecoder().decode(new Deno.Command("id", { args }).outputSync().stdout).trim();
}

Deno.test("accountById() and accountByName() give the account of this process", posix, () => {
  const account = accountById(Deno.uid()!);
  assert.ok(account !== undefined);
  assert.equal(account.name, id("-un"));
  assert.equal(account.uid, Deno.uid());
  assert.equal(account.gid, Number(id("-g", account.name)));
  assert.ok(account.home.startsWith("/"));
  assert.deepEqual(accountByName(account.name), account);
});

Deno.test("groupByName() gives the id of the own group", posix, () => {
  assert.equal(groupByName(id("-gn")), Deno.gid());
});

Deno.test("names and ids without an entry give undefined", posix, () => {
  assert.equal(accountByName("no-such-name"), undefined);
  assert.equal(groupByName("no-such-name"), undefined);
  assert.equal(accountById(0x7ffffff0), undefined);
});

Deno.test("assumeIdentity() says which call was refused", {
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
}, () => {
  const failure = assumeIdentity({ uid: 0, gid: 0, groupsOf: null });
  assert.deepEqual([failure?.call, failure?.errno], ["setgroups", 1]);
});

Deno.test(
  "assumeIdentity() changes user, group and supplementary groups of all threads",
  byRoot,
  () => {
    const module = new URL("../../ffi/accounts.ts", import.meta.url);
    const code = `
    import { assumeIdentity } from ${JSON.stringify(module.href)};
    const failure = assumeIdentity({ uid: 4711, gid: 815, groupsOf: null });
    const again = assumeIdentity({ uid: 0, gid: 0, groupsOf: null });
    console.log(JSON.stringify([failure ?? null, again.call, again.errno]));
    console.log(Deno.readTextFileSync("/proc/thread-self/status"));
    for (const { name } of Deno.readDirSync("/proc/self/task")) {
      console.log(Deno.readTextFileSync("/proc/self/task/" + name + "/status"));
    }`;
    const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["eval", code],
      env: { NO_COLOR: "1" },
    }).outputSync();
    const text = new TextDecoder().decode(stdout);
    assert.match(text, /^\[null,"setgroups",1\]/, new TextDecoder().decode(stderr));
    const lines = (name: string) =>
      new Set(
        [...text.matchAll(new RegExp(`^${name}:\\s+(.*?)\\s*$`, "gm"))].map(([, value]) => value),
      );
    assert.deepEqual(lines("Uid"), new Set(["4711\t4711\t4711\t4711"]));
    assert.deepEqual(lines("Gid"), new Set(["815\t815\t815\t815"]));
    assert.deepEqual(lines("Groups"), new Set(["815"]));
  },
);
