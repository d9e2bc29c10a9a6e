import assert from "node:assert/strict";
import { ConfigurationError } from "../../core/errors.ts";
import { type AccountDatabase, processIdentity } from "../../core/identity.ts";

const ACCOUNTS = [
  { name: "root", uid: 0, gid: 0, home: "/root" },
  { name: "www", uid: 33, gid: 44, home: "/srv/www" },
];

const database: AccountDatabase = {
  accountByName: (name) => ACCOUNTS.find((each) => each.name === name),
  accountById: (uid) => ACCOUNTS.find((each) => each.uid === uid),
  groupByName: (name) => name === "web" ? 55 : undefined,
};

const identity = (user: string | null, group: string | null, uid: number | null = 0) =>
  processIdentity({ user, group }, uid, database);

const WWW = { HOME: "/srv/www", USER: "www", USERNAME: "www", LOGNAME: "www" };

Deno.test("--user gives the user's id, group and supplementary groups, and its variables", () => {
  assert.deepEqual(identity("www", null), {
    change: { uid: 33, gid: 44, groupsOf: "www" },
    environment: WWW,
  });
});

Deno.test("--group takes the place of the user's own group", () => {
  assert.deepEqual(identity("www", "web").change, { uid: 33, gid: 55, groupsOf: "www" });
  assert.deepEqual(identity("www", "77").change, { uid: 33, gid: 77, groupsOf: "www" });
});

Deno.test("--group alone changes no user", () => {
  assert.deepEqual(identity(null, "web").change, { uid: null, gid: 55, groupsOf: "root" });
});

Deno.test("numbers are ids, with # before them too", () => {
  for (const user of ["33", "#33"]) {
    assert.deepEqual(identity(user, null).change, { uid: 33, gid: 44, groupsOf: "www" });
  }
});

Deno.test("a user id without an account needs a group, and gets no supplementary ones", () => {
  assert.deepEqual(identity("4711", "web"), {
    change: { uid: 4711, gid: 55, groupsOf: null },
    environment: {},
  });
  assert.throws(() => identity("4711", null), /--user "4711": .* name one with --group/);
});

Deno.test("unknown names are configuration errors that quote them", () => {
  for (
    const [user, group, text] of [
      ["nobody-here", null, /^--user "nobody-here": there is no such user/],
      ["www", "nothing", /^--group "nothing": there is no such group/],
      // The id that means "leave it as it is" to setuid(2).
      ["4294967295", null, /^--user "4294967295": there is no such user/],
    ] as const
  ) {
    assert.throws(
      () => identity(user, group),
      (error) => error instanceof ConfigurationError && text.test(error.message),
    );
  }
});

Deno.test("without --user and --group nothing changes, and the variables are those of the account", () => {
  assert.deepEqual(identity(null, null, 33), { change: null, environment: WWW });
  assert.deepEqual(identity(null, null, 4711), { change: null, environment: {} });
  assert.deepEqual(identity(null, null, null), { change: null, environment: {} });
});
