/**
 * Settings and machines to make plans from.
 *
 * @module
 */

import type { Host } from "../../../core/options/host.ts";
import { makePlan } from "../../../core/options/make_plan.ts";
import {
  type Origin,
  type ResolvedSettings,
  resolveSettings,
} from "../../../core/options/resolve.ts";
import type { Settings } from "../../../core/options/table.ts";
import type { Plan } from "../../../core/plan.ts";

/** A Linux machine, not root, off a terminal. */
export function linux(changes: Partial<Host> = {}): Host {
  return {
    system: "unix",
    os: "linux",
    uid: 1000,
    pid: 4711,
    workingDirectory: "/srv/site",
    temporaryDirectory: "/tmp",
    environment: { LANG: "en_GB.UTF-8" },
    terminal: false,
    interactive: false,
    ...changes,
  };
}

/** A Windows machine. */
export function windows(changes: Partial<Host> = {}): Host {
  return linux({
    system: "windows",
    os: "windows",
    uid: null,
    workingDirectory: "C:\\site",
    temporaryDirectory: "C:\\Temp",
    environment: { USERNAME: "ann" },
    ...changes,
  });
}

/** Settings given on the command line, upon the defaults. */
export function resolved(
  values: Partial<Settings> = {},
  origin: Origin = "command line",
): ResolvedSettings {
  return resolveSettings({ origin, values });
}

/** The settings alone. */
export function settings(values: Partial<Settings> = {}): Settings {
  return resolved(values).settings;
}

/** The plan for a script `app.wsgi` with some settings. */
export function planOf(values: Partial<Settings> = {}, host: Host = linux()): Plan {
  return makePlan(settings({ entryPoint: "app.wsgi", ...values }), host);
}
