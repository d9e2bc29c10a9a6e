/**
 * The one table of options. To add an option, write its declaration into the file of its group.
 *
 * @module
 */

import type { Option, OptionGroup, SettingsOf } from "./option.ts";
import { access } from "./groups/access.ts";
import { debugging } from "./groups/debugging.ts";
import { entryPoint } from "./groups/entry_point.ts";
import { environment } from "./groups/environment.ts";
import { files } from "./groups/files.ts";
import { identity } from "./groups/identity.ts";
import { legacy } from "./groups/legacy.ts";
import { logging } from "./groups/logging.ts";
import { metrics } from "./groups/metrics.ts";
import { processes } from "./groups/processes.ts";
import { protocol } from "./groups/protocol.ts";
import { proxying } from "./groups/proxying.ts";
import { reloading } from "./groups/reloading.ts";
import { services } from "./groups/services.ts";
import { timeouts } from "./groups/timeouts.ts";
import { tls } from "./groups/tls.ts";

/** The groups in the order of help and reference, each with its title. */
export const optionGroups: readonly { readonly title: string; readonly options: OptionGroup }[] = [
  { title: "Entry point and listeners", options: entryPoint },
  { title: "Processes and threads", options: processes },
  { title: "Timeouts and recycling", options: timeouts },
  { title: "Client protocol and buffers", options: protocol },
  { title: "Reloading", options: reloading },
  { title: "Users and identity", options: identity },
  { title: "Static files and URL layout", options: files },
  { title: "Proxying", options: proxying },
  { title: "HTTPS", options: tls },
  { title: "Access control", options: access },
  { title: "Metrics and status", options: metrics },
  { title: "Environment, paths and Python", options: environment },
  { title: "Logging", options: logging },
  { title: "Debugging", options: debugging },
  { title: "Service scripts", options: services },
  { title: "Kept for old command lines", options: legacy },
];

/** Every option of `start-server`, by the name of its setting. */
export const optionTable = {
  ...entryPoint,
  ...processes,
  ...timeouts,
  ...protocol,
  ...reloading,
  ...identity,
  ...files,
  ...proxying,
  ...tls,
  ...access,
  ...metrics,
  ...environment,
  ...logging,
  ...debugging,
  ...services,
  ...legacy,
};

/** A value for every option. */
export type Settings = SettingsOf<typeof optionTable>;

/** The name of a setting, such as `logDirectory` for `--log-directory`. */
export type SettingName = keyof Settings;

/** Every option with the name of its setting, in the order of the table. */
export const optionEntries = Object.entries(optionTable) as [SettingName, Option][];
