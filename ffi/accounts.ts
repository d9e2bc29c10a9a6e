/**
 * Users and groups of a POSIX system (getpwnam(3), getgrnam(3)), and becoming one of them
 * (initgroups(3), setgid(2), setuid(2)).
 *
 * @module
 */
import { failureOf, openCLibrary, type SystemFailure } from "./c_library.ts";

const SYMBOLS = {
  getpwnam: { parameters: ["buffer" /* const char *name */], result: "pointer" },
  getpwuid: { parameters: ["u32" /* uid_t uid */], result: "pointer" },
  getgrnam: { parameters: ["buffer" /* const char *name */], result: "pointer" },
  initgroups: {
    parameters: [
      "buffer", // const char *user
      "u32", // gid_t group (macOS: int)
    ],
    result: "i32",
  },
  setgroups: {
    parameters: [
      "usize", // size_t size (macOS: int)
      "buffer", // const gid_t *list
    ],
    result: "i32",
  },
  setgid: { parameters: ["u32" /* gid_t gid */], result: "i32" },
  setuid: { parameters: ["u32" /* uid_t uid */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Offsets in `struct passwd` and `struct group` (`<pwd.h>`, `<grp.h>`) of 64-bit systems. */
const UID_OFFSET = 16;
const GID_OFFSET = 20;
const GROUP_GID_OFFSET = 16;
const HOME_OFFSET = Deno.build.os === "darwin" ? 48 : 32;

/** An entry of the user database. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Primary group. */
  readonly gid: number;
  readonly home: string;
}

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const calls = () => opened ??= openCLibrary(SYMBOLS);

/** The account of this name, if there is one. */
export function accountByName(name: string): Account | undefined {
  return readAccount(calls().getpwnam(cString(name)));
}

/** The account of this user id, if there is one. */
export function accountById(uid: number): Account | undefined {
  return readAccount(calls().getpwuid(uid));
}

/** The id of the group of this name, if there is one. */
export function groupByName(name: string): number | undefined {
  const group = calls().getgrnam(cString(name));
  return group === null ? undefined : new Deno.UnsafePointerView(group).getUint32(GROUP_GID_OFFSET);
}

/** Who a process is to become. */
export interface Identity {
  /** Null: stays the user that it is. */
  readonly uid: number | null;
  readonly gid: number;
  /** The account whose supplementary groups it gets; null: none but `gid`. */
  readonly groupsOf: string | null;
}

/** A step of `assumeIdentity` that the system refused. */
export interface IdentityFailure extends SystemFailure {
  readonly call: string;
}

/**
 * Changes groups and user of this process with all of its threads, for good. The order is the only one possible: what
 * gives the right to change groups is given up last.
 *
 * @returns the step that failed, after which the process must not go on; undefined when all is done.
 */
export function assumeIdentity({ uid, gid, groupsOf }: Identity): IdentityFailure | undefined {
  const { initgroups, setgroups, setgid, setuid } = calls();
  const groups = () =>
    groupsOf === null ? setgroups(1n, new Uint32Array([gid])) : initgroups(cString(groupsOf), gid);
  const steps: [string, () => number][] = [
    [groupsOf === null ? "setgroups" : "initgroups", groups],
    ["setgid", () => setgid(gid)],
  ];
  if (uid !== null) steps.push(["setuid", () => setuid(uid)]);
  for (const [call, step] of steps) {
    const failure = failureOf(step);
    if (failure !== undefined) return { call, ...failure };
  }
  return undefined;
}

function readAccount(entry: Deno.PointerValue): Account | undefined {
  if (entry === null) return undefined;
  // The entry is the C library's own and is overwritten by the next call.
  const view = new Deno.UnsafePointerView(entry);
  return {
    name: text(view.getPointer(0)),
    uid: view.getUint32(UID_OFFSET),
    gid: view.getUint32(GID_OFFSET),
    home: text(view.getPointer(HOME_OFFSET)),
  };
}

function text(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

function cString(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value + "\0");
}
