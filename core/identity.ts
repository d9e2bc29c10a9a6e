/**
 * Which user and group the application processes run as.
 *
 * @module
 */
import {
  type Account,
  accountById,
  accountByName,
  groupByName,
  type Identity,
} from "../ffi/accounts.ts";
import { ConfigurationError } from "./errors.ts";
import type { ServerPlan } from "./plan.ts";

/** What an application process is told of itself. */
export interface ProcessIdentity {
  /** What it has to become; null: it stays what the server is. */
  readonly change: Identity | null;
  /** HOME, USER, USERNAME and LOGNAME of the account; empty where the user id has no account. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The user database. */
export interface AccountDatabase {
  accountByName(name: string): Account | undefined;
  accountById(uid: number): Account | undefined;
  groupByName(name: string): number | undefined;
}

const SYSTEM: AccountDatabase = { accountByName, accountById, groupByName };

/**
 * The identity for `--user` and `--group`. Both may be numbers, as `1000` or `#1000`.
 *
 * @param uid of this process; null on Windows, where there is nothing to change.
 * @throws {ConfigurationError} where there is no such user or group.
 */
export function processIdentity(
  { user, group }: Pick<ServerPlan, "user" | "group">,
  uid: number | null,
  database: AccountDatabase = SYSTEM,
): ProcessIdentity {
  if (uid === null) return { change: null, environment: {} };
  if (user === null && group === null) {
    return { change: null, environment: variables(database.accountById(uid)) };
  }
  const id = user === null ? uid : numeric(user);
  const account = id === undefined ? database.accountByName(user!) : database.accountById(id);
  if (id === undefined && account === undefined) {
    throw new ConfigurationError(
      `--user "${user}": there is no such user on this system; name another, or give a number`,
    );
  }
  const gid = group === null ? account?.gid : groupId(group, database);
  if (gid === undefined) {
    throw new ConfigurationError(
      `--user "${user}": the user id has no account and so no group; name one with --group`,
    );
  }
  return {
    change: {
      uid: user === null ? null : account?.uid ?? id!,
      gid,
      groupsOf: account?.name ?? null,
    },
    environment: variables(account),
  };
}

function groupId(group: string, database: AccountDatabase): number {
  const gid = numeric(group) ?? database.groupByName(group);
  if (gid !== undefined) return gid;
  throw new ConfigurationError(
    `--group "${group}": there is no such group on this system; name another, or give a number`,
  );
}

/** A user or group id written as a number; `#` before it as Apache takes it. */
function numeric(text: string): number | undefined {
  const digits = /^#?(\d{1,10})$/.exec(text)?.[1];
  // The highest id stands for "no change" in setuid(2).
  return digits === undefined || Number(digits) >= 0xffffffff ? undefined : Number(digits);
}

function variables(account: Account | undefined): Record<string, string> {
  if (account === undefined) return {};
  const { name, home } = account;
  return { HOME: home, USER: name, USERNAME: name, LOGNAME: name };
}
